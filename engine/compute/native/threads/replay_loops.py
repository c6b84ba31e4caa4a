"""The compiled loop that does the calls of a track, and what it takes to call by address."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, types  # type: ignore[attr-defined]
from numba.core import cgutils
from numpy.typing import NDArray

from engine.compute.native.machine_code.compiled import compiled_for_threads, generated
from engine.compute.native.machine_code.tracks import ARRIVE, MOST_WORDS, WAIT, WORDS_STEP, Words
from engine.compute.native.threads.signals import look, signal

Turns = NDArray[np.int64]

LINE = 8  # numbers of a cache line: one for each thread, so that none slows the others down
GONE = 2**62  # the turn of a thread that has left, for which nobody waits
FAILED = 1  # the place of a number of the first line that is 1 once a call has failed
_NUMBER, _POINTER, _STATUS = ir.IntType(64), ir.IntType(8).as_pointer(), ir.IntType(32)


@compiled_for_threads
def replay(words: Words, at: int, turns: Turns, part: int, parts: int, patience: int) -> int:
    """Do the calls of a track from a place on.

    Return the place of the end, or that of a meeting for which patience (looks) was not enough.
    turns (parts · LINE) counts the meetings that each thread has come to. After a call that fails
    the others are done all the same, so that no thread waits in vain.
    """
    own, looks = part * LINE, 0
    while at < len(words):
        if words[at] == ARRIVE:
            signal(turns, own, turns[own] + 1)
        elif words[at] == WAIT:
            for other in range(parts):
                while look(turns, other * LINE) < turns[own]:
                    looks += 1
                    if looks >= patience:
                        return at
            looks = 0
        elif _call(words, at) != 0:
            turns[FAILED] = 1
        at += 2 + words[at + 1]
    return at


@compiled_for_threads
def numbers_at(address: int, count: int) -> Words:
    """Return the numbers that lie at an address."""
    return carray(_pointer(address), count)


@generated
def _pointer(_: Any, address: Any) -> Any:
    """Return an address as a pointer to numbers."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.inttoptr(values[0], _NUMBER.as_pointer())

    return types.CPointer(types.int64)(address), generate  # type: ignore[no-untyped-call]


@generated
def _call(_: Any, words: Any, at: Any) -> Any:
    """Do the call at a place: its address, the number of arguments, the arguments.

    Return 0, or another number if the loop has raised something: it found no memory.

    All arguments are whole numbers and pointers. Those beyond what the loop takes do no harm: who
    calls takes them away again, on every system that Python runs on.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        here = builder.gep(data, [values[1]])
        address, count = (builder.load(builder.gep(here, [_NUMBER(i)])) for i in range(2))
        result, fault, status = (
            cgutils.alloca_once(builder, kind)  # type: ignore[no-untyped-call]
            for kind in (_POINTER, _POINTER, _STATUS)
        )
        builder.store(_STATUS(1), status)  # for a length that no case is for
        end = builder.function.append_basic_block("end")
        choice = builder.switch(count, end)
        for length in range(WORDS_STEP, MOST_WORDS + 1, WORDS_STEP):
            block = builder.function.append_basic_block(f"call_{length}")
            choice.add_case(_NUMBER(length), block)
            builder.position_at_end(block)
            arguments = [_POINTER, _POINTER.as_pointer(), *[_NUMBER] * length]
            kind = ir.FunctionType(_STATUS, arguments)
            passed = [builder.load(builder.gep(here, [_NUMBER(2 + i)])) for i in range(length)]
            code = builder.inttoptr(address, kind.as_pointer())
            given = [builder.bitcast(result, _POINTER), fault, *passed]
            builder.store(builder.call(code, given), status)
            builder.branch(end)
        builder.position_at_end(end)
        return builder.load(status)

    return types.int32(words, types.intp), generate
