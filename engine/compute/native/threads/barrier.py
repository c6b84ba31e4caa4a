"""Barrier whose threads watch for each other: they come soon, and waking a thread takes long."""

import threading
import time

from engine.compute.native.machine_code.tracks import current_track
from engine.compute.native.threads import handoff


class Barrier:
    """Lets so many threads wait for each other, any number of times.

    The mail of a helper serves for this: the turn that all threads have come to is its job done.
    """

    def __init__(self, parties: int) -> None:
        self._parties, self._arrived, self._broken = parties, 0, False
        self._mail, self._lock = handoff.new_mail(), threading.Lock()

    def wait(self) -> None:
        """Wait until all threads are here.

        Raises threading.BrokenBarrierError once the barrier is broken.
        """
        track = current_track.get()
        if track is not None:
            track.note_meeting()
        with self._lock:
            if self._broken:
                raise threading.BrokenBarrierError
            turn, others = divmod(self._arrived, self._parties)
            self._arrived += 1
            if others == self._parties - 1:
                handoff.report(self._mail, turn + 1)
                return
        while not handoff.is_done(self._mail, turn + 1, handoff.PATIENCE):
            if self._broken:
                raise threading.BrokenBarrierError
            time.sleep(handoff.NAP)

    def abort(self) -> None:
        """Break the barrier, so that no thread waits there any more."""
        with self._lock:
            self._broken = True
            self._mail[handoff.DONE] = handoff.GONE


def barrier(parties: int) -> Barrier:
    """Make a barrier for so many threads."""
    return Barrier(parties)
