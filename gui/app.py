"""The application: the window inside a QApplication, its theme, and the last resort for errors."""

import contextlib
import gc
import logging
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from PySide6.QtCore import QCoreApplication, QTimer, Slot, qVersion
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from engine.compute.numerics import compile_elsewhere
from engine.log import flush_log, write_log_beside, written_log
from engine.machine.heap import keep_large_arrays_off_the_heap
from engine.paths import PREFERENCES, home
from gui.background.exit_wait import exit_at_once
from gui.background.failures import defect_words
from gui.theme import apply_theme

if TYPE_CHECKING:
    from gui.main_window import MainWindow


_LOOK_EVERY = 200  # ms; the longer, the more there is to look through at once


def collect_in_this_thread(app: QCoreApplication) -> None:
    """Have garbage collected in the thread of the application alone, whenever it has time."""
    gc.disable()
    if app.findChild(GarbageCollector) is None:
        GarbageCollector(app).start()


class GarbageCollector(QTimer):
    """Looks now and then whether Python would collect garbage, and does so.

    By itself Python looks in whatever thread makes an object when a look is due. Where it finds
    listeners to signals there, PySide takes them off: it holds a lock of Qt's while it waits for
    that of Python, which the window's thread may hold while it waits for Qt's. Then the program
    stands still for ever, or it falls.
    """

    def __init__(self, parent: QCoreApplication) -> None:
        super().__init__(parent, interval=_LOOK_EVERY)
        self._modules = len(sys.modules)
        self.timeout.connect(self._collect)

    @Slot()
    def _collect(self) -> None:
        """Collect the oldest generation that is due, and all younger ones with it.

        A threshold of 0 means never. In Python 3.14 it is that of the oldest generation, and the
        counts of all but the youngest go back to 0 with a full collection only. When the youngest
        is due, Python goes through it and a part of all that is old, which is `collect(1)`.

        What comes with a module stays to the end and is never looked through: libraries bring a
        hundred thousand objects, which would hold the window up for 0.1 s.
        """
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            gc.freeze()
            return
        counts, thresholds = gc.get_count(), gc.get_threshold()
        pairs = enumerate(zip(counts, thresholds, strict=True))
        due = [generation for generation, (count, most) in pairs if 0 < most < count]
        if thresholds[2] == 0:
            due = [1] if 0 in due else []
        if due:
            gc.collect(due[-1])


_logger = logging.getLogger(__name__)
_ICONS = Path(__file__).parents[1] / "resources" / "share" / "icons" / "hicolor"
ICON = _ICONS / "scalable" / "apps" / "layerscope.svg"
INTERRUPTED = 130  # as a shell has it for Ctrl+C
_LOG_SECONDS = 0.5  # that the end waits for the last lines of the log


def create_window(project: Path | None = None) -> "MainWindow":
    """Build the window inside the running QApplication; showing it is the caller's.

    Without a project it opens the notebook's network. A project that cannot be opened is said so
    in the window.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication), "create_window needs a QApplication"
    compile_elsewhere()
    keep_large_arrays_off_the_heap()  # many networks may be opened in it, one after the other
    collect_in_this_thread(app)
    _introduce(app)
    from gui.main_window import MainWindow
    from gui.storage.preferences import PreferencesStore

    preferences = PreferencesStore(home() / PREFERENCES)
    apply_theme(app, preferences.current.window.scheme)
    return MainWindow(preferences, project)


def _introduce(app: QApplication) -> None:
    """Tell the desktop what the program is called and what it looks like."""
    app.setApplicationName("layerscope")
    app.setApplicationDisplayName("Layerscope")
    app.setDesktopFileName("layerscope")
    app.setWindowIcon(QIcon(str(ICON)))


def run(project: Path | None = None) -> NoReturn:
    """Open the window, stay until it is closed, and end the program."""
    write_log_beside()
    app = QApplication(["layerscope"])  # by which X11 knows its windows
    window = create_window(project)
    _install_exception_hooks(window)
    app.aboutToQuit.connect(window.files.autosave.write_now)
    window.show()
    gc.freeze()  # what there is stays to the end: looking for garbage passes it over
    _logger.info("The window is open, with Qt %s", qVersion())
    code = app.exec()
    window.end_threads()
    flush_log(_LOG_SECONDS)
    exit_at_once(code)


def _install_exception_hooks(window: "MainWindow") -> None:
    """Write a defect's traceback to the log, and tell the user in one sentence.

    Whatever thread it is raised in, and also where nothing can catch it, as in a finalizer. Ctrl+C
    in the terminal is no defect: it ends the program.
    """

    def hook(
        kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit(INTERRUPTED)
            return
        error = error if error is not None else Exception(kind.__name__)
        _logger.critical("A defect", exc_info=(kind, error, traceback))
        log = written_log()
        # By a signal, because the error may have been raised in any thread.
        with contextlib.suppress(RuntimeError):  # at the very end there is no window to say it
            window.defect_found.emit(defect_words(error) + (f"; {log} says more." if log else "."))

    def thread_hook(failed: threading.ExceptHookArgs) -> None:
        if not issubclass(failed.exc_type, SystemExit):  # which just ends a thread
            hook(failed.exc_type, failed.exc_value, failed.exc_traceback)

    sys.excepthook = hook
    threading.excepthook = thread_hook
    sys.unraisablehook = lambda failed: hook(
        failed.exc_type, failed.exc_value, failed.exc_traceback
    )
