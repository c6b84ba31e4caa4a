"""ShortcutsWindow: all keys, those of the menus and those inside the panels, to be searched."""

from collections.abc import Iterator

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtGui import QAction, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLineEdit,
    QMainWindow,
    QMenu,
    QTreeView,
    QVBoxLayout,
)

from gui.theme import GRID
from gui.widgets.dialogs import bring_to_front, button_row

HEADINGS = ("Where", "What it does", "Keys")
# The keys that no action has: the widgets take them where they have the focus.
IN_PANELS = (
    ("Anywhere", "Train or pause", "Space"),
    ("Anywhere", "All panels again, after one was enlarged", "Escape"),
    ("Anywhere", "Back to now, after an earlier epoch was shown", "Escape"),
    ("Anywhere", "Open the menu of what has the focus", "Menu, Shift+F10"),
    ("List of blocks", "Select the block above or below", "Up, Down"),
    ("List of blocks", "Select several blocks", "Shift+Up, Shift+Down"),
    ("List of blocks", "Select nothing, or give a drag up", "Escape"),
    ("Palette", "Add the first kind of block that was found", "Enter"),
    ("Palette", "Go from the search to what was found", "Down"),
    ("Palette", "Clear the search, then go back to the list", "Escape"),
    ("A field", "Discard what was typed", "Escape"),
    ("A field with a list", "Open the list", "Alt+Down"),
    ("Feature maps, Kernels", "Go to the next map or kernel", "Left, Right, Up, Down"),
    ("Feature maps, Kernels", "Enlarge the map, or edit the kernel", "Enter"),
    ("Feature maps", "Go to the next or the last map, after one was enlarged", "PgDown, PgUp"),
    ("Feature maps", "All maps again, after one was enlarged", "Escape"),
    ("Predictions", "Go to the next image", "Left, Right, Up, Down"),
    ("Predictions", "Pin the image", "Enter, Space"),
    ("Predictions", "Show all images again", "Escape"),
    ("Draw", "Undo or redo a stroke", "Ctrl+Z, Ctrl+Y"),
    ("Draw", "Clear the drawing", "Del"),
    ("Draw", "Make the brush narrower or wider", "[, ]"),
    ("Confusion matrix", "Show the images of a cell", "Enter"),
    ("Confusion matrix", "Show when a cell emptied", "Shift+Enter"),
    ("Confusion matrix", "Copy the counts with the names of the classes", "Ctrl+C"),
    ("Loss, Gradients", "Read the values at the next point", "Left, Right, Home, End"),
    ("Loss, Gradients", "Zoom in or out", "+, −"),
    ("Under glass", "Go to the next step", "Left, Right, Home, End"),
    ("Living network", "Go to the next block", "Arrows, Home, End"),
    ("Living network", "Put the block under glass", "Enter"),
    ("Runs", "Show the network as it was after the last epoch", "Enter"),
    ("Runs", "Tick the run for comparing", "Space"),
    ("Runs", "Rename the run", "F2"),
    ("Runs", "Delete the runs", "Del"),
    ("Runs", "Undo or redo the last change of runs", "Ctrl+Z, Ctrl+Y"),
    ("Runs", "Go to the kept epoch before or after, on the slider", "Left, Right, Home, End"),
    ("Kernel editor", "Paint the cell", "Space"),
    ("Kernel editor", "Set the cell to 0", "Del, Backspace"),
    ("Kernel editor", "Go to the next or the last kernel", "PgDown, PgUp"),
    ("Export", "Show or hide the blocks of a check", "Right, Left"),
    ("Tour", "Go on", "Right, PgDown, Enter"),
    ("Tour", "Go back", "Left, PgUp, Backspace"),
    ("Tour", "End the tour", "Escape"),
)
# Those whose menu text says what the next click does, under what they are for.
_CHANGING = {
    "action.undo": "Undo",
    "action.redo": "Redo",
    "action.train": "Train, pause or resume",
    "action.enlarge_panel": "Enlarge panel",
}


class ShortcutsWindow(QDialog):
    """Lists the keys; what is typed above the list finds some of them."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName("shortcuts")
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(round(90 * GRID * self.font().pointSizeF() / 10), 70 * GRID)
        self._window = window
        self._keys = QStandardItemModel(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._keys)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._found.setFilterKeyColumn(-1)  # all columns
        self.search = QLineEdit()
        self.search.setObjectName("shortcuts.search")
        self.search.setAccessibleName("Find a shortcut")
        self.search.setPlaceholderText("Find a key or what it does…")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._found.setFilterFixedString)
        self.list = QTreeView()
        self.list.setObjectName("shortcuts.list")
        self.list.setAccessibleName("Keyboard shortcuts")
        self.list.setModel(self._found)
        self.list.setRootIsDecorated(False)
        self.list.setAlternatingRowColors(True)
        self.list.setUniformRowHeights(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setTabKeyNavigation(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(button_row(self))

    def open_window(self) -> None:
        """List what there is now, and come to the front."""
        self._keys.clear()
        self._keys.setHorizontalHeaderLabels(HEADINGS)
        for row in (*_of_actions(self._window), *IN_PANELS):
            self._keys.appendRow([QStandardItem(text) for text in row])
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)  # so that keys are in view
        bring_to_front(self)
        self.search.setFocus()
        self.search.selectAll()


def _of_actions(window: QMainWindow) -> Iterator[tuple[str, str, str]]:
    """Give menu, name and keys of all actions with keys, in the order of the menus."""
    for menu in window.menuBar().actions():
        for action in _within(menu):
            keys = ", ".join(
                key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()
            )
            if keys:
                yield f"Menu {_plain(menu)}", _plain(action), keys


def _within(action: QAction) -> Iterator[QAction]:
    menu = action.menu()
    if not isinstance(menu, QMenu):
        yield action
        return
    for each in menu.actions():
        yield from _within(each)


def _plain(action: QAction) -> str:
    return _CHANGING.get(action.objectName(), action.text()).replace("&", "").rstrip("…")
