"""Bring a known data set to this machine, with pooch: from one mirror after the other.

All is put into a folder of its own beside the place; only when every file is there and has the hash
that is expected does this folder get the name of the set.
"""

import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from engine.data.known.known_sets import KnownSet, SetFile
from engine.errors import DataError

_logger = logging.getLogger(__name__)
Report = Callable[[int, int], None]  # takes bytes done and of all; what it raises ends the work

MIRROR = "LAYERSCOPE_MIRROR"
_SECONDS = 8.0  # that a server may say nothing; as long may the end of the work take
_PIECE = 1 << 14
_ASIDE = ".download-"
_ABANDONED_SECONDS = 24 * 3600.0  # nobody is downloading that long


class _MirrorError(Exception):
    """A mirror did not give a file; the text says why, as the second half of a sentence."""


def download(known: KnownSet, report: Report) -> Path:
    """Return the folder of a set, which is downloaded if it is not there.

    Raises DataError if no mirror gives it, or it cannot be written, and whatever `report` raises;
    then nothing is left behind.
    """
    folder = known.folder
    if known.is_downloaded:
        return folder
    addresses = addresses_of(known)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left in folder.parent.glob(f"{_ASIDE}*"):  # by a program that was killed
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(
            prefix=_ASIDE, dir=folder.parent, ignore_cleanup_errors=True
        ) as aside:
            _fetch(known, addresses, Path(aside), report)
            if not known.is_downloaded:  # by another window, meanwhile
                shutil.rmtree(folder, ignore_errors=True)
                os.replace(Path(aside) / "set", folder)
    except OSError as fault:
        raise DataError(
            f"{known.title} was not downloaded: {folder.parent} cannot be written to "
            f"({fault.strerror or fault}). Check its rights and the room there, or let "
            "LAYERSCOPE_HOME name another folder."
        ) from fault
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
    if not re.match(r"https?://[^/?#]", own):
        raise DataError(
            f"{MIRROR} is {shown(own)!r}, which is no address of a mirror. Set it to one such as "
            "http://server.school/layerscope/, or remove it."
        )
    return (f"{own.rstrip('/')}/{known.name}/",)


def shown(address: str) -> str:
    """Return an address without the password that may be in it."""
    return re.sub(r"(?<=//)[^/@]*@", "", address)


def _fetch(known: KnownSet, addresses: tuple[str, ...], aside: Path, report: Report) -> None:
    """Put the files into the folder "set"; what one mirror has given, no other is asked for."""
    refusals = []
    for address in addresses:
        done = 0
        try:
            for file in known.files:
                _fetch_file(address, file, aside, _Progress(file.size, done, known.size, report))
                done += file.size
            report(done, known.size)
            return
        except _MirrorError as refusal:
            _logger.warning("%s of %s: %s", file.name, shown(address), refusal)
            refusals.append(f"{re.sub('.*@', '', address.split('/')[2])}: {refusal}")
    other = (
        f"check {MIRROR}" if os.environ.get(MIRROR) else f"name a mirror of your own in {MIRROR}"
    )
    raise DataError(
        f"{known.title} could not be downloaded. {'; '.join(refusals)}. Check that this computer "
        f"is online and try again later, or {other}."
    )


class _Progress:
    """What pooch takes for its progress bar. What `report` raises ends the download."""

    def __init__(self, size: int, before: int, whole: int, report: Report) -> None:
        self._size, self._before, self._whole, self._report = size, before, whole, report
        self.total = self.received = 0

    def update(self, count: int) -> None:
        """Report some bytes more; raise ValueError if there are too many."""
        self.received += count
        if self.received > self._size + _PIECE:
            raise ValueError("The file is longer than it should be.")
        self._report(self._before + min(self.received, self._size), self._whole)

    def reset(self) -> None:
        """Make ready for the total, which pooch adds to fill its bar."""
        self.received -= self.total

    def close(self) -> None:
        """Do nothing."""


def _fetch_file(address: str, file: SetFile, aside: Path, progress: _Progress) -> None:
    """Put a file, or the members of an archive, into the folder "set"."""
    import pooch
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    pooch.get_logger().setLevel(logging.WARNING)  # it writes what it does to stderr
    unpacked = [member.inside for member in file.members]
    unpack = pooch.Unzip if file.name.endswith(".zip") else pooch.Untar
    progress.update(0)  # whoever waited for another mirror may no longer want it
    try:
        pooch.retrieve(
            urljoin(address, file.name),
            f"sha256:{file.sha256}",
            file.name,
            aside if unpacked else aside / "set",
            unpack(unpacked, "unpacked") if unpacked else None,
            pooch.HTTPDownloader(
                progress,
                _PIECE,
                timeout=_SECONDS,
                headers={"Accept-Encoding": "identity"},
                hooks={"response": _as_it_is},
            ),
        )
    except (RequestException, HTTPError, ValueError) as fault:
        raise _MirrorError(_why(fault, progress.received)) from fault
    (aside / "set").mkdir(exist_ok=True)
    for member in file.members:
        os.replace(aside / "unpacked" / member.inside, aside / "set" / member.name)
    if not unpacked:
        (aside / "set" / file.name).chmod(0o644)  # pooch makes it for its owner alone


def _as_it_is(response: Any, *_: object, **__: object) -> None:
    """Keep requests from unpacking a .gz file, which servers call encoded."""
    response.raw.headers.pop("Content-Encoding", None)


def _why(fault: Exception, received: int) -> str:
    """Say why a mirror did not give a file."""
    from requests import exceptions

    if isinstance(fault, exceptions.HTTPError) and fault.response is not None:
        return f"it answered {fault.response.status_code}"
    if received and isinstance(fault, ValueError):  # so pooch says that the hash is another
        return "it gave another file than the one whose SHA-256 is known"
    if received or isinstance(fault, exceptions.ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(fault, exceptions.Timeout):
        return f"it did not answer within {_SECONDS:g} seconds"
    if isinstance(fault, exceptions.ConnectionError):
        return "there is no connection"
    return "its answer is not understood"
