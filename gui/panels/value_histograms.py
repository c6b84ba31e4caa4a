"""ValueHistograms: how the weights and the activations of a block are distributed."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.inspection.unit_health import BlockHealth, Histogram, UnitHealth
from gui.panels.gradient_curves import name_of
from gui.theme import GRID, kind_colour, set_muted
from gui.widgets.block_box import BlockBox
from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.headline import NOT_TRAINED
from gui.widgets.histogram import HistogramView
from gui.widgets.numbers import epoch
from gui.widgets.plain_labels import label_for
from gui.widgets.tooltips import plain_tooltip

_HELP = (
    "How often which values occur among the block's weights, and among its outputs over test "
    "images; above them mean ± standard deviation. A bar that towers over the others is cut off "
    "and has its share beside it."
)


class ValueHistograms(QWidget):
    """Two histograms of one block, which is chosen above them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._health: UnitHealth | None = None
        self.block = BlockBox()
        self.block.setObjectName("gradients.block")
        self.block.setAccessibleName("Block whose values are shown")
        self.block.setToolTip(plain_tooltip(_HELP))
        self._when = ElidedLabel()
        self._when.setObjectName("gradients.when")
        set_muted(self._when)
        self.weights = HistogramView("weights")
        self.activations = HistogramView("activations")
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(label_for(self.block, "val&ues of:"))
        row.addWidget(self.block)
        row.addWidget(FixedLabel(self._when), 1)
        self._titles = {
            view: FixedLabel(ElidedLabel()) for view in (self.weights, self.activations)
        }
        pair = QGridLayout()
        pair.setSpacing(GRID // 2)
        pair.setHorizontalSpacing(GRID)
        for place, (view, title) in enumerate(self._titles.items()):
            set_muted(title.label)
            pair.addWidget(title, 0, place)
            pair.addWidget(view, 1, place)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(row)
        column.addLayout(pair, 1)
        self.block.activated.connect(self._draw)

    def draw(self, health: UnitHealth | None, *, changed: bool = False) -> None:
        """Draw the values of the chosen block, at once."""
        for part in self.parts(health, changed=changed):
            part()

    def parts(
        self, health: UnitHealth | None, *, changed: bool = False
    ) -> list[Callable[[], object]]:
        """Return what draws the values of the chosen block, one histogram after the other.

        None: they are not known. `changed` says that they are of a network that was changed since
        it was trained.
        """
        return [partial(self._say, health, changed), self._draw_weights, self._draw_activations]

    def _say(self, health: UnitHealth | None, changed: bool) -> None:
        """Say of when the values are, and which blocks have some."""
        self._health = health
        if health is not None:
            when = epoch(health.position)
            texts = (NOT_TRAINED, "changed", "") if changed else (f"at {when}", when, "")
            self._when.set_texts(*texts)
            self._when.setToolTip(f"{texts[0]}; values over {health.samples} test images")
            self.block.offer([(block.slot_id, name_of(block)) for block in health.blocks])

    def _draw(self) -> None:
        """Draw another block."""
        self._draw_weights()
        self._draw_activations()

    def _draw_weights(self) -> None:
        block = self._chosen()
        if block is not None:
            self.weights.setVisible(block.weights is not None)
            self._show(self.weights, block.weights, block)

    def _draw_activations(self) -> None:
        block = self._chosen()
        if block is not None:
            self._show(self.activations, block.activations, block)

    def _show(self, view: HistogramView, values: Histogram | None, block: BlockHealth) -> None:
        view.show_histogram(values, kind_colour(block.group))
        title = self._titles[view]
        title.label.setText(view.sentence())
        title.setHidden(view.isHidden())

    def _chosen(self) -> BlockHealth | None:
        slot_id = self.block.slot_id()
        blocks = () if self._health is None else self._health.blocks
        return next((block for block in blocks if block.slot_id == slot_id), None)
