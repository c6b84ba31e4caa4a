"""Compiled loops: what numpy could only do in several passes over memory.

Measured rules for these loops: walk along a row that was sliced before the loop, from 0 on, because
an index that might be negative keeps the compiler from using vector instructions; hand no slice to
another function in a loop, because that costs a reference count; keep scalars in the arrays' own
type.
"""
