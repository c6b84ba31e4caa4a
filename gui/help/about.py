"""The windows of the Help menu: the manual, shortcuts, a report, and versions."""

import os
import platform
import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSortFilterProxyModel, Qt, QUrl, Slot, qVersion
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontDatabase,
    QGuiApplication,
    QImage,
    QKeySequence,
    QShortcut,
    QStandardItem,
    QStandardItemModel,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QTextBrowser,
    QTreeView,
    QWidget,
)

import engine
from engine.array_types import format_shape
from engine.blocks import UnknownBlock
from engine.compute.numerics import numerics_in_words
from engine.errors import LayerscopeError
from engine.log import log_path, read_log_end
from engine.struct_fields import fields_of
from engine.version import version
from gui.background.waiting import look, wait_for
from gui.document.document import Document
from gui.theme import DARK, FIGURE, GRID, colours_of, magnification, small_font, text_font
from gui.widgets.dialogs import bring_to_front, button_row, push_button
from gui.widgets.labels import plain_label, wrapping_label
from gui.widgets.layouts import Part, in_column, in_row, named

_LIBRARIES = ("PySide6-Essentials", "numpy", "scipy", "pyqtgraph")
HEADINGS = ("Where", "What it does", "Keys")
# The keys that no action has: the widgets take them where they have the focus.
IN_PANELS = (
    ("Anywhere", "Train or pause", "Space"),
    ("Anywhere", "All places again, after a view filled the screen", "Escape"),
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
    ("Maps, Kernels", "Go to the next map or kernel", "Left, Right, Up, Down"),
    ("Maps, Kernels", "Enlarge the map, or edit the kernel", "Enter"),
    ("Maps", "Go to the next or the last map, after one was enlarged", "PgDown, PgUp"),
    ("Maps", "All maps again, after one was enlarged", "Escape"),
    ("Test image", "Go to the next image", "Left, Right, Up, Down"),
    ("Test image", "Select the image", "Enter, Space"),
    ("Test image", "Show all images again", "Escape"),
    ("Draw", "Undo or redo a stroke", "Ctrl+Z, Ctrl+Y"),
    ("Draw", "Clear the drawing", "Del"),
    ("Confusion matrix", "Show the images of a cell", "Enter"),
    ("Loss, Gradients", "Read the values at the next point", "Left, Right, Home, End"),
    ("Loss, Gradients", "Zoom in or out", "+, −"),
    ("Step by step", "Go to the next step", "Left, Right, Home, End"),
    ("Step by step", "Play, or stop", "Space"),
    ("What it sees", "Go to the next block", "Arrows, Home, End"),
    ("What it sees", "Open the block in Step by step", "Enter"),
    ("Runs", "Show the network as it was after the last epoch", "Enter"),
    ("Runs", "Tick the run for comparing", "Space"),
    ("Runs", "Rename the run", "F2"),
    ("Runs", "Delete the runs", "Del"),
    ("Runs", "Bring back the runs that were deleted last", "Ctrl+Z"),
    ("Runs", "Go to the kept epoch before or after, on the slider", "Left, Right, Home, End"),
    ("Kernel editor", "Paint the cell", "Space"),
    ("Kernel editor", "Set the cell to 0", "Del, Backspace"),
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
}
_LOG_BYTES = 20_000
_WORDS = (
    "Nothing is sent. Below is what helps to find the fault: versions, the network without its "
    "weights and images, and the end of the log, which names the files that were opened. Write "
    "what you did, delete what others should not see, then copy or save the text. There is no "
    "public address for reports yet: give it to whoever you have the program from."
)
_FIRST = "What I did:\n\nWhat I expected:\n\nWhat happened:\n\n"
PAGES = Path(__file__).parents[2] / "docs"
FIRST_PAGE = "index.md"
_PICTURE_SCALE = 2  # pixels of a picture for one of the screen
_PAGE_MARGINS = 9 * GRID  # px, with the scroll bar
_ICON = 8 * GRID
_PURPOSE = (
    "Build small convolutional networks by clicking, train them, and look inside while they learn."
)
_LICENCES = (
    "Licence: none has been chosen for Layerscope yet; all rights stay with its authors. It uses "
    "Qt for Python under the LGPL 3, pyqtgraph under the MIT licence, pillow under the MIT-CMU "
    "licence, onnx, safetensors and requests under the Apache licence 2.0, and numpy, scipy, "
    "numba, llvmlite, msgspec, pooch, psutil and threadpoolctl under BSD licences. Its font "
    "is Inter, under the SIL Open Font License 1.1."
)
_DIGITS = (
    "The bundled digits are of the MNIST database by Yann LeCun, Corinna Cortes and Christopher "
    "J. C. Burges, under the licence CC BY-SA 3.0."
)


def program_facts() -> list[tuple[str, str]]:
    """Return names and values: versions, the system, and the engine."""
    return [
        ("Layerscope", version()),
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
        *((name, _library_version(name)) for name in _LIBRARIES),
        ("System", platform.platform()),
        ("Processor cores", str(os.cpu_count())),
        ("Engine", str(Path(engine.__file__).parent)),
        ("Computes with", numerics_in_words()),
    ]


def _library_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # the program was packed in another way
        return "unknown"


class HelpWindow(QDialog):
    """A window beside the main one, with its parts one below the other."""

    def __init__(self, name: str, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)

    def lay_out(self, *parts: Part) -> None:
        """Put the parts one below the other."""
        in_column(*parts, of=self, gap=GRID, margins=GRID)

    def open_window(self) -> None:
        """Show what there is now, and come to the front."""
        raise NotImplementedError


def make_window(name: str, window: QMainWindow, document: Document) -> HelpWindow:
    """Make the window of an entry of the Help menu."""
    makes: dict[str, Callable[[QMainWindow], HelpWindow]] = {
        "report": partial(ReportWindow, document),
        "manual": ManualWindow,
        "shortcuts": ShortcutsWindow,
        "about": AboutWindow,
    }
    return makes[name](window)


class ShortcutsWindow(HelpWindow):
    """Lists the keys; what is typed above the list finds some of them."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__("shortcuts", "Keyboard shortcuts", window)
        self.resize(round(90 * GRID * magnification()), 70 * GRID)
        self._window = window
        self._keys = QStandardItemModel(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._keys)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._found.setFilterKeyColumn(-1)  # all columns
        self.search = named(QLineEdit(), "shortcuts.search", "Find a shortcut")
        self.search.setPlaceholderText("Find a key or what it does…")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._found.setFilterFixedString)
        self.list = named(QTreeView(), "shortcuts.list", "Keyboard shortcuts")
        self.list.setModel(self._found)
        self.list.setRootIsDecorated(False)
        self.list.setAlternatingRowColors(True)
        self.list.setUniformRowHeights(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setTabKeyNavigation(False)
        self.lay_out(self.search, (self.list, 1), button_row(self))

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
                yield _plain(menu), _plain(action), keys


def _within(action: QAction) -> Iterator[QAction]:
    menu = action.menu()
    if not isinstance(menu, QMenu):
        yield action
        return
    for each in menu.actions():
        yield from _within(each)


def _plain(action: QAction) -> str:
    return _CHANGING.get(action.objectName(), action.text()).replace("&", "").rstrip("…")


class ReportWindow(HelpWindow):
    """Shows a report that can be edited, copied, and saved as a file."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__("report", "Report a problem", parent)
        self.resize(100 * GRID, 70 * GRID)
        self._document = document
        words = wrapping_label("report.words")
        words.setText(_WORDS)
        self.said = wrapping_label("report.said")
        self.text = named(QPlainTextEdit(), "report.text", "Report")
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(small_font().pointSizeF())
        self.text.setFont(font)
        self.text.setTabChangesFocus(True)
        copy = push_button("report.copy", "&Copy", "Copy the report, to be pasted into a message")
        save = push_button("report.save", "&Save as…", "Write the report to a text file")
        copy.clicked.connect(self._copy)
        save.clicked.connect(self._save)
        self.lay_out(words, (self.text, 1), self.said, button_row(self, copy, save))

    def open_window(self) -> None:
        """Collect anew, and come to the front."""
        self.said.clear()
        self.text.setPlainText(_FIRST + report_text(self._document))
        bring_to_front(self)
        self.text.setFocus()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.said.setText("Copied.")

    @Slot()
    def _save(self) -> None:
        suggested = str(Path.home() / "layerscope-report.txt")
        name, _ = QFileDialog.getSaveFileName(self, "Save the report", suggested, "Text (*.txt)")
        if not name:
            return
        text = self.text.toPlainText()
        try:
            wait_for(self, f"Saving {name}", lambda _: Path(name).write_text(text, "utf-8"))
        except OSError as error:
            self.said.setText(f"{name} could not be written: {error.strerror}. Save it elsewhere.")
        except LayerscopeError as error:
            self.said.setText(str(error))
        else:
            self.said.setText(f"Saved to {name}.")


def report_text(document: Document) -> str:
    """Return versions, the network and its settings without data, and the end of the log."""
    log = look(lambda: read_log_end(log_path(), _LOG_BYTES), "") or "There is no log.\n"
    facts = "".join(f"{name}: {value}\n" for name, value in program_facts())
    return f"{facts}\nNetwork\n{_network(document)}\nEnd of the log\n{log}"


def _network(document: Document) -> str:
    lines = [f"input {format_shape(document.stack.input_shape)}"]
    for number, row in enumerate(document.report.rows, 1):
        block = row.slot.block
        known = () if isinstance(block, UnknownBlock) else fields_of(type(block))
        options = "".join(f" {field.name}={getattr(block, field.name)}" for field in known)
        shape = "does not fit" if row.output_shape is None else format_shape(row.output_shape)
        lines.append(f"{number} {block.name}{options} -> {shape}")
    settings = document.settings
    for field in fields_of(type(settings)):
        if field.kind != "text":  # it may be a path
            lines.append(f"{field.name}={getattr(settings, field.name)}")
    lines.append(f"trained epochs {document.project().position:g}")
    return "".join(f"{line}\n" for line in lines)


class ManualWindow(HelpWindow):
    """Shows the pages of the manual; links lead from one to the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("manual", "Manual", parent)
        self.resize(96 * GRID, 90 * GRID)
        self.page = named(_Page(), "manual.page", "Manual")
        self._back = push_button("manual.back", "◀ &Back", "The page before (Alt+Left)")
        self._home = push_button("manual.home", "&Contents", "The first page (Alt+Home)")
        for button, go, keys in (
            (self._back, self.page.backward, "Alt+Left"),
            (self._home, self.page.home, "Alt+Home"),
        ):
            button.clicked.connect(go)
            QShortcut(QKeySequence(keys), self, go)
        self._back.setEnabled(False)
        self.page.backwardAvailable.connect(self._back.setEnabled)
        self.lay_out((self.page, 1), button_row(self, self._back, self._home))

    def open_window(self) -> None:
        """Come to the front, with the page that was read last."""
        bring_to_front(self)
        self.page.setFocus()

    def show_page(self, name: str, heading: str) -> None:
        """Show a page from a heading on, or from its top if it has no such heading."""
        page = QUrl.fromLocalFile(str(PAGES / name))
        page.setFragment(_anchor(heading))
        self.page.setSource(page)


class _Page(QTextBrowser):
    """Shows a page, with its pictures in the colours of the theme."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenExternalLinks(True)
        self.document().setDocumentMargin(3 * GRID)
        self.sourceChanged.connect(self._lay_out)
        self.setSource(QUrl.fromLocalFile(str(PAGES / FIRST_PAGE)))

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Load a page, or a picture as it looks in the theme of the moment."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, name)
        picture = Path(QUrl(name).path())
        ending = "-dark" if colours_of(self.palette()) is DARK else ""
        image = QImage(str(PAGES / "pictures" / f"{picture.stem}{ending}{picture.suffix}"))
        widest = self.viewport().width() - _PAGE_MARGINS
        image.setDevicePixelRatio(max(_PICTURE_SCALE, image.width() / widest))
        return image

    def changeEvent(self, event: QEvent) -> None:
        """Take the pictures of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and not self.source().isEmpty():
            self.reload()

    @Slot(QUrl)
    def _lay_out(self, source: QUrl) -> None:
        """Give headings, code and tables of a page their form, and go to the heading of a link."""
        colours = colours_of(self.palette())
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()  # it is laid out once
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                table = frame.format()
                table.setCellPadding(GRID / 2)
                table.setTopMargin(GRID)
                table.setBottomMargin(GRID)
                table.setBorderBrush(QColor(colours.border))
                frame.setFormat(table)
        block, wanted = self.document().begin(), None
        while block.isValid():
            form = block.blockFormat()
            if form.headingLevel():
                form.setTopMargin(2 * GRID)
                form.setBottomMargin(GRID)
                if source.hasFragment() and _anchor(block.text()) == source.fragment():
                    wanted = block
            elif form.hasProperty(QTextFormat.Property.BlockCodeFence):
                form.setBackground(QColor(colours.alternate))
                form.setLeftMargin(GRID)
            if form != block.blockFormat():
                cursor.setPosition(block.position())
                cursor.setBlockFormat(form)
            block = block.next()
        cursor.endEditBlock()
        if wanted is not None:
            top = self.document().documentLayout().blockBoundingRect(wanted).top()
            self.verticalScrollBar().setValue(round(top))


def _anchor(heading: str) -> str:
    """Name a heading as the links of the pages do."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


class AboutWindow(HelpWindow):
    """Says which version this is, and of what it is made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("about", "About Layerscope", parent)
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(2 * GRID)
        self._facts.setVerticalSpacing(GRID // 2)
        in_column(
            _head(),
            self._facts,
            _muted("about.licence", _LICENCES),
            _muted("about.digits", _DIGITS),
            1,
            button_row(self),
            of=self,
            gap=2 * GRID,
            margins=(2 * GRID, 2 * GRID, 2 * GRID, GRID),
        )

    def open_window(self) -> None:
        """Say it anew, and come to the front."""
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for name, value in program_facts()[1:]:  # the head says the first
            label, text = plain_label(name, muted=True), plain_label(value, wraps=True)
            text.setAccessibleName(name)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addRow(label, text)
        self.resize(60 * GRID, self.sizeHint().height())
        bring_to_front(self)


def _muted(name: str, words: str) -> QLabel:
    label = named(plain_label(words, muted=True, wraps=True), name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _head() -> QHBoxLayout:
    picture = QLabel()
    picture.setPixmap(QGuiApplication.windowIcon().pixmap(_ICON, _ICON))
    picture.setAccessibleName("Icon of Layerscope")
    name, purpose = plain_label(f"Layerscope {version()}"), plain_label(_PURPOSE, wraps=True)
    name.setFont(text_font(FIGURE, bold=True))
    name.setObjectName("about.version")
    words = in_column(name, purpose, gap=2 * GRID)
    return in_row((picture, 0, Qt.AlignmentFlag.AlignTop), (words, 1), gap=2 * GRID)
