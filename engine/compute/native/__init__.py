"""The native twin: the numerics over compiled loops.

Loops do in one pass what numpy could only do in several passes over memory. The functions that call
them stand below them, in files named as those of the plain twin; `native_numerics.py` puts them
together.

Measured rules for these loops: walk along a row that was sliced before the loop, from 0 on, because
an index that might be negative keeps the compiler from using vector instructions; hand no slice to
another function in a loop, because that costs a reference count; keep scalars in the arrays' own
type.
"""
