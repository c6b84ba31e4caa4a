"""What the doctor finds in the data: a row for each finding, with what can be done by a click."""

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, QStringListModel, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QListView,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from engine.data.doctor import HEALTHY, SEVERITIES, Finding, Severity
from engine.data.parts import Refused
from engine.model.settings import Settings
from engine.struct_fields import field_of
from gui.theme import GRID, colours_of, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.elision import ElidedLabel
from gui.widgets.empty_reasons import when_there_is_data
from gui.widgets.empty_state import EmptyState
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.plain_labels import wrapping_label
from gui.widgets.scrolling import WrappingPage, scrolling

_LETTERS: dict[Severity, str] = {"serious": "×", "warning": "!", "note": "i"}
_MIDDLE = Qt.AlignmentFlag.AlignCenter
EXAMINING = "The data is being examined…"
_NONE = when_there_is_data("What is wrong with the data")


class FileList(QWidget):
    """A title, the files in lines, and below them Copy and Show in folder. Hidden until filled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[str, ...] = ()
        self._source = Path()
        self.title = ElidedLabel()
        self.title.setFont(small_font())
        self._lines = QStringListModel(self)
        self.view = QListView()
        self.view.setObjectName("files")
        self.view.setAccessibleName("Files")
        self.view.setFont(small_font())
        self.view.setModel(self._lines)
        self.view.setUniformItemSizes(True)
        self.view.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.copy_button = text_button(
            "files.copy", "Copy", "Copy the selected lines, or all if none is", takes_focus=True
        )
        self.folder_button = text_button(
            "files.folder", "Show in folder", "Open the folder of the file", takes_focus=True
        )
        close = text_button(
            *("files.close", "✕", "Close this list"), spoken="Close list", flat=True
        )
        self.copy_button.clicked.connect(self._copy)
        self.folder_button.clicked.connect(self._show_folder)
        close.clicked.connect(self.hide)
        self.view.selectionModel().currentChanged.connect(self._allow)
        QShortcut(
            QKeySequence(QKeySequence.StandardKey.Copy),
            self.view,
            self._copy,
            context=Qt.ShortcutContext.WidgetShortcut,
        )
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.copy_button)
        head.addWidget(self.folder_button)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        self.hide()

    def show_files(
        self, title: str, files: Sequence[str], remarks: Sequence[str], source: Path
    ) -> None:
        """Show files of a folder or archive, each with a remark that may be empty."""
        self._files, self._source = tuple(files), source
        self.title.setText(title)
        self.view.setAccessibleName(title)
        lines = (
            f"{file}: {remark}" if remark else file
            for file, remark in zip(files, remarks, strict=True)
        )
        self._lines.setStringList([" ".join(line.splitlines()) for line in lines])
        self.view.setCurrentIndex(self._lines.index(0))
        self.view.clearSelection()
        self._allow()
        self.show()

    def lines(self) -> list[str]:
        """Return what is listed: a file a line, with its remark."""
        return self._lines.stringList()

    @Slot()
    def _allow(self) -> None:
        self.folder_button.setEnabled(self._folder() is not None)

    @Slot()
    def _copy(self) -> None:
        lines, places = self.lines(), self._selected()
        chosen = [lines[place] for place in places] if places else lines
        QGuiApplication.clipboard().setText("\n".join(chosen))

    @Slot()
    def _show_folder(self) -> None:
        folder = self._folder()
        if folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _selected(self) -> list[int]:
        return sorted(index.row() for index in self.view.selectedIndexes())

    def _folder(self) -> Path | None:
        """Return the folder of the current file, or of the archive that it is in."""
        source = self._source
        if os.path.isfile(source):
            return source.parent
        current = self.view.currentIndex().row()
        folder = (source / self._files[current]).parent if current >= 0 else source
        return folder if os.path.isdir(folder) else None


class SeverityMark(QWidget):
    """A disc with a cross, a triangle with an exclamation mark, or a ring with an i."""

    def __init__(self, severity: Severity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.severity: Severity = severity
        self.setFont(small_font())
        self.setToolTip(severity.capitalize())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Be as high as a line of text."""
        side = self.fontMetrics().height()
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sign in the colours of the theme."""
        colours, severity = colours_of(self.palette()), self.severity
        ink = QColor({"serious": colours.error, "warning": colours.wrong_text}.get(severity, ""))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if severity == "note":
            ink = QColor(colours.muted)
            painter.setPen(QPen(ink, 1.2))
            painter.drawEllipse(box)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            if severity == "serious":
                painter.drawEllipse(box)
            else:
                top = QPointF(box.center().x(), box.top())
                painter.drawPolygon(QPolygonF([top, box.bottomRight(), box.bottomLeft()]))
            painter.setPen(self.palette().color(QPalette.ColorRole.Base))
        lowered = box.height() * 0.12 if severity == "warning" else 0
        painter.drawText(box.translated(0, lowered), _MIDDLE, _LETTERS[severity])


class FindingsPage(QWidget):
    """The findings, the most serious first, and below them the files of one of them if wanted.

    `remedy_wanted` carries a finding with a remedy, `setting_wanted` the name of a setting that is
    to be chosen, `images_wanted` a finding whose samples are to be shown, `counted` the findings in
    words and how many of them are more than notes.
    """

    remedy_wanted = Signal(object)
    setting_wanted = Signal(str)
    images_wanted = Signal(object)
    counted = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is wrong with the data")
        self._refused: dict[str, str] = {}
        self._source = Path()
        self._locked = ""
        self.head = ElidedLabel()
        self.head.setObjectName("data.findings")
        set_muted(self.head)
        self.rows: list[FindingRow] = []
        page = WrappingPage()
        page.setAccessibleName("Findings")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, GRID // 2, 0)
        self._column.setSpacing(GRID)
        self._column.addStretch(1)
        self.files = FileList()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(scrolling(page))
        self._split.addWidget(self.files)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.head)
        column.addWidget(self._split, 1)
        self._empty = EmptyState(content, _NONE)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._empty)

    def show_findings(
        self, findings: Sequence[Finding], refused: Sequence[Refused], source: Path
    ) -> None:
        """Show what was found in data from a folder or file, and why files of it are refused."""
        self._refused, self._source = {each.file: each.reason for each in refused}, source
        self.files.hide()
        self._make_rows(findings)
        if findings:
            self._empty.show_content()
            if self.hasFocus():
                self._focus_first_button()
        else:
            self._empty.show_sentence(HEALTHY)

    def show_nothing(self, *, busy: bool = False) -> None:
        """Say that nothing is known; `busy` says that it is being found out."""
        self._make_rows(())
        self._empty.show_sentence(EXAMINING if busy else _NONE)

    def set_locked(self, reason: str) -> None:
        """Let nothing be changed and say why, or allow it."""
        self._locked = reason
        for row in self.rows:
            row.set_locked(reason)

    def _make_rows(self, findings: Sequence[Finding]) -> None:
        words = summary(findings)
        self.head.setText(words)
        self.counted.emit(words, sum(each.severity != "note" for each in findings))
        focused = QApplication.focusWidget()
        if focused is not None and any(row.isAncestorOf(focused) for row in self.rows):
            self.setFocus()  # to hand it on to the next findings
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [FindingRow(finding, self) for finding in findings]
        for place, row in enumerate(self.rows):
            row.set_locked(self._locked)
            self._column.insertWidget(place, row)

    def _focus_first_button(self) -> None:
        buttons = (each for row in self.rows for each in row.buttons)
        first = next((button for button in buttons if not button.isHidden()), None)
        if first is not None:
            first.setFocus()

    def list_files(self, finding: Finding) -> None:
        """List the files of a finding below, each with why it was refused."""
        remarks = [self._refused.get(file, "") for file in finding.files]
        self.files.show_files(finding.found, finding.files, remarks, self._source)
        self._split.setSizes([2 * self._split.height(), self._split.height()])


class FindingRow(QWidget):
    """A mark, what was found, what to do, and buttons."""

    def __init__(self, finding: Finding, page: FindingsPage) -> None:
        super().__init__()
        self.finding = finding
        self.setObjectName(f"finding.{finding.kind}")
        self.setAccessibleName(f"{finding.severity.capitalize()}: {finding.found}")
        found, advice = wrapping_label("found"), wrapping_label("advice")
        found.setFont(small_font())
        found.setText(finding.found)
        found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_muted(advice)
        advice.setText(finding.advice)
        buttons = QWidget()
        flow = FlowLayout(buttons, gap=GRID // 2, row_gap=GRID // 4)
        self.remedy = text_button("remedy", "", takes_focus=True)
        self.setting = text_button("setting", "", "Go to this choice", takes_focus=True)
        self.images = text_button("images", "", "Show these samples", takes_focus=True)
        self.files = text_button("files", "", "List the files below", takes_focus=True)
        self.buttons = (self.remedy, self.setting, self.images, self.files)
        want_remedy, want_images = page.remedy_wanted.emit, page.images_wanted.emit
        want_setting = page.setting_wanted.emit
        setting = finding.setting and field_of(Settings, finding.setting).title.lower()
        for button, words, there, wanted in (
            (self.remedy, _remedy(finding), True, lambda: want_remedy(finding)),
            (self.setting, f"Choose {setting}", setting, lambda: want_setting(finding.setting)),
            (self.images, "Show images", finding.has_samples, lambda: want_images(finding)),
            (self.files, "List files", finding.files, lambda: page.list_files(finding)),
        ):
            flow.addWidget(button)
            button.setVisible(bool(words and there))
            button.setText(words)
            button.setAccessibleName(words)
            button.clicked.connect(wanted)
        text = QVBoxLayout()
        text.setSpacing(GRID // 4)
        for part in (found, advice, buttons):
            text.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(SeverityMark(finding.severity), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, 1)
        advice.setVisible(bool(finding.advice))  # not before it has a place: it would be a window

    def set_locked(self, reason: str) -> None:
        """Let the remedy not be taken and say why, or allow it."""
        self.remedy.setEnabled(not reason)
        self.remedy.setToolTip(reason or "Undo takes it back")


def summary(findings: Sequence[Finding]) -> str:
    """Count findings in words: `2 serious findings, 1 warning, 3 notes`."""
    counts = {one: sum(each.severity == one for each in findings) for one in SEVERITIES}
    nouns = {"serious": "serious finding", "warning": "warning", "note": "note"}
    return ", ".join(
        f"{count} {nouns[one]}{'' if count == 1 else 's'}" for one, count in counts.items() if count
    )


def _remedy(finding: Finding) -> str:
    """Return what a click does about it; empty: nothing."""
    if finding.without_copies:
        return "Leave copies out"
    classes = "this class" if len(finding.without_classes) == 1 else "these classes"
    return f"Leave {classes} out" if finding.without_classes else ""
