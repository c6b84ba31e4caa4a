"""Recovery files: where they lie, whose they are, and what is in them.

The work of `mine.layerscope` is kept beside it as `.mine.layerscope-recovery`, or with a number at
its end if another living window has that name. Untitled work, and that of folders which cannot be
written, is kept under Layerscope's own folder. A lock beside a recovery file belongs to the process
that writes it, so a file with a dead lock or none was left behind. A note in Layerscope's own
folder says where each one beside a project is, so that the next start finds it wherever it is.

A name that would be too long for a file system is cut, and a fingerprint of the whole name tells it
from others; its note then names the project after a NUL.
"""

import contextlib
import datetime
import hashlib
import os
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from engine.errors import ProjectError
from engine.files.atomic import sweep, write_atomically
from engine.files.project_file import PROJECT_ENDING, open_project
from engine.files.untrusted_read import read_file
from engine.model.project import Project
from engine.paths import home
from engine.text import words

ENDING = "-recovery"
_NAME = re.compile(rf"(?P<base>.+{ENDING})(-\d+)?(\.lock)?")
_NOTE_ENDING = ".note"
_MOST = 100  # windows on one file
_LONGEST_NOTE = 100_000
# Bytes that a file system gives to a name, less what is put after it: a number, the ending of the
# lock, and the ending of the lock by which Qt removes a dead lock.
_LONGEST_BASE = 255 - len("-99.lock.rmlock")
_FINGERPRINT = 16  # hexadecimal digits


class Claim:
    """The name of a recovery file, which nothing else uses until it is released."""

    def __init__(self, path: Path, lock: QLockFile) -> None:
        self.path = path
        self._lock = lock

    def release(self) -> None:
        """Give the name up; a file under it stays for later."""
        self._lock.unlock()

    def remove(self) -> None:
        """Delete the file, which holds nothing that is not safe elsewhere, and give its name up."""
        for path in (self.path, _note_of(self.path)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        self._lock.unlock()


@dataclass(frozen=True)
class Orphan:
    """Work that a process which lives no more has left behind."""

    claim: Claim
    project: Project
    path: Path | None  # the user's file that it belongs to
    name: str
    time: datetime.datetime

    def question(self) -> str:
        """Ask for it by its name."""
        return f"Recover the unsaved changes to {self.name}?"

    def details(self) -> str:
        """Return when it was kept, and what is in it."""
        blocks, epochs = len(self.project.stack), words.count(self.project.position, "epoch")
        lines = [
            "Layerscope ended without closing it.",
            f"Kept on {self.time:%Y-%m-%d at %H:%M:%S}: {blocks:,} block{'s' * (blocks != 1)}, "
            f"{epochs} trained.",
        ]
        if self.path is not None and (saved := _time_of(self.path)) and saved > self.time:
            lines.append(f"The file itself was saved later, on {saved:%Y-%m-%d at %H:%M:%S}.")
        lines.append("Your file is not changed until you save.")
        return "\n".join(lines)


def own_folder() -> Path:
    """Return the folder for the recovery of what has no folder that can be written."""
    return home() / "recovery"


def claim_new(project: Path | None, *, beside: bool = True) -> Claim | None:
    """Find a free name for the recovery of a project; None if its folder cannot be written."""
    if project is not None and beside:
        folder, base = project.parent, _base(project.name, ".")
    else:
        folder = own_folder()
        base = _base(project.name if project else f"untitled{PROJECT_ENDING}")
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, _MOST):
        path = folder / (base if number == 1 else f"{base}-{number}")
        lock = _lock_of(path)
        if lock.tryLock(0):
            if not os.path.lexists(path):
                if project is not None and folder != own_folder():
                    _write_note(path, project.name)
                return Claim(path, lock)
            lock.unlock()  # left behind, and not to be lost
        elif lock.error() != QLockFile.LockError.LockFailedError:
            return None
    return None


def find_orphans(projects: Iterable[Path]) -> Iterator[Orphan]:
    """Find what was left behind beside these projects; each is claimed when it is given."""
    for project in dict.fromkeys(projects):
        sweep(project.parent)
        whole = f".{project.name}{ENDING}"  # as it was called before long names were cut
        for path in _recovery_files(project.parent, {_base(project.name, "."), whole}):
            if orphan := _adopt(path, project, project.name):
                yield orphan


def noted_projects() -> list[Path]:
    """List the projects beside which recovery files were begun; drop the notes of those gone."""
    found = []
    notes = [name for name in _names_in(own_folder()) if name.endswith(_NOTE_ENDING)]
    for note in (own_folder() / name for name in notes):
        try:
            text = os.fsdecode(read_file(note, _LONGEST_NOTE, ProjectError))
        except ProjectError:
            continue
        place, _, project = text.partition("\0")
        path = Path(place)
        if not path.is_absolute():
            continue  # not one of ours
        match = _NAME.fullmatch(path.name)
        # os.path answers no where pathlib raises: for a folder that cannot be looked into.
        begun = os.path.lexists(path) or os.path.lexists(f"{path}.lock")
        gone = not begun and os.access(path.parent, os.R_OK | os.X_OK)
        if match is None or gone:  # a folder that is not there may come back, as that of a stick
            with contextlib.suppress(OSError):
                note.unlink()
        else:
            project = project or match["base"].removeprefix(".").removesuffix(ENDING)
            found.append(path.parent / Path(project).name)
    return sorted(found)


def find_own_orphans() -> Iterator[Orphan]:
    """Find what was left behind in Layerscope's own folder; each is claimed when it is given."""
    sweep(own_folder())
    for path in _recovery_files(own_folder()):
        name = path.name.rpartition(ENDING)[0]
        untitled = name == f"untitled{PROJECT_ENDING}"
        if orphan := _adopt(path, None, "an untitled network" if untitled else name):
            yield orphan


def _names_in(folder: Path) -> list[str]:
    """List a folder; one that cannot be looked into has nothing for us."""
    try:
        return os.listdir(folder)
    except (OSError, ValueError):
        return []


def _base(name: str, before: str = "") -> str:
    """Return what a recovery file is called, its number aside: the name whole, or cut to fit."""
    room = _LONGEST_BASE - len(before) - len(ENDING)
    raw = os.fsencode(name)
    if len(raw) > room:
        begin = raw[: room - _FINGERPRINT - 1].decode("utf-8", "ignore")  # no half letter
        name = f"{begin}~{hashlib.sha256(raw).hexdigest()[:_FINGERPRINT]}"
    return f"{before}{name}{ENDING}"


def _recovery_files(folder: Path, bases: Container[str] | None = None) -> list[Path]:
    """List recovery files, and names of which only a lock is left, the newest first."""
    found = set()
    for name in _names_in(folder):
        match = _NAME.fullmatch(name)
        if match is not None and (bases is None or match["base"] in bases):
            found.add(folder / name.removesuffix(".lock"))
    earliest = datetime.datetime.min
    return sorted(found, key=lambda path: _time_of(path) or earliest, reverse=True)


def _adopt(path: Path, project: Path | None, name: str) -> Orphan | None:
    """Claim a recovery file, if no living process has it and it says what no other file does."""
    lock = _lock_of(path)
    if not lock.tryLock(0):
        return None
    claim, time = Claim(path, lock), _time_of(path)
    try:
        contents = open_project(path) if time is not None else None
    except ProjectError:
        contents = None  # it may be of a newer version
    if contents is None or time is None:
        claim.release()
        return None
    if project is not None and _is_same(path, project):  # killed between saving and tidying up
        claim.remove()
        return None
    return Orphan(claim, contents, project, name, time)


def _note_of(path: Path) -> Path:
    """Return the note that says where a recovery file is."""
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return own_folder() / f"{name}{_NOTE_ENDING}"


def _write_note(path: Path, project: str) -> None:
    whole = path.name.startswith(f".{project}{ENDING}")
    note = os.fsencode(path if whole else f"{path}\0{project}")
    with contextlib.suppress(OSError, ValueError):
        own_folder().mkdir(parents=True, exist_ok=True)
        write_atomically(_note_of(path), note)


def _is_same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        # The other is the user's, so it may be a pipe or a device by now.
        return other.is_file() and one.read_bytes() == other.read_bytes()
    return False


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(f"{path}.lock")
    lock.setStaleLockTime(0)  # only the death of its owner makes a lock stale
    return lock


def _time_of(path: Path) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromtimestamp(path.stat().st_mtime)
    except (OSError, ValueError, OverflowError):  # the last two for a time out of all range
        return None
