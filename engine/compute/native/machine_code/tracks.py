"""Tracks: what a thread does in a captured step, written down as calls of compiled loops.

A step of training is the same calls each time, with the same arrays: only the numbers in these
change. For a small network Python takes longer to make the calls than the loops take to run. So a
step is captured once, and then replayed without Python: see `capture.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import numpy as np
from numba import typeof, types
from numpy.typing import NDArray

Words = NDArray[np.int64]

ARRIVE, WAIT = 0, 1  # in place of an address: where the threads meet
WORDS_STEP = 16  # a call has a multiple of so many words, the last ones without meaning
MOST_WORDS = 320


class Meeting(Protocol):
    """The tracks of all threads of a capture, by which one finds the others."""

    def meet(self) -> None:
        """Let all threads wait for each other here."""

    def track(self, part: int) -> "Track":
        """Return the track of a thread."""


class Track:
    """The calls of one thread in order, as words: whole numbers of 64 bits.

    A call is the address of the machine code, the number of words that follow, and the arguments as
    the machine code takes them: whole numbers as they are, arrays as where they lie and how.
    """

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self.meetings = 0
        self._words: list[int] = []
        self.held: list[Any] = []  # the arrays, which must stay where they are

    def words(self) -> Words:
        """Return all calls so far."""
        return np.array(self._words, np.int64)

    def note(self, loop: Any, arguments: Sequence[Any]) -> None:
        """Add a call, just done, of a loop of numba's.

        Raises TypeError if an argument is no array or whole number, or if the loop returns
        something: both would stay as they are now.
        """
        kinds, address = _known(loop, arguments)
        words = [
            word
            for kind, argument in zip(kinds, arguments, strict=True)
            for word in _flat(kind, argument)
        ]
        words += [0] * (-len(words) % WORDS_STEP)
        assert len(words) <= MOST_WORDS, f"{loop} takes too much at once"
        self._words += [address, len(words), *words]
        self.held.append(arguments)

    def note_meeting(self) -> None:
        """Add that this thread waits for the others."""
        self.meetings += 1
        self._words += [ARRIVE, 0, WAIT, 0]

    @contextmanager
    def written(self) -> Iterator[None]:
        """Write down what this thread does meanwhile."""
        token = current_track.set(self)
        try:
            yield
        finally:
            current_track.reset(token)


current_track: ContextVar[Track | None] = ContextVar("current_track", default=None)


_found: dict[tuple[Any, ...], tuple[tuple[Any, ...], int]] = {}


def _known(loop: Any, arguments: Sequence[Any]) -> tuple[tuple[Any, ...], int]:
    """Return numba's types of the arguments, and the address of the code for them.

    They are kept, for numba takes longer to find them than most loops to run.
    """
    looks = (loop, *map(_looks, arguments))
    if looks not in _found:
        kinds = tuple(map(typeof, arguments))
        code = loop.overloads[kinds]  # there is one: it has just been called
        if code.signature.return_type != types.none:
            raise TypeError(f"a captured loop writes what it finds into arrays, unlike {loop}")
        address = code.library.get_pointer_to_function(code.fndesc.llvm_func_name)
        _found[looks] = kinds, address
    return _found[looks]


def _looks(value: Any) -> object:
    """Return what decides of which type numba takes an argument to be."""
    if type(value) is np.ndarray:
        return value.dtype, value.ndim, value.flags.num
    if type(value) is tuple:
        return tuple(map(_looks, value))
    if type(value) is int:
        return int
    kind: object = typeof(value)  # type: ignore[no-untyped-call]
    return kind


def _flat(kind: Any, value: Any) -> Iterator[int]:
    """Give the words of an argument, as numba passes it."""
    if isinstance(kind, types.Array):
        yield from (0, 0)  # no owner, who would have to be told of its use
        yield from (value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides)
    elif kind == types.int64:
        yield int(value)
    elif kind == types.uint64:
        yield int(np.uint64(value).astype(np.int64))
    elif isinstance(value, tuple):
        for each, part in zip(kind.types, value, strict=True):
            yield from _flat(each, part)
    else:
        raise TypeError(f"a captured loop takes arrays and whole numbers, not {kind}")
