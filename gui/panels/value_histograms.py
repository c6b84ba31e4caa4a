"""ValueHistograms: how the weights and the activations of a block are distributed."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.probes import BlockProbe, Probe
from gui.panels.gradient_curves import name_of
from gui.theme import GRID, kind_colour, set_muted
from gui.widgets.histogram import HistogramView

_HELP = (
    "What the block's outputs are over test digits, and its weights. "
    "A bar that towers over the others is cut off and has its share beside it."
)


class ValueHistograms(QWidget):
    """Two histograms of one block, which is chosen above them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._probe: Probe | None = None
        self._listed: list[tuple[int, str]] = []
        self.block = QComboBox()
        self.block.setObjectName("gradients.block")
        self.block.setAccessibleName("Block whose values are shown")
        self.block.setToolTip(_HELP)
        self.weights = HistogramView("weights")
        self.activations = HistogramView("activations")
        label = QLabel("&values of:")
        set_muted(label)
        label.setBuddy(self.block)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(label)
        row.addWidget(self.block)
        row.addStretch(1)
        pair = QHBoxLayout()
        pair.setSpacing(GRID)
        pair.addWidget(self.weights)
        pair.addWidget(self.activations)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(row)
        column.addLayout(pair, 1)
        self.block.activated.connect(self._draw)

    def draw(self, probe: Probe | None) -> None:
        """Draw the values of the chosen block; None: they are not known."""
        self._probe = probe
        if probe is not None:
            self._list_blocks([(block.slot_id, name_of(block)) for block in probe.blocks])
        self._draw()

    def _draw(self) -> None:
        block = self._chosen()
        if block is None:
            return
        colour = kind_colour(block.group)
        self.weights.setVisible(block.weights is not None)
        self.weights.show_histogram(block.weights, colour)
        self.activations.show_histogram(block.activations, colour)

    def _chosen(self) -> BlockProbe | None:
        place = self.block.currentIndex()
        if self._probe is None or not 0 <= place < len(self._probe.blocks):
            return None
        return self._probe.blocks[place]

    def _list_blocks(self, blocks: list[tuple[int, str]]) -> None:
        """Offer the blocks; the chosen one stays chosen."""
        if blocks == self._listed:
            return
        old = self.block.currentIndex()
        chosen = self._listed[old][0] if 0 <= old < len(self._listed) else None
        slots = [slot for slot, _ in blocks]
        self._listed = blocks
        with QSignalBlocker(self.block):
            self.block.clear()
            self.block.addItems([text for _, text in blocks])
            self.block.setCurrentIndex(slots.index(chosen) if chosen in slots else 0)
