"""What is plain in the place of each hand-written piece of the native twin, to measure that."""

from contextlib import ExitStack
from unittest.mock import patch

from benchmarks.peers.candidates import PIECES
from engine.compute.native.convolution_ways import winograd
from engine.compute.native.native_numerics import NativeNumerics
from engine.compute.native.threads import handoff
from engine.compute.plain_numerics import PlainNumerics
from engine.training import executor

_Replacement = tuple[object, str, object]  # what has the name, the name, what it shall be


def _never(*_: object) -> bool:
    return False


_NO_REPLAY: _Replacement = (executor, "may_replay", _never)
_REPLACEMENTS: tuple[list[_Replacement], ...] = (  # in the order of `PIECES`
    [],
    [_NO_REPLAY],
    [(handoff, "PATIENCE", 1)],
    [
        _NO_REPLAY,
        (NativeNumerics, "thread_pool", PlainNumerics.thread_pool),
        (NativeNumerics, "barrier", PlainNumerics.barrier),
    ],
    [(winograd, "pays", _never)],
)


def replace_piece(name: str) -> ExitStack:
    """Put what is plain in the place of a piece, until what is returned is closed."""
    replaced = ExitStack()
    for owner, attribute, plain in dict(zip(PIECES, _REPLACEMENTS, strict=True))[name]:
        replaced.enter_context(patch.object(owner, attribute, plain))
    return replaced
