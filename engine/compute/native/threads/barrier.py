"""Barrier whose meetings a capture notes."""

import threading

from engine.compute.native.machine_code.tracks import current_track


class Barrier(threading.Barrier):
    """Lets so many threads wait for each other, any number of times."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until all threads are here.

        Raises threading.BrokenBarrierError once the barrier is broken.
        """
        track = current_track.get()
        if track is not None:
            track.note_meeting()
        return super().wait(timeout)


barrier = Barrier
