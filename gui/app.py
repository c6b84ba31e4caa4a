"""The application: the window inside a QApplication, its theme, and the last resort for errors."""

import contextlib
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from engine.defects import log_defect
from engine.leaving import leave_at_once
from gui.theme import apply_theme

if TYPE_CHECKING:
    from gui.main_window import MainWindow

INTERRUPTED = 130  # as a shell has it for Ctrl+C


def create_window(project: Path | None = None) -> "MainWindow":
    """Build the window inside the running QApplication; showing it is the caller's.

    Without a project it opens the notebook's network. A project that cannot be opened is said so
    in the window.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication), "create_window needs a QApplication"
    with _without_collection():
        from gui.main_window import MainWindow

        apply_theme(app, "system")
        return MainWindow(project)


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Collect no garbage while the window is made: it takes 40 ms, and finds none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def run(project: Path | None = None) -> int:
    """Open the window and stay until it is closed; give the exit code."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Layerscope")
    window = create_window(project)
    _install_exception_hook(window)
    app.aboutToQuit.connect(window.files.autosave.write_now)
    window.show()
    code = app.exec()
    if not window.end_threads():
        leave_at_once(code)
    return code


def _install_exception_hook(window: "MainWindow") -> None:
    """Write a defect's traceback to the log, and tell the user in one sentence.

    Ctrl+C in the terminal is no defect: it ends the program.
    """

    def hook(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit(INTERRUPTED)
            return
        log = log_defect(error.with_traceback(traceback))
        # By a signal, because the error may have been raised in any thread.
        window.defect_found.emit(
            f"Something went wrong inside Layerscope ({kind.__name__}: {error}); {log} says more."
        )

    sys.excepthook = hook
