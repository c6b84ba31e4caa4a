"""Capture: the calls of a training step, written down once and then replayed without Python.

PyTorch has the same for graphics cards, where it is called a CUDA graph. While a step is captured
it is done as ever, and every call of a compiled loop is noted. What is not such a call is not
replayed: numpy may only make views and memory there, not compute.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.compute.native.machine_code.tracks import Track, Words
from engine.compute.native.threads.thread_pool import ThreadPool
from engine.compute.thread_pool import Pool


class Capture:
    """What the threads of a pool do in a step: a track for each of them."""

    def __init__(self, pool: ThreadPool) -> None:
        self._pool = pool
        self._tracks: list[Track] = []
        self._words: list[Words] = []
        self._held: list[list[Any]] = []

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Note what is done meanwhile, by this thread and by those of the pool."""
        self._tracks = [Track(self) for _ in range(self._pool.threads)]
        try:
            with self._tracks[0].written():
                yield
            self._make_even()
            first, *others = (track.words() for track in self._tracks)
            # Without a meeting, only the first has anything to do.
            self._words = [first, *others] if any(map(len, others)) else [first]
            self._held = [track.held for track in self._tracks]
        finally:
            self._tracks = []  # they know this capture: in a circle, arrays would stay for long

    def replay(self) -> None:
        """Do again what was noted, with what is in the arrays now."""
        self._pool.replay(self._words)

    def track(self, part: int) -> Track:
        """Return the track of a thread."""
        return self._tracks[part]

    def meet(self) -> None:
        """Let all threads wait for each other here."""
        self._make_even()
        for track in self._tracks:
            track.note_meeting()

    def _make_even(self) -> None:
        """Let threads that had no job wait as often as the others, who met in theirs."""
        most = max(track.meetings for track in self._tracks)
        for track in self._tracks:
            for _ in range(most - track.meetings):
                track.note_meeting()


def capture(pool: Pool) -> Capture:
    assert isinstance(pool, ThreadPool), "a pool of this twin"
    return Capture(pool)
