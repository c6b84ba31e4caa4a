"""LossTable: the loss of one sample, class by class, with the terms that make it."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.explain.losses import LossStep, loss_curve
from engine.explain.training_step import TrainingStep
from gui.glass.curve_picture import LEAST_HEIGHT, CurvePicture
from gui.glass.written_sums import power_of_ten, written_numbers
from gui.theme import GRID
from gui.widgets.labels import plain_label
from gui.widgets.layouts import named
from gui.widgets.number_words import pretty, short
from gui.widgets.tables import add_row, small_table, whole_height
from gui.widgets.typesetting import EquationLabel

_LOW, _TALL = 24 * GRID, 32 * GRID  # px
_WIDE = 800  # px; from here on the curve stands beside the table
_LINES = 8  # of text, that equations, total and words take with their distances


class LossTable(QWidget):
    """A row for every class: output, target, terms, share of the loss, and gradient; their sum."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.equation = EquationLabel("glass.loss_equation")
        self.table = small_table("glass.loss_table", "The loss, class by class")
        self.total = named(plain_label(), "glass.loss_value")
        self.curve = CurvePicture(self)
        self.words = plain_label(muted=True, wraps=True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GRID // 2)
        self._grid.setHorizontalSpacing(3 * GRID)
        for row, part in enumerate((self.equation, self.table, self.total, self.words)):
            self._grid.addWidget(part, row, 0)
        self._grid.setRowStretch(1, 100)  # first all rows, then the curve
        self._grid.setRowStretch(4, 1)

    def show_loss(self, step: TrainingStep, *, again: bool) -> None:
        """Show the loss before the update, or after it beside that before."""
        loss = step.loss_after if again else step.loss
        self.equation.show_equations(loss.equation, loss.gradient_equation)
        self._fill(loss)
        self.total.setText(f"E = {short(loss.value, 7)}")
        right = next((row for row in loss.rows if row.target), loss.rows[0])
        self.curve.show_curve(loss_curve(step.settings.loss, right, len(loss.rows)))
        self.words.setText(_words(step) if again else _FIRST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the sentence out where there is little room, but never a row."""
        super().resizeEvent(event)
        self.words.setVisible(event.size().height() >= _LOW)
        self._fit()

    def _fit(self) -> None:
        """Show the curve where all rows of the table fit above it, and terms where all columns do.

        A narrow table has what they come to.
        """
        terms = range(3, self.table.columnCount() - 2)
        for hidden in (False, True):
            if not hidden or self.table.header().length() > self.width() - 4:
                for column in terms:
                    self.table.setColumnHidden(column, hidden)
        whole = whole_height(self.table)
        words = _LINES * self.fontMetrics().height()
        beside = self.width() >= _WIDE
        self._grid.addWidget(self.curve, *((0, 1, 5, 1) if beside else (4, 0, 1, 1)))
        self.table.setMinimumWidth(self.table.header().length() + 4 if beside else 0)
        self._grid.setColumnStretch(1, int(beside))
        below = self.height() >= max(_TALL, whole + words + LEAST_HEIGHT)
        self.curve.setVisible(beside or below)
        self.table.setMaximumHeight(whole)

    def _fill(self, loss: LossStep) -> None:
        terms = [pretty(term.label) for term in loss.rows[0].terms]
        shares, exponent = written_numbers([row.share for row in loss.rows], 6)
        headers = ["class", "y", "y*", *terms, f"share of E{power_of_ten(exponent)}", "∂E/∂y"]
        self.table.clear()
        self.table.setColumnCount(len(headers))
        self.table.setHeaderLabels(headers)
        for row, share in zip(loss.rows, shares, strict=True):
            inner = [short(term.value, 5) for term in row.terms]
            texts = [short(row.output, 5), f"{row.target:g}", *inner, share, short(row.gradient, 5)]
            add_row(self.table, [f"{row.name} ✓" if row.target else row.name, *texts])
        self._fit()


_FIRST = (
    "The loss is small where outputs are near their targets. Its gradient says how each output "
    "would have to change, and is what the backward pass begins with."
)


def _words(step: TrainingStep) -> str:
    before, after = short(step.loss.value, 6), short(step.loss_after.value, 6)
    if step.is_lower:
        return f"Before the update it was {before}, now it is {after}: lower. The step has helped."
    if step.loss_after.value == step.loss.value:
        return f"It was {before} and has not changed: the gradients are 0, or all is locked."
    return (
        f"Before the update it was {before}, now it is {after}: not lower. The step was too long; "
        "a smaller learning rate would help."
    )
