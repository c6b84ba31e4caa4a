"""Compiled loops by which the threads of `thread_pool.py` hand work to each other.

A mail is an int64 array of one helper: the number of the newest job, its kind, and the arguments of
a product; and, on a cache line of its own since the helper writes it, the number of the last job
that is done. Each side writes GONE in place of its number when it leaves, so that the other need
not run out of patience to see it.

Who waits looks again and again for a little while, and does not ask the system to let others have
the core meanwhile (`sched_yield`): on a busy machine each such call costs a whole time slice, with
which a step of one millisecond takes seven. After that while it sleeps, and others have the core.
"""

import numpy as np
from numpy.typing import NDArray

from engine.compute.native import dense_loops
from engine.compute.native.compiled import compiled
from engine.compute.native.dense_loops import Arguments
from engine.compute.native.signals import look, signal

Mail = NDArray[np.int64]

NEWEST, KIND, DONE, PRODUCT = 0, 1, 8, 16  # the arguments begin at PRODUCT
GONE = -1
PATIENCE = 8_000  # looks of some 25 ns, before who waits sleeps
NAP = 5e-5  # seconds
IN_PYTHON, A_PRODUCT = 0, 1  # kinds of jobs


def new_mail() -> Mail:
    """Make the mail of a helper."""
    return np.zeros(PRODUCT + dense_loops.ARGUMENTS, np.int64)


@compiled
def post(mail: Mail, number: int) -> None:
    """Put a job in Python into the mail."""
    mail[KIND] = IN_PYTHON
    signal(mail, NEWEST, number)


@compiled
def post_product(mail: Mail, number: int, arguments: Arguments) -> None:
    """Put a part of a product into the mail."""
    mail[KIND] = A_PRODUCT
    mail[PRODUCT:] = arguments
    signal(mail, NEWEST, number)


@compiled
def report(mail: Mail, number: int) -> None:
    """Say that a job is done."""
    signal(mail, DONE, number)


@compiled
def is_done(mail: Mail, number: int, patience: int) -> bool:
    """Wait until a job is done, the helper has left, or patience (looks) is at an end.

    Return whether the job is done.
    """
    for _ in range(patience):
        done: int = look(mail, DONE)
        if done in (number, GONE):
            return done == number
    return False


@compiled
def take(mail: Mail, part: int, done: int, patience: int) -> int:
    """Do products until there is a job in Python, the pool is closed, or patience is at an end.

    Gives the number of the last job that is done.
    """
    looks = 0
    while looks < patience:
        number = look(mail, NEWEST)
        looks += 1
        if number == done:
            continue
        if number == GONE or mail[KIND] == IN_PYTHON:
            break
        dense_loops.multiply_part(mail[PRODUCT:], part)
        done = number
        signal(mail, DONE, done)
        looks = 0
    return done
