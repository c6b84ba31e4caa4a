"""Thread pool whose threads watch for the next job: most jobs are shorter than waking a thread."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from engine.compute.native.machine_code.tracks import Track, Words, current_track
from engine.compute.native.threads import handoff, replay_loops
from engine.compute.native.threads.replay_loops import Turns
from engine.compute.thread_pool import Pool, ignored
from engine.machine.cores import keep_off_this_core


class ThreadPool(Pool):
    """A pool whose threads watch for jobs for a little while.

    To wake a thread takes as long as many of the jobs. So a thread that has done its job polls for
    the next one for a little while (about 0.2 ms) before it sleeps. A job is a Python function, or
    a track, which is replayed without Python's lock (GIL).
    """

    _helpers: list["_PoolThread"]

    def __init__(self, threads: int) -> None:
        self._turns: Turns = np.zeros(threads * replay_loops.LINE, np.int64)
        super().__init__(threads)

    def _helper(self, part: int) -> "_PoolThread":
        return _PoolThread(part, self._turns)

    def run(
        self, jobs: Sequence[Callable[[], Any]], failed: Callable[[BaseException], None] = ignored
    ) -> list[Any]:
        """Do jobs; in a step that is captured, note what each does."""
        track = current_track.get()
        if track is None or len(jobs) == 1:
            return super().run(jobs, failed)
        track.meeting.meet()
        noted = [partial(_noted, track.meeting.track(i), job) for i, job in enumerate(jobs)]
        results = super().run(noted, failed)
        track.meeting.meet()
        return results

    def replay(self, tracks: Sequence[Words]) -> None:
        """Replay a track in each thread, or one that meets no other in this thread.

        Raises MemoryError if a loop found none; the others were done all the same.
        """
        if len(tracks) == 1:
            replay_loops.replay(tracks[0], 0, self._turns, 0, 1, handoff.PATIENCE)
        else:
            self._replay_together(*tracks)
        if self._turns[replay_loops.FAILED]:
            self._turns[replay_loops.FAILED] = 0
            raise MemoryError("a loop of a captured step found no memory")

    def _replay_together(self, first: Words, *others: Words) -> None:
        helpers, coming = self._helpers[: len(others)], 1
        try:
            for helper, track in zip(helpers, others, strict=True):
                helper.post_track(track)
                coming += 1
            self._replay_first(first, helpers)
        except BaseException:
            for part in (0, *range(coming, self.threads)):  # for whom nobody shall wait
                self._turns[part * replay_loops.LINE] = replay_loops.GONE
            raise
        finally:  # no thread may use the arrays after this returns
            faults = [helper.wait() for helper in helpers]
            if self._turns[0] == replay_loops.GONE:
                self._begin_anew()
        for fault in faults:
            if fault is not None:
                raise fault

    def _begin_anew(self) -> None:
        """Let all threads that live have come to no meeting, after a fault in the midst of some."""
        self._turns[0] = self._turns[replay_loops.FAILED] = 0
        for helper in self._helpers:
            helper.begin_anew()

    def _replay_first(self, track: Words, helpers: Sequence["_PoolThread"]) -> None:
        """Replay the track of this thread; let the others work where they take long."""
        at, parts, patience = 0, self.threads, handoff.PATIENCE
        while at < len(track):
            at = replay_loops.replay(track, at, self._turns, 0, parts, patience)
            if at < len(track):
                for helper in helpers:
                    helper.keep_apart()
                time.sleep(handoff.NAP)


class _PoolThread:
    """One thread that does a job at a time.

    A thread that cannot go on, for example because a loop that it calls cannot be compiled, keeps
    the reason as its fault. After that, no other thread waits for it.
    """

    def __init__(self, part: int, turns: Turns) -> None:
        self._part, self._turns = part, turns
        self._mail = handoff.new_mail()
        self._number, self._ended = 0, False
        self._lock, self._asleep, self._wake = threading.Lock(), False, threading.Lock()
        self._wake.acquire()
        self._job: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self._failed: Callable[[BaseException], None] = lambda error: None
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="shard", daemon=True)
        self._thread.start()

    def start(self, job: Callable[[], Any], failed: Callable[[BaseException], None]) -> None:
        """Hand a job over; `failed` is called if it fails or the thread has died."""
        self._job, self._failed = job, failed
        self._post(handoff.post)
        if self._fault is not None:  # a thread that dies only after this line calls `failed` itself
            failed(self._fault)

    def post_track(self, track: Words) -> None:
        """Hand over a track."""
        self._post(handoff.post_track, track)

    def wait(self) -> BaseException | None:
        """Wait until all that was posted is done; return the reason if it never will be."""
        while not handoff.is_done(self._mail, self._number, handoff.PATIENCE):
            if not self._thread.is_alive() and self._mail[handoff.DONE] != self._number:
                return self._fault or RuntimeError("a thread of the engine has ended by itself")
            self.keep_apart()
            time.sleep(handoff.NAP)
        return None

    def keep_apart(self) -> None:
        """Let the thread be on another core than this one: perhaps it takes long for that."""
        if self._thread.native_id is not None:
            keep_off_this_core(self._thread.native_id)

    def begin_anew(self) -> None:
        """Have come to no meeting, unless the thread has died: nobody waits for that one."""
        if self._fault is None:
            self._turns[self._part * replay_loops.LINE] = 0

    def finish(self) -> tuple[Any, BaseException | None]:
        fault = self.wait()
        outcome = self._result, fault or self._error
        self._job = self._result = self._error = None
        return outcome

    def end(self) -> None:
        """End the thread, without a compiled loop: to compile one first would take seconds."""
        with self._lock:
            self._ended = True
            self._mail[handoff.NEWEST] = handoff.GONE
            self._wake_up()
        self._thread.join()

    def _post(self, post: Callable[..., None], *arguments: Words) -> None:
        with self._lock:
            post(self._mail, self._number + 1, *arguments)
            self._number += 1
            self._wake_up()

    def _wake_up(self) -> None:
        if self._asleep:
            self._asleep = False
            self.keep_apart()
            self._wake.release()

    def _work(self) -> None:
        try:
            self._serve()
        except BaseException as error:
            self._fault = error
            self._turns[self._part * replay_loops.LINE] = replay_loops.GONE
            self._mail[handoff.DONE] = handoff.GONE
            self._failed(error)

    def _serve(self) -> None:
        np.seterr(over="ignore", invalid="ignore")  # of this thread only
        done = 0
        while True:
            patience = handoff.PATIENCE
            done = handoff.take(self._mail, self._turns, self._part, done, patience)
            with self._lock:
                self._asleep = idle = done == self._number and not self._ended
            if idle:
                self._wake.acquire()
                continue
            if self._ended:
                return
            if self._mail[handoff.KIND] == handoff.A_TRACK:
                if self._mail[handoff.AT]:  # others take long
                    time.sleep(handoff.NAP)
                continue
            assert self._job is not None
            try:
                self._result = self._job()
            except BaseException as error:  # it is raised where the result is asked for
                self._error = error
                self._failed(error)
            done += 1
            handoff.report(self._mail, done)


def _noted(track: Track, job: Callable[[], Any]) -> Any:
    with track.written():
        return job()


thread_pool = ThreadPool
