"""What a panel can be exported as, in the menu of its title and in the File menu."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

_NAMES = "action.export_"  # how the names of the actions begin


def exports_of(panel: QWidget) -> list[QAction]:
    """Return the actions that export a panel; none if it cannot be exported."""
    return [action for action in panel.actions() if action.objectName().startswith(_NAMES)]


def fill_with_exports(menu: QMenu, title: str, panel: QWidget) -> None:
    """Let a menu offer what a panel can be exported as, under its title."""
    menu.clear()
    exports = exports_of(panel)
    words = title if exports else f"{title} cannot be exported: click another panel first"
    menu.addAction(words.replace("&", "&&")).setEnabled(False)
    menu.addActions(exports)
