"""Autosave: keeps unsaved work in a recovery file, so that no crash takes more than seconds."""

import logging
import math
import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from engine.errors import LayerscopeError, ProjectError
from engine.files.atomic import write_file
from engine.files.project_file import encode_project
from engine.log import written_log
from engine.model.project import Project
from gui.background.waiting import LAST_SECONDS, PATIENCE
from gui.document.document import Document
from gui.storage.recovery import Claim, claim_new, own_folder
from gui.widgets.messages import MessageBar

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
        document.stack_changed.connect(self._on_edit)
        document.settings_changed.connect(self._on_edit)
        document.weights_changed.connect(self._on_learned)
        document.kernel_edited.connect(self._on_edit)
        document.modified_changed.connect(self._on_modified)
        document.project_replaced.connect(self.clear)

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

    @Slot()
    def _on_learned(self) -> None:
        self._plan(max(time.monotonic() + EDIT_SECONDS, self._training_due))

    @Slot(bool)
    def _on_modified(self, modified: bool) -> None:
        if modified:
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
            self._messages.show_error(complaint)
        else:
            self._messages.take_back(self._complaint)
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
