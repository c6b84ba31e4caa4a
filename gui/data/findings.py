"""What is wrong with the data: the findings of the doctor, each with what can be done."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QSplitter, QWidget

from engine.data.doctor import HEALTHY, SEVERITIES, Finding, Severity
from engine.data.parts import Refused
from engine.model.settings import Settings
from engine.struct_fields import field_of
from engine.text.words import count
from gui.theme import GRID, WRONG, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.empty_state import EmptyState, when_there_is_data
from gui.widgets.labels import ElidedLabel, wrapping_label
from gui.widgets.layouts import FlowLayout, WrappingPage, in_column, in_row, named, scrolling

_LETTERS: dict[Severity, tuple[str, QPalette.ColorRole]] = {
    "serious": ("✗", WRONG),
    "warning": ("!", QPalette.ColorRole.WindowText),
    "note": ("i", QPalette.ColorRole.PlaceholderText),
}
EXAMINING = "The data is being examined…"
_NONE = when_there_is_data("What is wrong with the data")


class FileList(QWidget):
    """A title over the files in lines, which can be selected and copied. Hidden until filled."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel()
        self.title.setFont(small_font())
        self.view = named(QPlainTextEdit(readOnly=True), "files", small=True)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setTabChangesFocus(True)
        close = text_button("files.close", "✕", "Close this list", spoken="Close list", flat=True)
        close.clicked.connect(self.hide)
        in_column(in_row((self.title, 1), close), (self.view, 1), of=self)
        self.hide()

    def show_files(self, title: str, files: Sequence[str], refused: Mapping[str, str]) -> None:
        """Show files of a folder or archive, those that were refused with why."""
        self.title.setText(title)
        self.view.setAccessibleName(title)
        lines = (f"{file}: {refused[file]}" if file in refused else file for file in files)
        self.view.setPlainText("\n".join(" ".join(line.splitlines()) for line in lines))
        self.show()


def _severity_mark(severity: Severity) -> QLabel:
    """Make a letter for how serious a finding is, in the colour of that."""
    letter, ink = _LETTERS[severity]
    mark = named(QLabel(letter), "severity", tip=severity.capitalize(), small=True)
    mark.setForegroundRole(ink)
    mark.setFixedWidth(mark.fontMetrics().height())
    return mark


class FindingsPage(QWidget):
    """The findings, the most serious first, and below them the files of one of them if wanted.

    `show_samples` is given a finding whose samples are to be shown, `take` one with a remedy,
    `lead_to` the name of a setting that is to be chosen, `count` the findings in words and how many
    of them are more than notes.
    """

    def __init__(
        self,
        show_samples: Callable[[Finding], None],
        take: Callable[[Finding], None],
        lead_to: Callable[[str], None],
        count: Callable[[str, int], None],
    ) -> None:
        super().__init__()
        self.show_samples, self.take, self.lead_to, self._count = show_samples, take, lead_to, count
        self.setAccessibleName("What is wrong with the data")
        self._refused: dict[str, str] = {}
        self._locked = ""
        self.head = named(ElidedLabel(), "data.findings", muted=True)
        self.rows: list[FindingRow] = []
        page = WrappingPage()
        page.setAccessibleName("Problems")
        self._column = in_column(1, of=page, gap=GRID, margins=(0, 0, GRID // 2, 0))
        self.files = FileList()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(scrolling(page))
        self._split.addWidget(self.files)
        content = QWidget()
        in_column(self.head, (self._split, 1), of=content, margins=(0, GRID // 2, 0, 0))
        self._empty = EmptyState(content, _NONE)
        in_column(self._empty, of=self)

    def show_findings(self, findings: Sequence[Finding], refused: Sequence[Refused]) -> None:
        """Show what was found in data, and why files of it are refused."""
        self._refused = {each.file: each.reason for each in refused}
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
        self._count(words, sum(each.severity != "note" for each in findings))
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
        self.files.show_files(finding.found, finding.files, self._refused)
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
        setting = finding.setting and field_of(Settings, finding.setting).title.lower()
        for button, words, there, wanted in (
            (self.remedy, _remedy(finding), True, lambda: page.take(finding)),
            (self.setting, f"Choose {setting}", setting, lambda: page.lead_to(finding.setting)),
            (self.images, "Show images", finding.has_samples, lambda: page.show_samples(finding)),
            (self.files, "List files", finding.files, lambda: page.list_files(finding)),
        ):
            flow.addWidget(button)
            button.setVisible(bool(words and there))
            button.setText(words)
            button.setAccessibleName(words)
            button.clicked.connect(wanted)
        text = in_column(found, advice, buttons, gap=GRID // 4)
        row = in_row(mark := _severity_mark(finding.severity), (text, 1), of=self, gap=GRID)
        row.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
        advice.setVisible(bool(finding.advice))  # not before it has a place: it would be a window

    def set_locked(self, reason: str) -> None:
        """Let the remedy not be taken and say why, or allow it."""
        self.remedy.setEnabled(not reason)
        self.remedy.setToolTip(reason or "Undo takes it back")


def summary(findings: Sequence[Finding]) -> str:
    """Count findings in words: `2 serious findings, 1 warning, 3 notes`."""
    counts = {one: sum(each.severity == one for each in findings) for one in SEVERITIES}
    nouns = {"serious": "serious finding", "warning": "warning", "note": "note"}
    return ", ".join(count(number, nouns[one]) for one, number in counts.items() if number)


def _remedy(finding: Finding) -> str:
    """Return what a click does about it; empty: nothing."""
    if finding.without_copies:
        return "Leave copies out"
    return "Leave out" if finding.without_classes else ""
