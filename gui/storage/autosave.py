"""Autosave: keeps unsaved work in a recovery file, so that no crash takes more than seconds.

The work of `mine.layerscope` is kept beside it as `.mine.layerscope-recovery`, or with a number at
its end if another living window has that name. Untitled work, and that of folders which cannot be
written, is kept under Layerscope's own folder. A lock beside a recovery file belongs to the process
that writes it, so a file with a dead lock or none was left behind. It is offered at the next start,
or, beside a project that is no recent one, when that is opened.

A name that would be too long for a file system is cut, and a fingerprint of the whole name tells it
from others.
"""

import contextlib
import datetime
import hashlib
import logging
import math
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Slot

from engine.errors import LayerscopeError, ProjectError
from engine.files.atomic import sweep, write_file
from engine.files.project_file import PROJECT_ENDING, encode_project, open_project
from engine.log import written_log
from engine.model.project import Project
from engine.paths import home
from engine.text import words
from gui.background.waiting import LAST_SECONDS, PATIENCE
from gui.document.document import Document
from gui.widgets.messages import MessageBar

ENDING = "-recovery"
_NAME = re.compile(rf"(?P<base>.+{ENDING})(-\d+)?(\.lock)?")
_MOST = 100  # windows on one file
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
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._lock.unlock()


@dataclass(frozen=True)
class Orphan:
    """Work that a process which lives no more has left behind."""

    claim: Claim
    project: Project
    path: Path | None  # the user's file that it belongs to
    name: str
    time: datetime.datetime

    def details(self) -> str:
        """Return when it was kept, and what is in it."""
        blocks, epochs = len(self.project.stack), words.count(self.project.position, "epoch")
        lines = [
            "Layerscope closed unexpectedly.",
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
                return Claim(path, lock)
            lock.unlock()  # left behind, and not to be lost
        elif lock.error() != QLockFile.LockError.LockFailedError:
            return None
    return None


def find_orphans(projects: Iterable[Path]) -> Iterator[Orphan]:
    """Find what was left behind beside these projects; each is claimed when it is given."""
    for project in dict.fromkeys(projects):
        sweep(project.parent)
        for path in _recovery_files(project.parent, _base(project.name, ".")):
            if orphan := _adopt(path, project, project.name):
                yield orphan


def find_own_orphans() -> Iterator[Orphan]:
    """Find what was left behind in Layerscope's own folder; each is claimed when it is given."""
    sweep(own_folder())
    for path in _recovery_files(own_folder()):
        name = path.name.rpartition(ENDING)[0]
        untitled = name == f"untitled{PROJECT_ENDING}"
        if orphan := _adopt(path, None, "an untitled network" if untitled else name):
            yield orphan


def _base(name: str, before: str = "") -> str:
    """Return what a recovery file is called, its number aside: the name whole, or cut to fit."""
    room = _LONGEST_BASE - len(before) - len(ENDING)
    raw = os.fsencode(name)
    if len(raw) > room:
        begin = raw[: room - _FINGERPRINT - 1].decode("utf-8", "ignore")  # no half letter
        name = f"{begin}~{hashlib.sha256(raw).hexdigest()[:_FINGERPRINT]}"
    return f"{before}{name}{ENDING}"


def _recovery_files(folder: Path, base: str = "") -> list[Path]:
    """List recovery files, and names of which only a lock is left, the newest first."""
    found, names = set(), list[str]()
    with contextlib.suppress(OSError, ValueError):  # what cannot be looked into has nothing for us
        names = os.listdir(folder)
    for name in names:
        match = _NAME.fullmatch(name)
        if match is not None and base in ("", match["base"]):
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


_logger = logging.getLogger(__name__)
THREAD = "autosave"
EDIT_SECONDS = 1.5  # from an edit to its recovery
TRAINING_SHARE = 0.01  # of the time may go into keeping what training learns
RETRY_SECONDS = 3.0
POLL_SECONDS = 0.05
CLOSE_SECONDS = 0.5  # that closing waits until the file is deleted


class Autosave(QObject):
    """Writes the document to a recovery file soon after a change, in a thread of its own.

    The file goes when the project is saved, undone to what was saved, replaced or closed. It is
    never the user's own file. Neither the window nor the end of the program waits for a disk that
    does not answer: what is written to it then is deleted when the disk answers.
    """

    def __init__(self, document: Document, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._messages = document, messages
        self._claims: list[Claim] = []  # the last is written to; used by one thread at a time
        self._writing: _Writing | None = None
        self._removing: threading.Thread | None = None
        self._due = math.inf
        self._training_due = 0.0  # not earlier
        self._closed = False
        self._complaint = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)
        store = document.store
        store.watch(lambda s: (s.document.stack, s.document.settings), self._on_edit)
        store.watch(lambda s: s.document.learned, self._on_learned)
        store.watch(lambda s: s.document.modified, self._on_modified)
        store.watch(lambda s: s.document.opened, self.clear)
        document.kernel_edited.connect(self._on_edit)

    def adopt(self, claim: Claim) -> None:
        """Go on with the recovery file that the document was recovered from."""
        self.clear()
        self._claims.append(claim)

    @Slot()
    def clear(self) -> None:
        """Delete the recovery file: all is safe elsewhere, or the user let it go."""
        if self._claims or self._writing is not None:
            known = self._writing, self._claims
            self._removing = threading.Thread(target=_remove, args=known, name=THREAD, daemon=True)
            self._removing.start()
            self._removing.join(PATIENCE)
        self._claims, self._writing, self._due = [], None, math.inf
        self._timer.stop()
        self._say("")

    def close(self) -> None:
        """Delete the recovery file and write no other."""
        self.clear()
        self._closed = True
        if self._removing is not None:
            self._removing.join(CLOSE_SECONDS)

    @Slot()
    def write_now(self) -> None:
        """Keep what is unsaved, and wait for it a while: the program ends without a close."""
        if self._closed or not self._document.modified:
            return
        end = time.monotonic() + LAST_SECONDS
        if self._writing is not None:
            self._writing.join(LAST_SECONDS)
        if self._writing is None or not self._writing.is_alive():
            self._start().join(max(0.0, end - time.monotonic()))

    @Slot()
    def _on_edit(self) -> None:
        self._plan(time.monotonic() + EDIT_SECONDS)

    def _on_learned(self) -> None:
        self._plan(max(time.monotonic() + EDIT_SECONDS, self._training_due))

    def _on_modified(self) -> None:
        if self._document.modified:
            self._on_edit()
        else:
            self.clear()

    def _plan(self, due: float) -> None:
        if not self._closed:
            self._due = min(self._due, due)
            self._wait()

    def _wait(self) -> None:
        due = time.monotonic() + POLL_SECONDS if self._writing is not None else self._due
        if due < math.inf:
            self._timer.start(max(1, round((due - time.monotonic()) * 1000)))

    @Slot()
    def _on_time(self) -> None:
        if self._writing is not None and not self._writing.is_alive():
            ended, self._writing = self._writing, None
            self._training_due = time.monotonic() + ended.seconds / TRAINING_SHARE
            self._say(f"Autosave does not work: {ended.fault}" if ended.fault else "")
            if ended.fault:
                self._plan(time.monotonic() + RETRY_SECONDS)
        if self._writing is None and time.monotonic() >= self._due:
            self._due = math.inf
            if self._document.modified:
                self._start()
        self._wait()

    def _start(self) -> "_Writing":
        """Begin to write the document as it is now."""
        self._writing = _Writing(self._document.project(), self._document.path, self._claims)
        self._writing.start()
        return self._writing

    def _say(self, complaint: str) -> None:
        """Complain once; take the complaint back when it works again."""
        if complaint == self._complaint:
            return
        if complaint:
            _logger.warning(complaint)
            self._messages.say("autosave", complaint)
        else:
            self._messages.unsay("autosave")
        self._complaint = complaint


class _Writing(threading.Thread):
    """One project on its way into its recovery file. Its arrays are never written again.

    The file lies beside that of the user, or in Layerscope's own folder if that is not possible.
    """

    def __init__(self, project: Project, path: Path | None, claims: list[Claim]) -> None:
        super().__init__(name=THREAD, daemon=True)
        self._project, self._path, self._claims = project, path, claims
        self.seconds, self.fault = 0.0, ""

    def run(self) -> None:
        started = time.perf_counter()
        self.fault = self._write(beside=True)
        if self.fault and not self._is_in_own_folder():
            self.fault = self._write(beside=False)
        if not self.fault:
            _remove(None, self._claims[:-1])  # of a disk that is full by now, say
            del self._claims[:-1]
        self.seconds = time.perf_counter() - started

    def _is_in_own_folder(self) -> bool:
        return bool(self._claims) and self._claims[-1].path.parent == own_folder()

    def _write(self, *, beside: bool) -> str:
        """Write to the last claim, or a new one; return what went wrong."""
        try:
            if not self._claims or not (beside or self._is_in_own_folder()):
                claim = claim_new(self._path, beside=beside)
                if claim is None:
                    return "it finds no folder that it can write to. Save your work elsewhere."
                self._claims.append(claim)
            path = self._claims[-1].path
            write_file(path, encode_project(self._project, path), ProjectError)
            _logger.debug("Unsaved work is kept in %s", path)
        except LayerscopeError as error:
            return str(error)
        except MemoryError:
            return "There is not enough memory for it. Save your work."
        except Exception as error:  # a defect, and no success
            _logger.exception("A defect while unsaved work was kept")
            log = written_log()
            more = f"; {log} says more" if log else ""
            return f"{type(error).__name__}: {error}{more}. Save your work."
        return ""


def _remove(writing: _Writing | None, claims: list[Claim]) -> None:
    """Delete recovery files, when nothing is written to them any more."""
    if writing is not None:
        writing.join()
    for claim in claims:
        claim.remove()
