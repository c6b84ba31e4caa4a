"""Compiled loops by which the threads of `thread_pool.py` hand work to each other.

A mail is an int64 array of one helper: the number of the newest job, the function and arguments of
a compiled one (0 for a job in Python), the system's way to let others have the core, and, on a
cache line of its own since the helper writes it, the number of the last job that is done. Each side
writes GONE in place of its number when it leaves. The other need not run out of patience to see it:
on a busy machine that takes seconds, for each time that a thread gives way costs it a time slice.
"""

import numpy as np
from numpy.typing import NDArray

from engine.compute.native.compiled import compiled
from engine.compute.native.llvm import call, give_way, give_way_address, look, signal

Mail = NDArray[np.int64]

NEWEST, FUNCTION, ARGUMENTS, GIVE_WAY, DONE = 0, 1, 2, 3, 16
GONE = -1
LOOKS = 100  # before others may have the core: together less than a microsecond


def new_mail() -> Mail:
    """Make the mail of a helper."""
    mail = np.zeros(32, np.int64)
    mail[GIVE_WAY] = give_way_address()
    return mail


@compiled
def post(mail: Mail, number: int, function: int, arguments: int) -> None:
    """Put a job into the mail."""
    mail[FUNCTION] = function
    mail[ARGUMENTS] = arguments
    signal(mail, NEWEST, number)


@compiled
def report(mail: Mail, number: int) -> None:
    """Say that a job is done."""
    signal(mail, DONE, number)


@compiled
def do(function: int, arguments: int, part: int) -> None:
    """Do a part of a compiled job."""
    call(function, arguments, part)


@compiled
def is_done(mail: Mail, number: int, patience: int) -> bool:
    """Wait until a job is done, the helper has left, or patience is at an end.

    Return whether the job is done.
    """
    for _ in range(patience):
        for _ in range(LOOKS):
            done: int = look(mail, DONE)
            if done in (number, GONE):
                return done == number
        give_way(mail[GIVE_WAY])
    return False


@compiled
def take(mail: Mail, part: int, done: int, patience: int) -> int:
    """Do compiled jobs until there is one in Python, the pool is closed, or patience is at an end.

    Gives the number of the last job that is done.
    """
    waited = 0
    while waited < patience:
        for _ in range(LOOKS):
            number = look(mail, NEWEST)
            if number != done:
                break
        if number == done:
            give_way(mail[GIVE_WAY])
            waited += 1
            continue
        if number == GONE or mail[FUNCTION] == 0:
            break
        call(mail[FUNCTION], mail[ARGUMENTS], part)
        done = number
        signal(mail, DONE, done)
        waited = 0
    return done
