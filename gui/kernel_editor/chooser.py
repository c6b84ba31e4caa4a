"""KernelChooser: which kernel K_ij of a block is shown, and the boxes to choose another."""

import html
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from engine.explain.convolution import COLOURS
from gui.theme import GRID
from gui.widgets.elision import elide
from gui.widgets.tooltips import plain_tooltip

_WIDEST = 30 * GRID  # px of a block's name


class KernelChooser(QWidget):
    """Names the kernel, and says by `chosen` which output map and channel are wanted, from 0."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.RichText)
        self._output = _number_box("map", "Output map i")
        self._channel = _number_box("channel", "Input channel j")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self._name, 1)
        for title, box in (("map i", self._output), ("channel j", self._channel)):
            label = QLabel(title)
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box)
            box.valueChanged.connect(self._choose)

    def show_place(
        self, block: str, output: int, channel: int, counts: Sequence[int], *, sees: bool = False
    ) -> None:
        """Name a kernel of a block that has so many output maps and input channels.

        One that `sees` the image may have a channel for each of its colours.
        """
        short = elide(block, self.fontMetrics(), _WIDEST)
        self._name.setText(f"<b>K<sub>{output + 1},{channel + 1}</sub></b> of {html.escape(short)}")
        self._name.setToolTip(plain_tooltip(block if short != block else ""))
        for box, number, most in zip(
            (self._output, self._channel), (output, channel), counts, strict=True
        ):
            with QSignalBlocker(box):
                box.setRange(1, most)
                box.setValue(number + 1)
                coloured = sees and box is self._channel and most == len(COLOURS)
                box.setSuffix(f" of {most}" + (f", {COLOURS[number]}" if coloured else ""))
            box.setEnabled(most > 1)
            box.setToolTip("" if most > 1 else f"There is one {box.accessibleName()[:-2].lower()}.")

    def name(self) -> str:
        """The name that is shown."""
        return self._name.text()

    @Slot(int)
    def turn(self, step: int) -> None:
        """Choose the kernel so many places further: all channels of a map, then the next map."""
        channels = self._channel.maximum()
        place = (self._output.value() - 1) * channels + self._channel.value() - 1 + step
        self.chosen.emit(*divmod(place % (self._output.maximum() * channels), channels))

    @Slot()
    def _choose(self) -> None:
        self.chosen.emit(self._output.value() - 1, self._channel.value() - 1)


def _number_box(name: str, title: str) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(f"kernel.{name}")
    box.setAccessibleName(title)
    box.setWrapping(True)
    box.setKeyboardTracking(False)
    return box
