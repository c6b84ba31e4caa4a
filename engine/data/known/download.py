"""Bring a known data set to this machine: from one mirror after the other, whole or not at all.

All is put into a folder of its own beside the place; only when every file is there and has the hash
that is expected does this folder get the name of the set.
"""

import contextlib
import errno
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from engine.data.known.known_sets import KnownSet, SetFile, megabytes
from engine.data.known.transfer import MirrorError, Patience, Transfer
from engine.data.known.unpacking import unpack
from engine.errors import DataError

_logger = logging.getLogger(__name__)
Report = Callable[[int, int], None]  # takes bytes done and of all; what it raises ends the work

MIRROR = "LAYERSCOPE_MIRROR"
PATIENCE = Patience()
_ASIDE = re.compile(r"\.download-[0-9a-f]{16}")
_ABANDONED_SECONDS = 3600.0  # in which nothing was written: nobody is downloading any more
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def download(known: KnownSet, report: Report, patience: Patience = PATIENCE) -> Path:
    """Return the folder of a set, which is downloaded if it is not there.

    Raises DataError if no mirror gives it, or it cannot be written, and whatever `report` raises;
    then nothing is left behind.
    """
    folder = known.folder
    if known.is_downloaded:
        return folder
    addresses = addresses_of(known)
    aside = folder.with_name(f".download-{secrets.token_hex(8)}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        _require_room(known, folder.parent)
        (aside / "set").mkdir(parents=True)
        _Fetching(known, list(addresses), aside, report, patience).run()
        _put(aside / "set", known, aside / "old")
    except OSError as fault:
        raise DataError(_in_words(fault, known)) from fault
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _logger.info("%s is in %s", known.title, folder)
    return folder


def addresses_of(known: KnownSet) -> tuple[str, ...]:
    """Return where the files of a set are looked for: folders, the first before the others.

    LAYERSCOPE_MIRROR takes the place of all mirrors.
    Raises DataError if it is no address.
    """
    own = os.environ.get(MIRROR, "").strip()
    if not own:
        return known.mirrors
    if not _is_address(own):
        raise DataError(
            f"{MIRROR} is {shown(own)!r}, which is no address of a mirror. Set it to one such as "
            "http://server.school/layerscope/, or remove it."
        )
    return (f"{own.rstrip('/')}/{known.name}/",)


def _is_address(text: str) -> bool:
    """Return whether a text is an address of the web."""
    try:
        parts = urlsplit(text.encode().decode())
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a letter, the brackets of IPv6 or the port
        return False


def shown(address: str) -> str:
    """Return an address without the password that may be in it."""
    return re.sub(r"(?<=//)[^/@]*@", "", address)


class _Fetching:
    """Fetches the files of a set into the folder "set" of one that is its own."""

    def __init__(
        self,
        known: KnownSet,
        addresses: list[str],
        aside: Path,
        report: Report,
        patience: Patience,
    ) -> None:
        self._known, self._addresses, self._aside = known, addresses, aside
        self._report, self._patience = report, patience
        self._tries = self._done = 0

    def run(self) -> None:
        """Fetch all files."""
        for file in self._known.files:
            path = self._fetch(file)
            self._done += file.size
            if file.members:
                unpack(path, file.members, self._aside / "set", lambda: self._tell(0))
                path.unlink()
            else:
                os.replace(path, self._aside / "set" / file.name)
        self._tell(0)

    def _fetch(self, file: SetFile) -> Path:
        """Return a file from the first mirror that gives it; the next file is asked of that one."""
        refusals = []
        for address in tuple(self._addresses):
            self._tries += 1
            place = self._aside / f"try-{self._tries}"
            transfer = Transfer(urljoin(address, file.name), file, place, self._patience)
            try:
                return transfer.wait(self._tell)
            except MirrorError as refusal:
                _logger.warning("%s from %s: %s", file.name, shown(address), refusal)
                refusals.append((address, str(refusal)))
                self._addresses.remove(address)
                self._addresses.append(address)
        raise DataError(_none_gave(self._known, refusals))

    def _tell(self, received: int) -> None:
        self._report(self._done + received, self._known.size)


def _none_gave(known: KnownSet, refusals: Sequence[tuple[str, str]]) -> str:
    """Say what was wrong with each mirror."""
    reasons = "; ".join(f"{urlsplit(shown(address)).netloc}: {why}" for address, why in refusals)
    other = (
        f"check {MIRROR}" if os.environ.get(MIRROR) else f"name a mirror of your own in {MIRROR}"
    )
    return (
        f"{known.title} could not be downloaded. {reasons}. Check that this computer is online and "
        f"try again later, or {other}."
    )


def _put(found: Path, known: KnownSet, old: Path) -> None:
    """Give a complete folder the name of its set; what had that name before was incomplete."""
    folder = known.folder
    if known.is_downloaded:  # by another window, meanwhile
        return
    if os.path.lexists(folder):
        os.replace(folder, old)
    os.replace(found, folder)


def _require_room(known: KnownSet, folder: Path) -> None:
    unpacked = sum(member.size or 0 for file in known.files for member in file.members)
    needed, free = known.size + unpacked, shutil.disk_usage(folder).free
    if free < needed:
        raise DataError(
            f"{known.title} needs {megabytes(needed)}, but only {megabytes(free)} are free in "
            f"{folder}. Make room there, or let LAYERSCOPE_HOME name another folder."
        )


def _sweep(folder: Path) -> None:
    """Remove what programs that were killed while downloading have left."""
    for entry in os.scandir(folder):
        if _ASIDE.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
            with contextlib.suppress(OSError):  # another program may remove it meanwhile
                if time.time() - _last_written(entry.path) > _ABANDONED_SECONDS:
                    shutil.rmtree(entry.path)


def _last_written(folder: str) -> float:
    within = (os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)
    return max(os.lstat(path).st_mtime for path in (folder, *within))


def _in_words(fault: OSError, known: KnownSet) -> str:
    folder = known.folder.parent
    if fault.errno in _FULL:
        what, remedy = f"there is no room left in {folder}", "Make room there"
    elif fault.errno in _FORBIDDEN:
        what, remedy = f"{folder} may not be written to", "Change its rights"
    else:
        what, remedy = f"{folder} cannot be used ({fault.strerror or fault})", "Check it"
    return (
        f"{known.title} was not downloaded: {what}. {remedy}, or let LAYERSCOPE_HOME name another "
        "folder."
    )
