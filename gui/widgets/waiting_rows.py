"""WaitingRows: the blocks of which nothing can be shown, each with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import GRID, set_muted, small_font
from gui.widgets.layouts import in_column, in_row
from gui.widgets.plain_labels import plain_label
from gui.widgets.problem_label import ProblemLabel


@dataclass(frozen=True)
class WaitingBlock:
    """A block's title and the reason in words; `problem` if the block itself is the reason."""

    title: str
    reason: str
    problem: bool = False


class WaitingRows(QWidget):
    """A grey heading for each block with its reason: red below it, or quiet beside it.

    To a layout it has a height like any other: were it said to depend on the width, a scroll area
    would make all else in it as high as it likes to be.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[WaitingBlock, ...] = ()
        self._rows: list[QWidget] = []
        self._column = in_column(of=self)
        self.hide()

    def shown(self) -> tuple[WaitingBlock, ...]:
        """What is said, in the order of the blocks."""
        return self._shown

    def show_rows(self, rows: Sequence[WaitingBlock]) -> None:
        """Show other rows; without any, take no room."""
        if tuple(rows) == self._shown:
            return
        self._shown = tuple(rows)
        for row in self._rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self._rows = [_problem(row) if row.problem else _quiet(row) for row in rows]
        for widget in self._rows:
            self._column.addWidget(widget)
            widget.show()  # at once, for a layout gives no height to what is hidden
        self.setVisible(bool(rows))
        self._fit()

    def hasHeightForWidth(self) -> bool:
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the sentences for another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._column.activate()
        height = self._column.totalHeightForWidth(self.width())
        self.setFixedHeight(height if height > 0 else self._column.totalSizeHint().height())


def _problem(row: WaitingBlock) -> QWidget:
    widget = QWidget()
    # With a parent from the start: the sentence shows itself, and would be a window of its own.
    title = plain_label(row.title)
    title.setParent(widget)
    reason = ProblemLabel(widget)
    set_muted(title)
    reason.setFont(small_font())
    reason.say(row.reason)
    in_column(title, reason, of=widget, gap=0)
    widget.setAccessibleName(f"{row.title}: {row.reason}")
    return widget


def _quiet(row: WaitingBlock) -> QWidget:
    title, reason = plain_label(row.title), plain_label(row.reason)
    title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    reason.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    widget = QWidget()
    line = in_row(of=widget, gap=GRID)
    for label, share in ((title, 1), (reason, 0)):
        set_muted(label)
        line.addWidget(label, share)
    widget.setAccessibleName(f"{row.title}: {row.reason}")
    return widget
