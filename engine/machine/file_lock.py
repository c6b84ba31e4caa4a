"""FileLock: a lock between programs, which the system takes off when one of them is killed."""

import contextlib
import errno
import os
import sys
import time
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PATIENCE = 0.005  # s between two tries
# What network and user file systems say that have no locks: whoever asks has the file for itself.
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


class FileLock:
    """Locks a file, which is made if need be and stays; nothing is written to it.

    Two locks exclude each other also within a program, in whatever threads. On a file system that
    has no locks, all can be taken, and nothing is ever locked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self, seconds: float = 0.0) -> bool:
        """Take the lock; return whether that was possible, within some seconds.

        Raises OSError if the file cannot be opened or made.
        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self._path, flags, 0o666)
        end = time.monotonic() + seconds
        try:
            while not _locked(descriptor):
                if time.monotonic() >= end:
                    os.close(descriptor)
                    return False
                time.sleep(_PATIENCE)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def give_back(self) -> None:
        """Take the lock off, if it was taken."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Return whether somebody holds the lock of a file; not if there is none, or it is no file.

    Any number may look at the same time: none of them takes another for the holder.
    """
    if not os.path.isfile(path) or os.path.islink(path):
        return False
    with contextlib.suppress(OSError):  # whoever may not open it cannot know
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        try:
            return not _locked(descriptor, shared=True)
        finally:
            os.close(descriptor)
    return False


def _locked(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file, unless another has it locked; `shared`: unless as the only one."""
    try:
        if sys.platform == "win32":  # which knows no shared lock here
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True
