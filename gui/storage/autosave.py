"""Autosave: keeps unsaved work in a recovery file, so that no crash takes more than seconds.

All recovery files lie in Layerscope's own folder, and each is a project file whose zip comment is
the path of the user's file that the work is of. A lock beside one belongs to the process that
writes it, so a file with a dead lock or none was left behind. It is offered at the next start.
"""

import contextlib
import datetime
import logging
import math
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Slot

from engine.errors import ProjectError
from engine.files.atomic import sweep, write_file
from engine.files.project_file import PROJECT_ENDING, encode_project, open_project
from engine.model.project import Project
from engine.paths import home
from engine.text import words
from gui.background.latest_task import LatestTask
from gui.background.waiting import LAST_SECONDS, look
from gui.document.document import Document
from gui.widgets.messages import MessageBar

_MOST = 100  # windows
_NO_FOLDER = "it cannot write to {}. Save your work."


class RecoveryFile:
    """What one window keeps its unsaved work in, under a name that nothing else uses meanwhile.

    It looks at the disk, so it is used in threads beside the window, one at a time.
    """

    def __init__(self, path: Path | None = None, lock: QLockFile | None = None) -> None:
        """Have no name until it is written, or one that is locked already."""
        self.path, self._lock = path, lock
        self._turn = threading.Lock()
        self._removed = False

    def write(self, project: Project, place: Path | None) -> None:
        """Keep a project that is of the user's file at this place, or of none.

        Raises ProjectError if that fails; what was kept before stays.
        """
        with self._turn:
            if self._removed:
                return
            path = self.path or self._claim()
            comment = b"" if place is None else os.fsencode(place)
            data = encode_project(project, path)[:-2]  # its last bytes tell that it has no comment
            data += len(comment).to_bytes(2, "little") + comment
            write_file(path, data, ProjectError)

    def release(self) -> None:
        """Give the name up; the file stays for later."""
        if self._lock is not None:
            self._lock.unlock()

    def remove(self) -> None:
        """Delete the file, which holds nothing that is not safe elsewhere, and give its name up."""
        with self._turn:
            self._removed = True
            if self.path is not None:
                with contextlib.suppress(OSError):
                    self.path.unlink(missing_ok=True)
                self.release()

    def _claim(self) -> Path:
        """Find a free name; what was left behind under another is not to be lost."""
        folder = own_folder()
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST):
            path = folder / f"unsaved-{number}{PROJECT_ENDING}"
            lock = _lock_of(path)
            if lock.tryLock(0):
                if not path.exists():
                    self.path, self._lock = path, lock
                    return path
                lock.unlock()
        raise ProjectError(_NO_FOLDER.format(folder))


@dataclass(frozen=True)
class Orphan:
    """Work that a process which lives no more has left behind."""

    file: RecoveryFile
    project: Project
    path: Path | None  # the user's file that it belongs to
    time: datetime.datetime

    @property
    def name(self) -> str:
        """What the work is called."""
        return "an untitled network" if self.path is None else self.path.name

    def details(self) -> str:
        """Return when it was kept, and what is in it."""
        blocks, epochs = len(self.project.stack), words.count(self.project.position, "epoch")
        return (
            "Layerscope closed unexpectedly.\n"
            f"Kept on {self.time:%Y-%m-%d at %H:%M:%S}: {blocks:,} block{'s' * (blocks != 1)}, "
            f"{epochs} trained.\n"
            "Your file is not changed until you save."
        )


def own_folder() -> Path:
    """Return the folder of all recovery files."""
    return home() / "recovery"


def find_orphans() -> Iterator[Orphan]:
    """Find what was left behind, the newest first; each is locked when it is given."""
    sweep(own_folder())
    paths = own_folder().glob(f"*{PROJECT_ENDING}")
    for path in sorted(paths, key=_seconds_of, reverse=True):
        lock = _lock_of(path)
        if not lock.tryLock(0):
            continue  # a living process has it
        try:
            project = open_project(path)
            with zipfile.ZipFile(path) as archive:
                place = Path(os.fsdecode(archive.comment)) if archive.comment else None
        except (ProjectError, OSError):  # it may be of a newer version, or gone by now
            lock.unlock()
            continue
        kept = datetime.datetime.fromtimestamp(_seconds_of(path))
        yield Orphan(RecoveryFile(path, lock), project, place, kept)


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(f"{path}.lock")
    lock.setStaleLockTime(0)  # only the death of its owner makes a lock stale
    return lock


def _seconds_of(path: Path) -> float:
    with contextlib.suppress(OSError):  # another process has just removed it
        return path.stat().st_mtime
    return 0.0


_logger = logging.getLogger(__name__)
EDIT_SECONDS = 1.5  # from an edit to its recovery
TRAINING_SHARE = 0.01  # of the time may go into keeping what training learns
RETRY_SECONDS = 3.0
CLOSE_SECONDS = 0.5  # that closing waits until the file is deleted


class Autosave(QObject):
    """Writes the document to a recovery file soon after a change, in a thread of its own.

    The file goes when the project is saved, undone to what was saved, replaced or closed. Neither
    the window nor the end of the program waits for a disk that does not answer: what is written to
    it then is deleted when the disk answers.
    """

    def __init__(self, document: Document, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._messages = document, messages
        self._file, self._task = RecoveryFile(), LatestTask(self)
        self._due = math.inf
        self._training_due = 0.0  # not earlier
        self._closed = False
        self._complaint = ""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_time)
        store = document.store
        store.watch(lambda s: (s.document.stack, s.document.settings), self._on_edit)
        store.watch(lambda s: s.document.learned, self._on_learned)
        store.watch(lambda s: s.document.modified, self._on_modified)
        store.watch(lambda s: s.document.opened, self.clear)
        document.kernel_edited.connect(self._on_edit)

    def adopt(self, file: RecoveryFile) -> None:
        """Go on with the recovery file that the document was recovered from."""
        self.clear()
        self._file = file

    def clear(self, seconds: float | None = None) -> None:
        """Delete the recovery file: all is safe elsewhere, or the user let it go."""
        self._task.give_up()
        self._timer.stop()
        old, self._file, self._due = self._file, RecoveryFile(), math.inf
        look(old.remove, None, seconds)
        self._say("")

    def close(self) -> None:
        """Delete the recovery file and write no other."""
        self._closed = True
        self.clear(CLOSE_SECONDS)

    @Slot()
    def write_now(self) -> None:
        """Keep what is unsaved, and wait for it a while: the program ends without a close."""
        if not self._closed and self._document.modified:
            self._write(LAST_SECONDS)

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
        self._due = min(self._due, due)
        if self._due < math.inf and not self._closed and not self._task.busy:
            self._timer.start(max(1, round((self._due - time.monotonic()) * 1000)))

    @Slot()
    def _on_time(self) -> None:
        self._due = math.inf
        if self._document.modified:
            self._write()

    def _write(self, patience: float = 0.0) -> None:
        """Begin to write the document as it is now."""
        file, project, path = self._file, self._document.project(), self._document.path
        self._task.begin(
            lambda _: file.write(project, path),
            partial(self._on_kept, time.monotonic()),
            failed=self._on_failure,
            patience=patience,
        )

    def _on_kept(self, begun: float, _none: None) -> None:
        now = time.monotonic()
        self._training_due = now + (now - begun) / TRAINING_SHARE
        self._say("")
        self._plan(math.inf)

    def _on_failure(self, problem: str) -> None:
        self._say(f"Autosave does not work: {problem}")
        self._plan(time.monotonic() + RETRY_SECONDS)

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
