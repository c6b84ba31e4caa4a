"""Write a file whole or not at all, whatever happens meanwhile."""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.errors import LayerscopeError

_ASIDE = re.compile(r"\.layerscope-[0-9a-f]{16}\.tmp")
_ABANDONED_SECONDS = 3600.0  # no writing takes that long
_CHUNK = 8_000_000  # bytes between two looks at whether the work shall end
_TRIES, _PAUSE = 10, 0.05  # s: nobody reads a file for longer

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


ProgressReport = Callable[
    [float], None
]  # takes the fraction done, 0 to 1; what it raises ends the work


def no_report(_fraction: float) -> None:
    """Ignore how far the work is."""


def write_atomically(path: Path, data: bytes, report: ProgressReport = no_report) -> None:
    """Put `data` under a name: the old content stays until the new one is safe on the disk.

    The permissions of an existing file are kept, and a symbolic link stays one.
    Raises OSError, and then nothing has changed.
    """
    target = Path(os.path.realpath(path))
    mode = replaceable_mode(target)
    descriptor, aside = _open_aside(target.parent)
    try:
        write_whole(descriptor, data, report)
        if mode is not None:
            os.chmod(aside, mode)
        replace_patiently(aside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
    sync_folder(target.parent)


def replace_file(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Put some pieces under a name, one after the other: all, or none if the program is killed.

    It is not waited for until it is safe on the disk: where a loss of power leaves another content,
    a checksum must tell. Raises OSError, and then nothing has changed.
    """
    descriptor, aside = _open_aside(path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
        replace_patiently(aside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def replace_patiently(aside: Path, target: Path) -> None:
    """Put a file in the place of another, which some other program may just be reading.

    Windows replaces no open file: it is tried again for half a second. Raises OSError.
    """
    for _ in range(_TRIES - 1):
        try:
            os.replace(aside, target)
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) is None:
                raise
            time.sleep(_PAUSE)
    try:
        os.replace(aside, target)
    except PermissionError as error:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(target)) from error


def write_whole(descriptor: int, data: bytes, report: ProgressReport = no_report) -> None:
    """Write to an open file until all of it is safe on the disk, and close it."""
    with os.fdopen(descriptor, "wb") as file:
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            report(start / len(view))
            file.write(view[start : start + _CHUNK])
        file.flush()
        os.fsync(file.fileno())
    report(1.0)


def write_file(
    path: Path, data: bytes, fault: type[LayerscopeError], report: ProgressReport = no_report
) -> None:
    """Write atomically; raise `fault` with words for a user if that fails."""
    try:
        write_atomically(path, data, report)
    except (OSError, ValueError) as error:
        raise fault(in_words(error, path)) from error


def require_writable(path: Path, fault: type[LayerscopeError]) -> None:
    """Raise `fault` if `path` cannot be written now. Ask before work whose result goes there."""
    try:
        target = Path(os.path.realpath(path))
        replaceable_mode(target)
        descriptor, aside = _open_aside(target.parent)
        try:
            os.write(descriptor, b"\n")  # a full disk, too, lets files be made
        finally:
            os.close(descriptor)
            aside.unlink()
    except (OSError, ValueError) as error:
        raise fault(in_words(error, path)) from error


def sweep(folder: Path) -> None:
    """Remove what programs that were killed while writing have left in a folder."""
    with contextlib.suppress(OSError, ValueError):  # the latter for a NUL in the name
        for entry in os.scandir(folder):
            if not _ASIDE.fullmatch(entry.name) or entry.is_symlink():
                continue
            if time.time() - entry.stat(follow_symlinks=False).st_mtime <= _ABANDONED_SECONDS:
                continue
            if entry.is_dir():
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


def replaceable_mode(target: Path) -> int | None:
    """Return the permissions of the file to be replaced, None if there is none.

    Replacing asks for rights to the folder only, so what plain writing would refuse is refused
    here, by an OSError: a folder, a device, a file that is marked as read-only.
    """
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return stat.S_IMODE(mode)


def aside_name() -> str:
    """Return an unused name for what will take its place later."""
    return f".layerscope-{secrets.token_hex(8)}.tmp"


def _open_aside(folder: Path) -> tuple[int, Path]:
    """Create a new file of an unused name, with the permissions that new files get."""
    aside = folder / aside_name()
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    return os.open(aside, flags, 0o666), aside


def sync_folder(folder: Path) -> None:
    """Make the new name itself safe, where the platform can sync a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def in_words(error: OSError | ValueError, path: Path) -> str:
    """Say in a sentence for a user why a file was not written."""
    number = error.errno if isinstance(error, OSError) else None
    refused = f"{path} was not written"
    if number in _FULL:
        return f"{refused}: the disk is full. Make room there, or choose another folder."
    if number in _FORBIDDEN:
        return (
            f"{refused}: the file or its folder is read-only. Choose another folder, or change "
            "the permissions."
        )
    if number == errno.EBUSY:
        return (
            f"{refused}: the file there cannot be replaced. Close the program that has it open, or "
            "choose another name."
        )
    if number == errno.ENOENT:
        return f"{refused}: the folder {path.parent} does not exist. Create it, or choose another."
    if number == errno.EISDIR:
        return f"{refused}: there is a folder of that name. Choose another name."
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{refused}: {reason}. Choose another name or folder."
