"""Compiled loops by which the threads of `thread_pool.py` hand work to each other.

A mail is an int64 array of one helper: the number of the newest job, its kind, where the track lies
that is to be replayed, and the place that it has come to; and, on a cache line of its own since the
helper writes it, the number of the last job that is done. Each side writes GONE in place of its
number when it leaves, so that the other need not run out of patience to see it.

Who waits looks again and again for a little while, and does not ask the system to let others have
the core meanwhile (`sched_yield`): on a busy machine each such call costs a whole time slice, with
which a step of one millisecond takes seven. After that while it sleeps, and others have the core.
"""

import numpy as np
from numpy.typing import NDArray

from engine.compute.native.machine_code.compiled import compiled_for_threads
from engine.compute.native.machine_code.tracks import Words
from engine.compute.native.threads import replay_loops
from engine.compute.native.threads.replay_loops import Turns
from engine.compute.native.threads.signals import look, signal

Mail = NDArray[np.int64]

NEWEST, KIND, TRACK, LENGTH, AT, DONE, SIZE = 0, 1, 2, 3, 4, 8, 16
GONE = -1
PATIENCE = 8_000  # looks of some 25 ns, before who waits sleeps
NAP = 5e-5  # seconds
IN_PYTHON, A_TRACK = 0, 1  # kinds of jobs


def new_mail() -> Mail:
    """Make the mail of a helper."""
    return np.zeros(SIZE, np.int64)


@compiled_for_threads
def post(mail: Mail, number: int) -> None:
    """Put a job in Python into the mail."""
    mail[KIND] = IN_PYTHON
    signal(mail, NEWEST, number)


@compiled_for_threads
def post_track(mail: Mail, number: int, track: Words) -> None:
    """Put a track that is to be replayed into the mail. Its memory must stay until it is done."""
    mail[KIND], mail[TRACK], mail[LENGTH], mail[AT] = A_TRACK, track.ctypes.data, len(track), 0
    signal(mail, NEWEST, number)


@compiled_for_threads
def report(mail: Mail, number: int) -> None:
    """Say that a job is done."""
    signal(mail, DONE, number)


@compiled_for_threads
def is_done(mail: Mail, number: int, patience: int) -> bool:
    """Wait until a job is done, the helper has left, or patience (looks) is at an end.

    Return whether the job is done.
    """
    for _ in range(patience):
        done: int = look(mail, DONE)
        if done in (number, GONE):
            return done == number
    return False


@compiled_for_threads
def take(mail: Mail, turns: Turns, part: int, done: int, patience: int) -> int:
    """Replay tracks until there is a job in Python, the pool is closed, or patience is at an end.

    Gives the number of the last job that is done. A track may have been begun and not be at its
    end: the next call goes on with it.
    """
    looks, parts = 0, len(turns) // replay_loops.LINE
    while looks < patience:
        number = look(mail, NEWEST)
        looks += 1
        if number == done:
            continue
        if number == GONE or mail[KIND] == IN_PYTHON:
            break
        track = replay_loops.numbers_at(mail[TRACK], mail[LENGTH])
        mail[AT] = replay_loops.replay(track, mail[AT], turns, part, parts, patience)
        if mail[AT] < len(track):
            break
        done = number
        signal(mail, DONE, done)
        looks = 0
    return done
