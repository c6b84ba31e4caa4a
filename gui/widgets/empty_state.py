"""What a panel, or a block in it, shows before it has anything to show, and why it has nothing."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.model.stack import ShapeReport
from gui.theme import GRID, small_font
from gui.widgets.labels import ProblemLabel, plain_label
from gui.widgets.layouts import in_column, named

FIX = "The list of blocks says what to do."
CHOOSE = "The view Data says what to do."
NO_IMAGES = f"There are no test images. {CHOOSE}"


class EmptyState(QWidget):
    """Show a panel's content, or in its place one sentence: what will be here, what to click."""

    def __init__(self, content: QWidget, sentence: str) -> None:
        super().__init__()
        self._content = content
        self._label = named(plain_label(sentence, muted=True, wraps=True), "empty")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setContentsMargins(3 * GRID, 0, 3 * GRID, 0)  # low panels have no room to spare
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._label)
        self._stack.addWidget(content)

    def show_content(self) -> None:
        """Show the content."""
        self._stack.setCurrentWidget(self._content)

    def parts(self) -> list[Callable[[], object]]:
        """Return what shows the content, bit by bit: to lay it out takes as long as to paint it."""
        if self._stack.currentWidget() is self._content:
            return []
        return [self._lay_out, partial(self.setUpdatesEnabled, True)]

    def _lay_out(self) -> None:
        self.setUpdatesEnabled(False)
        self.show_content()

    def show_sentence(self, sentence: str) -> None:
        """Show a sentence in place of the content."""
        self._label.setText(sentence)
        self._stack.setCurrentWidget(self._label)

    def sentence(self) -> str:
        """The sentence that is shown; empty while the content is."""
        return self._label.text() if self._stack.currentWidget() is self._label else ""


class WaitingRows(QWidget):
    """A line for each block that does not fit, in red, and for each that waits, quiet.

    To a layout it has a height like any other: were it said to depend on the width, a scroll
    area would make all else in it as high as it likes to be.
    """

    def __init__(self) -> None:
        super().__init__()
        self._problem, self._waiting = ProblemLabel(self), plain_label(muted=True, wraps=True)
        self._problem.setFont(small_font())
        in_column(self._problem, self._waiting, of=self)
        self.hide()

    def show_rows(self, bad: str, waiting: str) -> None:
        """Show other rows; without any, take no room."""
        self._problem.say(bad)
        self._waiting.setText(waiting)
        self._waiting.setVisible(bool(waiting))
        self._fit()
        self.setVisible(bool(bad or waiting))

    def hasHeightForWidth(self) -> bool:
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the sentences for another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        for label in (self._problem, self._waiting):
            label.setFixedHeight(max(0, label.heightForWidth(self.width())))


def until_it_fits(report: ShapeReport) -> str:
    """Return until when things wait, such as `until block 5 fits`; nothing if all blocks fit."""
    if report.problem is None:
        return ""
    return "until there are blocks" if report.place is None else f"until block {report.place} fits"


def until_it_predicts(report: ShapeReport) -> str:
    """Return until when no class is predicted; nothing if the outputs are those of the classes."""
    return "" if report.predicts else until_it_fits(report)


def none_until(what: str, until: str) -> str:
    """Return that there is no such thing until the blocks fit, and what to do."""
    return f"No {what} {until}. {FIX}"


def when_there_is_data(what: str) -> str:
    """Return what a panel will show soon, and where it says how far the reading of images is."""
    return f"{what} will be here soon.\nWhile images are read, the view Data says how far that is."
