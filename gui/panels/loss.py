"""The loss panel: how wrong the network is, batch by batch and epoch by epoch."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.training import EpochDone
from gui.theme import GRID
from gui.widgets.curves import Curve, CurvePlot
from gui.widgets.empty import EmptyState
from gui.widgets.numbers import percent, short
from gui.widgets.series import Floats

_CURVES = {
    "loss": (
        Curve("loss batch", "train", pale=True),
        Curve("loss train", "train", marked=True),
        Curve("loss test", "test", Qt.PenStyle.DashLine, marked=True),
    ),
    "accuracy": (
        Curve("accuracy train", "train", Qt.PenStyle.DotLine, axis="right", marked=True),
        Curve("accuracy test", "test", Qt.PenStyle.DashDotLine, axis="right", marked=True),
    ),
}
_UNFINISHED = "No epoch is finished yet"
_EMPTY = "The loss of every batch and epoch will be drawn here.\nClick Train to begin."


class LossPanel(QWidget):
    """Curves of loss and accuracy that grow while the network learns.

    The setters only store; `refresh` draws when `dirty`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.loss")
        self.setAccessibleName("Loss and accuracy")
        self.setMinimumSize(40 * GRID, 25 * GRID)
        self.dirty = False
        self._headline = QLabel()
        self._headline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._plot = CurvePlot(_CURVES, left="loss", bottom="epoch")
        self._plot.setAccessibleName("Curves of loss and accuracy")
        self._plot.setToolTip("The loss axis leaves out the largest 1 % of the batch losses.")
        self._words = _UNFINISHED
        self._has_points = False
        self._last = 0.0  # epochs

        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID // 2)
        column.addWidget(self._headline)
        column.addWidget(self._plot, 1)
        self._empty = EmptyState(content, _EMPTY)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._empty)

    def start_run(self) -> None:
        """Begin the curves of a new run: those of the last one go."""
        self.clear()

    def add_batches(self, epochs: Floats, losses: Floats) -> None:
        """Append the losses of batches at times x in epochs, such as 2.35.

        After a stop amid an epoch, the next run begins that epoch again: the curve has a gap there.
        """
        if len(epochs) and epochs[0] < self._last:
            self._plot.extend("loss batch", np.array([self._last]), np.array([np.nan]))
        self._last = float(epochs[-1]) if len(epochs) else self._last
        self._plot.extend("loss batch", epochs, losses)
        self._has_points = self._has_points or len(losses) > 0
        self.dirty = True

    def add_epoch(self, event: EpochDone) -> None:
        """Append the means of a finished epoch."""
        x = np.array([float(event.epoch)])
        for name, value in (
            ("loss train", event.loss),
            ("loss test", event.test_loss),
            ("accuracy train", event.accuracy * 100),
            ("accuracy test", event.test_accuracy * 100),
        ):
            self._plot.extend(name, x, np.array([value]))
        self._words = (
            f"epoch {event.epoch}: loss {short(event.loss)}, test {short(event.test_loss)}, "
            f"test accuracy {percent(event.test_accuracy)}"
        )
        self._has_points = True
        self.dirty = True

    def clear(self) -> None:
        """Forget all curves."""
        self._plot.clear()
        self._words = _UNFINISHED
        self._has_points = False
        self._last = 0.0
        self.dirty = True

    def headline(self) -> str:
        """The last numbers, as shown above the curves."""
        return self._headline.text()

    def refresh(self) -> None:
        """Draw the newest curves."""
        self.dirty = False
        if not self._has_points:
            self._empty.show_sentence(_EMPTY)
            return
        self._headline.setText(self._words)
        self._plot.setAccessibleDescription(self._words)
        self._plot.draw()
        self._empty.show_content()
