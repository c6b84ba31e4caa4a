"""What the doctor finds in the data: a row for each finding, with what can be done by a click."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from engine.data.doctor import HEALTHY, SEVERITIES, Finding
from engine.data.parts import Refused
from engine.model.settings import Settings
from engine.struct_fields import field_of
from gui.theme import GRID, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.elision import ElidedLabel
from gui.widgets.empty_reasons import when_there_is_data
from gui.widgets.empty_state import EmptyState
from gui.widgets.file_list import FileList
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.plain_labels import wrapping_label
from gui.widgets.scrolling import WrappingPage, scrolling
from gui.widgets.severity_mark import SeverityMark

EXAMINING = "The data is being examined…"
_NONE = when_there_is_data("What is wrong with the data")


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
