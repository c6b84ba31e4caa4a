"""HelpActions: the entries of the Help menu; what they open is made when it is first wanted."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from gui.document.document import Document
from gui.widgets.buttons import make_action

if TYPE_CHECKING:
    from gui.help.about import HelpWindow

_TOUR = "Five minutes, from a kernel on an image to a whole training step"
_REPORT = "Collect versions and the log as a text to copy or save; nothing is sent"


class HelpActions(QObject):
    """Opens each window of the Help menu; `listed` are its entries, with a list for each part."""

    def __init__(
        self, window: QMainWindow, document: Document, start_tour: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self._window, self._document = window, document
        self._windows: dict[str, HelpWindow] = {}

        def act(name: str, text: str, tip: str) -> QAction:
            return make_action(window, name, text, partial(self._open, name), tip=tip)

        first_steps = "Short pages with pictures: build, train, look inside, save"
        about = "Which version this is, and of what it is made"
        log = "What the program has done, and what went wrong"
        self.listed: list[list[QAction]] = [
            [
                act("first_steps", "&First steps", first_steps),
                make_action(window, "tour", "&Tour", start_tour, tip=_TOUR),
                act("shortcuts", "&Keyboard shortcuts", "All keys, to be searched"),
            ],
            [act("show_log", "Show &log", log), act("report", "&Report a problem…", _REPORT)],
            [act("about", "&About Layerscope", about)],
        ]

    def _open(self, name: str) -> None:
        from gui.help.about import make_window

        if name not in self._windows:
            self._windows[name] = make_window(name, self._window, self._document)
        self._windows[name].open_window()
