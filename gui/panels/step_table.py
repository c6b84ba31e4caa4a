"""StepTable: what one training step does to every block, in numbers."""

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from engine.inspection.unit_health import UnitHealth
from engine.training.step_statistics import Norms, StepStatistics
from gui.panels.gradient_curves import name_of
from gui.theme import GRID, kind_colour, readable, small_font
from gui.widgets.number_words import percent, short
from gui.widgets.tooltips import plain_tooltip

_COLUMNS = ("block", "gradient", "weights", "update", "stuck")
_WEIGHTS, _NARROW = 2, 40 * GRID  # px
_HELP = (
    "The step with which training goes on from this moment. Gradient and weights are Euclidean "
    "norms. The update is a share of the weights, and the real one, whatever the optimizer. Stuck "
    "units are dead or saturated, over test images."
)


class StepTable(QTreeWidget):
    """A row for every block that learns or whose units can be stuck."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gradients.step")
        self.setAccessibleName("What the next step does to every block")
        self.setToolTip(plain_tooltip(_HELP))
        self.setHeaderLabels(_COLUMNS)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setFont(small_font())
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column in range(1, len(_COLUMNS)):
            self.headerItem().setTextAlignment(column, right)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the norm of the weights out where the names of the blocks have no room."""
        super().resizeEvent(event)
        self.setColumnHidden(_WEIGHTS, event.size().width() < _NARROW)

    def show_step(self, step: StepStatistics | None, health: UnitHealth) -> None:
        """Show what a step did, if it is known, and which share of units was stuck before it."""
        self.clear()
        blocks = () if step is None else step.blocks
        learns = {block.slot_id: block.norms for block in blocks}
        for block in health.blocks:
            norms = learns.get(block.slot_id)
            is_asked = not math.isnan(block.stuck)
            if norms is None and not is_asked:
                continue
            told = ["", "", ""] if norms is None else _numbers(norms)
            stuck = percent(block.stuck) if is_asked else ""
            item = QTreeWidgetItem([name_of(block).split(",")[0], *told, stuck])
            item.setToolTip(0, plain_tooltip(name_of(block)))
            ground = self.palette().base().color()
            item.setForeground(0, QBrush(readable(kind_colour(block.group), ground)))
            for column in range(1, len(_COLUMNS)):
                item.setTextAlignment(
                    column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
            self.addTopLevelItem(item)


def _numbers(norms: Norms) -> list[str]:
    """Write the norms of a block; what is locked has no gradient."""
    numbers = norms.gradient, norms.weights, norms.relative_update
    return ["–" if math.isnan(number) else short(number, 2) for number in numbers]
