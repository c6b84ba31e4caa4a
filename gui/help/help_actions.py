"""HelpActions: the entries of the Help menu; what they open is made when it is first wanted."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from gui.document.document import Document
from gui.widgets.actions import make_action

if TYPE_CHECKING:
    from gui.help.about import AboutWindow, FirstStepsWindow, ReportWindow, ShortcutsWindow
    from gui.window.log_window import LogWindow


class HelpActions(QObject):
    """Opens each window of the Help menu; `listed` are its entries, with a list for each part."""

    def __init__(
        self, window: QMainWindow, document: Document, start_tour: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self._window, self._document = window, document
        act = partial(make_action, window)
        self.listed: list[list[QAction]] = [
            [
                act(
                    "first_steps",
                    "&First steps",
                    lambda: self._first_steps.open_window(),
                    tip="Short pages with pictures: build, train, look inside, save",
                ),
                act(
                    "tour",
                    "&Tour",
                    start_tour,
                    tip="Five minutes, from a kernel on an image to a whole training step",
                ),
                act(
                    "shortcuts",
                    "&Keyboard shortcuts",
                    lambda: self._shortcuts.open_window(),
                    tip="All keys, to be searched",
                ),
            ],
            [
                act(
                    "show_log",
                    "Show &log",
                    lambda: self._log.show_end(),
                    tip="What the program has done, and what went wrong",
                ),
                act(
                    "report",
                    "&Report a problem…",
                    lambda: self._report.open_window(),
                    tip="Collect versions and the log as a text to copy or save; nothing is sent",
                ),
            ],
            [
                act(
                    "about",
                    "&About Layerscope",
                    lambda: self._about.open_window(),
                    tip="Which version this is, and of what it is made",
                ),
            ],
        ]

    @cached_property
    def _first_steps(self) -> "FirstStepsWindow":
        from gui.help.about import FirstStepsWindow

        return FirstStepsWindow(self._window)

    @cached_property
    def _shortcuts(self) -> "ShortcutsWindow":
        from gui.help.about import ShortcutsWindow

        return ShortcutsWindow(self._window)

    @cached_property
    def _log(self) -> "LogWindow":
        from gui.window.log_window import LogWindow

        return LogWindow(self._window)

    @cached_property
    def _report(self) -> "ReportWindow":
        from gui.help.about import ReportWindow

        return ReportWindow(self._document, self._window)

    @cached_property
    def _about(self) -> "AboutWindow":
        from gui.help.about import AboutWindow

        return AboutWindow(self._window)
