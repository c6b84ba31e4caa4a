"""BlockBox: a list to choose one block of a network from."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

_LEAST = 6  # letters that there is room for in a narrow panel


class BlockBox(QComboBox):
    """Offers blocks; the chosen one stays chosen when others come and go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered: list[tuple[int, str]] = []
        # As wide as the blocks of the moment, unless the panel is narrow.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumContentsLength(_LEAST)

    def offer(self, blocks: Sequence[tuple[int, str]]) -> None:
        """List blocks by their slot ids and texts, in place of the former ones."""
        if list(blocks) == self._offered:
            return
        chosen, slots = self.slot_id(), [slot for slot, _ in blocks]
        self._offered = list(blocks)
        with QSignalBlocker(self):
            self.clear()
            self.addItems([text for _, text in blocks])
            self.setCurrentIndex(slots.index(chosen) if chosen in slots else 0)

    def choose(self, slot_id: int) -> None:
        """Choose a block that is offered, as if nobody had done it."""
        slots = [slot for slot, _ in self._offered]
        if slot_id in slots:
            with QSignalBlocker(self):
                self.setCurrentIndex(slots.index(slot_id))

    def slot_id(self) -> int | None:
        """Return the slot id of the chosen block; None if there is none."""
        place = self.currentIndex()
        return self._offered[place][0] if 0 <= place < len(self._offered) else None
