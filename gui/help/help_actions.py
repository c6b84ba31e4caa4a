"""HelpActions: the entries of the Help menu; what they open is made when it is first wanted."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from engine.cli.desktop_menu import add_to_menu, is_in_menu, remove_from_menu
from engine.errors import LayerscopeError
from gui.document.document import Document
from gui.widgets.buttons import make_action
from gui.widgets.messages import MessageBar

if TYPE_CHECKING:
    from gui.help.about import HelpWindow

_TOUR = "Five minutes, from a kernel on an image to a whole training step"
_WHY = "Three minutes: what the network looks at, what fools it, what it wants to see"
_ENTRY = "List Layerscope among the programs of the desktop, and open projects by a double-click"
_REPORT = "Collect versions and the log as a text to copy or save; nothing is sent"


class HelpActions(QObject):
    """Opens each window of the Help menu; `listed` are its entries, with a list for each part."""

    def __init__(
        self,
        window: QMainWindow,
        document: Document,
        messages: MessageBar,
        start_tour: Callable[[bool], object],
    ) -> None:
        super().__init__(window)
        self._window, self._document, self._messages = window, document, messages
        self._windows: dict[str, HelpWindow] = {}

        def act(name: str, text: str, tip: str) -> QAction:
            return make_action(window, name, text, partial(self._open, name), tip=tip)

        manual = "Short pages with pictures: first steps, every view, own data, exports"
        about = "Which version this is, and of what it is made"
        self._menu_entry = make_action(window, "menu_entry", "", self._change_menu, tip=_ENTRY)
        self._name_menu_entry()
        self.listed: list[list[QAction]] = [
            [
                act("manual", "&Manual", manual),
                make_action(window, "tour", "&Tour", partial(start_tour, False), tip=_TOUR),
                make_action(window, "tour_why", "Tour: &Why?", partial(start_tour, True), tip=_WHY),
                act("shortcuts", "&Keyboard shortcuts", "All keys, to be searched"),
            ],
            [act("report", "&Report a problem…", _REPORT)],
            [self._menu_entry],
            [act("about", "&About Layerscope", about)],
        ]

    def _name_menu_entry(self) -> None:
        doing = "Remove from" if is_in_menu() else "Add to"
        self._menu_entry.setText(f"{doing} the applications men&u")

    def _change_menu(self) -> None:
        try:
            self._messages.done(remove_from_menu() if is_in_menu() else add_to_menu())
        except LayerscopeError as error:
            self._messages.say("menu entry", str(error))
        except OSError as error:
            self._messages.say("menu entry", f"The applications menu stays as it is: {error}.")
        self._name_menu_entry()

    def open_page(self, page: str, heading: str) -> None:
        """Open the manual at a heading of a page, or at its top if it has no such heading."""
        from gui.help.about import ManualWindow

        manual = self._open("manual")
        assert isinstance(manual, ManualWindow)
        manual.show_page(page, heading)

    def _open(self, name: str) -> "HelpWindow":
        from gui.help.about import make_window

        if name not in self._windows:
            self._windows[name] = make_window(name, self._window, self._document)
        self._windows[name].open_window()
        return self._windows[name]
