"""Autosave: keeps unsaved work in a recovery file, so that no crash takes more than seconds."""

import logging
import math
import threading
import time

from PySide6.QtCore import QObject, QTimer, Slot

from engine.errors import LayerscopeError, ProjectError
from engine.files.atomic import write_file
from engine.files.project_file import encode_project
from engine.log import written_log
from engine.model.project import Project
from gui.document.document import Document
from gui.storage.recovery import Claim, claim_new
from gui.widgets.messages import MessageBar

_logger = logging.getLogger(__name__)
EDIT_SECONDS = 1.5  # from an edit to its recovery
TRAINING_SHARE = 0.01  # of the time may go into keeping what training learns
RETRY_SECONDS = 3.0
POLL_SECONDS = 0.05
FOLDER_FAULT = "Autosave finds no folder that it can write to. Save your work to another disk."


class Autosave(QObject):
    """Writes the document to a recovery file soon after a change, in a thread of its own.

    The file goes when the project is saved, undone to what was saved, replaced or closed. It is
    never the user's own file.
    """

    def __init__(self, document: Document, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._messages = document, messages
        self._claims: list[Claim] = []  # the last is written to
        self._writing: _Writing | None = None
        self._due = math.inf
        self._training_due = 0.0  # not earlier
        self._beside = False  # the user's file
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
        self._beside = self._document.path is not None

    @Slot()
    def clear(self) -> None:
        """Delete the recovery file: all is safe elsewhere, or the user let it go."""
        self._finish()
        for claim in self._claims:
            claim.remove()
        self._claims.clear()
        self._beside, self._due = False, math.inf
        self._timer.stop()
        self._say("")

    def close(self) -> None:
        """Delete the recovery file and write no other."""
        self.clear()
        self._closed = True

    @Slot()
    def write_now(self) -> None:
        """Keep what is unsaved, and wait until it is written: the program ends without a close."""
        if not self._closed and self._document.modified:
            self._finish()
            self._start()
            self._finish()

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
            self._finish()
        if self._writing is None and time.monotonic() >= self._due:
            self._due = math.inf
            if self._document.modified:
                self._start()
        self._wait()

    def _start(self) -> None:
        """Begin to write the document as it is now."""
        if not self._claims and not self._claim(beside=True) and not self._claim(beside=False):
            self._say(FOLDER_FAULT)
            self._plan(time.monotonic() + RETRY_SECONDS)
            return
        self._writing = _Writing(self._document.project(), self._claims[-1])
        self._writing.start()

    def _claim(self, *, beside: bool) -> bool:
        """Take a name, beside the user's file or in Layerscope's own folder."""
        claim = claim_new(self._document.path, beside=beside)
        if claim is not None:
            self._claims.append(claim)
            self._beside = beside and self._document.path is not None
        return claim is not None

    def _finish(self) -> None:
        """Wait for what is being written, and see how it went."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        writing.join()
        self._training_due = time.monotonic() + writing.seconds / TRAINING_SHARE
        if not writing.fault:
            for older in self._claims[:-1]:  # of a disk that is full by now, say
                older.remove()
            del self._claims[:-1]
            self._say("")
            return
        if self._beside and self._claim(beside=False):
            self._plan(time.monotonic())
        else:
            self._plan(time.monotonic() + RETRY_SECONDS)
            self._say(f"Autosave does not work: {writing.fault}")

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
    """One project on its way into its recovery file. Its arrays are never written again."""

    def __init__(self, project: Project, claim: Claim) -> None:
        super().__init__(name="autosave")
        self._project, self._path = project, claim.path
        self.seconds, self.fault = 0.0, ""

    def run(self) -> None:
        started = time.perf_counter()
        try:
            write_file(self._path, encode_project(self._project, self._path), ProjectError)
            _logger.debug("Unsaved work is kept in %s", self._path)
        except LayerscopeError as error:
            self.fault = str(error)
        except MemoryError:
            self.fault = "There is not enough memory for it. Save your work."
        except Exception as error:  # a defect, and no success
            _logger.exception("A defect while unsaved work was kept")
            log = written_log()
            more = f"; {log} says more" if log else ""
            self.fault = f"{type(error).__name__}: {error}{more}. Save your work."
        self.seconds = time.perf_counter() - started
