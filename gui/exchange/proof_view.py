"""ProofView: what came of the checks of an export, way by way and block by block."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from engine.proof.verdict import BlockDifference, Verdict, WayName, extra_of
from engine.text.words import joined
from gui.theme import GRID, colours_of
from gui.widgets.labels import CROSS, ProblemLabel, plain_label, wrapping_label
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_words import short

_NAMES: dict[WayName, str] = {"torch": "PyTorch", "keras": "Keras", "kernel": "a notebook kernel"}
TICK = "✓"
_NOT_RUN = "not run"
HEADINGS = ("Checked by", "Same answer", "Largest difference", "Mean")
_TIP = "Open a row: how far the outputs of each block differ, relative to their range"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MOST_ROWS = 12  # of the table, which scrolls then


def headline(verdicts: Sequence[Verdict]) -> str:
    """Say in one sentence how far all that ran agrees: the least agreement, the largest difference.

    Empty if nothing ran.
    """
    ran = [verdict for verdict in verdicts if verdict.ran]
    if not ran:
        return ""
    least = min(ran, key=lambda verdict: verdict.agree)
    largest = max(verdict.largest for verdict in ran)
    programs = ", ".join(dict.fromkeys(verdict.program for verdict in ran))
    return (
        f"{least.agree:,} of {least.samples:,} {least.images} get the same answer; largest "
        f"difference {short(largest, 1)} ({programs})."
    )


def problems(verdicts: Sequence[Verdict]) -> list[str]:
    """Say of each way that does not hold why."""
    return [verdict.text for verdict in verdicts if not verdict.holds and not verdict.missing]


def notes(verdicts: Sequence[Verdict]) -> str:
    """Say what would check more, and on what it was checked if not on test images."""
    said = [
        f"For a check by {_NAMES.get(verdict.way, verdict.way)} too, install "
        f"{joined(verdict.missing)}{extra_of(verdict.way)}."
        for verdict in verdicts
        if verdict.missing
    ]
    if any(verdict.ran and verdict.images == "images of noise" for verdict in verdicts):
        said.append("There are no test images that fit, so images of noise were compared.")
    return " ".join(said)


class ProofView(QWidget):
    """A sentence, a table with a row for each way, which opens to its blocks, and what is missing.

    Hidden while nothing was exported.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = plain_label(TICK)
        self._mark.setAccessibleName("Done")
        self.done = wrapping_label(f"{name}.done")
        self.done.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.problem = named(ProblemLabel(), f"{name}.disproof")
        self.notes = wrapping_label(f"{name}.notes", muted=True)
        self.table = named(QTreeWidget(), f"{name}.proof", "Checks, block by block", _TIP)
        self.table.setHeaderLabels(HEADINGS)
        self.table.setAlternatingRowColors(True)
        self.table.setUniformRowHeights(True)
        self.table.setTabKeyNavigation(False)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.expanded.connect(self._fit)
        self.table.collapsed.connect(self._fit)
        line = in_row((self._mark, 0, Qt.AlignmentFlag.AlignTop), (self.done, 1), gap=GRID)
        in_column(line, self.problem, self.table, self.notes, of=self, gap=GRID)
        self.hide()

    def show_nothing(self) -> None:
        """Say nothing."""
        self.table.clear()
        self.hide()

    def show_outcome(self, done: str, verdicts: Sequence[Verdict]) -> None:
        """Say in a sentence what was done, and what came of each way of a check."""
        self.done.setText(" ".join(filter(None, (done, headline(verdicts)))))
        self._show(verdicts, done=True)

    def show_disproof(self, verdicts: Sequence[Verdict]) -> None:
        """Show what came of each way of a check, for which nothing was done."""
        self._show(verdicts, done=False)

    def _show(self, verdicts: Sequence[Verdict], *, done: bool) -> None:
        for widget in (self._mark, self.done):
            widget.setVisible(done)
        self.problem.say("\n".join(problems(verdicts)) if done else "")
        left = notes(verdicts)
        self.notes.setText(left)
        self.notes.setVisible(bool(left))
        self.table.setVisible(bool(verdicts))
        self.show()
        self._fill(verdicts)

    def _fill(self, verdicts: Sequence[Verdict]) -> None:
        self.table.clear()
        for verdict in verdicts:
            row = self._row_of(verdict)
            self.table.addTopLevelItem(row)
            row.setExpanded(verdict.first_different is not None)
        self.table.setCurrentIndex(self.table.model().index(0, 0))
        self._fit()

    def _row_of(self, verdict: Verdict) -> QTreeWidgetItem:
        of_program = verdict.program.startswith(verdict.way)
        name = verdict.program if of_program else f"{verdict.way} ({verdict.program})"
        if not verdict.ran:
            return self._row(name, _NOT_RUN, wrong=bool(verdict.failure))
        agreeing = f"{verdict.agree:,} of {verdict.samples:,}"
        sizes = (short(each, 2) for each in (verdict.largest, verdict.mean))
        row = self._row(name, agreeing, *sizes, wrong=not verdict.holds)
        for block in verdict.blocks:
            row.addChild(self._row_of_block(block, block is verdict.first_different))
        return row

    def _row_of_block(self, block: BlockDifference, first: bool) -> QTreeWidgetItem:
        differs = "the first that differs" if first else "differs" if block.differs else ""
        sizes = (short(each, 2) for each in (block.largest, block.mean))
        return self._row(f"{block.number} {block.title}", differs, *sizes, wrong=first)

    def _row(self, name: str, *texts: str, wrong: bool = False) -> QTreeWidgetItem:
        """Make a row, numbers on the right; one that is wrong has a cross."""
        row = QTreeWidgetItem([f"{CROSS} {name}" if wrong else name, *texts])
        for place in range(len(HEADINGS)):
            if wrong:
                row.setForeground(place, QColor(colours_of(self.palette()).wrong))
            if place > 1:
                row.setTextAlignment(place, _RIGHT)
        return row

    @Slot()
    def _fit(self) -> None:
        """Be as high as the rows that can be seen, up to some, so that nothing scrolls twice."""
        rows, item = 0, self.table.topLevelItem(0)
        while item is not None:
            rows, item = rows + 1, self.table.itemBelow(item)
        row = max(self.table.sizeHintForRow(0), self.fontMetrics().height())
        inside = self.table.header().sizeHint().height() + min(rows, _MOST_ROWS) * row
        self.table.setFixedHeight(inside + 2 * self.table.frameWidth())
