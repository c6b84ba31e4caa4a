"""StepPage: the arrays of a frame, why a value is what it is, and where it comes from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.array_types import Array
from engine.explain.convolution import COLOURS
from engine.explain.indices import Index, index_words
from engine.explain.provenance import ReceptiveField, receptive_fields
from gui.glass.array_grid import SEEN, ArrayGrid
from gui.glass.explanation_card import ExplanationCard
from gui.glass.frame_arrays import FrameArray
from gui.glass.specimen import Specimen
from gui.theme import GRID, set_muted
from gui.widgets.cell_numbers import CellTexts
from gui.widgets.layouts import in_column
from gui.widgets.number_grid import GridFrame, NumberGrid
from gui.widgets.pictures import Bytes
from gui.widgets.plain_labels import plain_label

_MOST_FRAMES = 64
MOST_ARRAYS = 3
_OF_CARD, _OF_ARRAY = 3, 2  # shares of the width, where all stand in a row
_SCALE_LINES = 4  # of text, that axis and scale take beside the sample


class PictureGrid(NumberGrid):
    """Shows a grey image by its values on their scale, one in red, green and blue as it looks."""

    _picture: Bytes | None = None

    def set_picture(self, values: Array, picture: Bytes) -> None:
        """Show an image (channels, h, w) of bytes, of which `values` (h, w) are the first map."""
        self._picture = picture if len(picture) == len(COLOURS) else None
        self.set_scale("right" if self._picture is None else "none")
        self.set_values(values)

    def _colours(self) -> NDArray[np.uint8]:
        colours = super()._colours()
        if self._picture is not None:
            colours[..., :3] = np.moveaxis(self._picture, 0, -1)
        return colours

    def _written(self) -> CellTexts:
        """Write no numbers into colours: a colour is three of them."""
        return super()._written() if self._picture is None else CellTexts([])


class ReceptiveFieldView(QWidget):
    """Shows the sample with the receptive field of a value framed, and says it in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sample = PictureGrid("viridis", scale="right", axes=True)
        self.sample.setObjectName("glass.origin")
        self.sample.setAccessibleName("The image, with what the chosen value sees of it framed")
        self.sample.setMinimumSize(11 * GRID, 8 * GRID)
        self.words = plain_label()
        self.words.setObjectName("glass.origin_words")
        self.words.setWordWrap(True)
        set_muted(self.words)
        in_column(self.words, (self.sample, 1), of=self, gap=2)

    def show_place(
        self, specimen: Specimen, source: int | None, place: Index
    ) -> tuple[ReceptiveField, ...]:
        """Frame what an output of the block `source` sees; return the fields on the way.

        -1 is the image itself; None is a weight, which has no place.
        """
        self.sample.set_picture(specimen.step.image[0], specimen.sample.image)
        if source is None:
            self.sample.set_frames([])
            self.words.setText("")
            return ()
        if source < 0:
            self.sample.set_frames([GridFrame(place[1], place[2], 1, 1, SEEN)])
            self.words.setText(f"It is the pixel in {index_words(place[1:])}.")
            return ()
        fields = tuple(receptive_fields(specimen.report, source, place, training=True))
        window = fields[0].window
        self.sample.set_frames([GridFrame(*window, SEEN)] if window.height else [])
        self.words.setText(f"It sees {fields[0].words} of the image.")
        return fields

    def mark(self, grid: ArrayGrid, field: ReceptiveField) -> None:
        """Frame, in the block's own input, what the value is made of."""
        window, channels = field.window, field.channels
        if len(field.shape) == 3 and len(channels) <= _MOST_FRAMES:
            grid.mark_window(channels, window.top, window.left, window.height, window.width)
        elif not field.is_whole and len(channels) <= _MOST_FRAMES:
            grid.mark([(number, *(0,) * (len(field.shape) - 1)) for number in channels], SEEN)


class StepPage(QWidget):
    """Arrays in a row, and below them, or where it is low beside them, the explanation.

    Below, the sample stands at the right of the explanation, if it is to be seen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arrays = [ArrayGrid(f"glass.array.{n}", self) for n in range(MOST_ARRAYS)]
        self.signs = [plain_label() for _ in range(MOST_ARRAYS - 1)]
        for sign in self.signs:
            sign.setParent(self)
            sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.card, self.origin = ExplanationCard(self), ReceptiveFieldView(self)
        self._count = 0
        self._tall: bool | None = None
        self._shows_sample = False

    def show_arrays(self, found: Sequence[FrameArray], signs: Sequence[str]) -> None:
        """Show some arrays, with signs between them."""
        self._count = len(found)
        for number, (array, shown) in enumerate(zip(self.arrays, found, strict=False)):
            array.show_array(shown.words, shown.shown, shown.colours, shown.levels)
            array.setVisible(number < self._count)
        for array in self.arrays[self._count :]:
            array.hide()
        for number, (sign, text) in enumerate(zip(self.signs, signs, strict=True)):
            sign.setText(text)
            sign.setVisible(number < self._count - 1)

    def place_parts(self, *, tall: bool, shows_sample: bool) -> None:
        """Arrange the parts for the height; low, there is no sample."""
        if tall != self._tall:
            for array in self.arrays:
                array.set_low(not tall)
        self._tall, self._shows_sample = tall, shows_sample and tall
        self.origin.setVisible(self._shows_sample)
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, 40 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(30 * GRID, 8 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        if not self._count:
            return
        if not self._tall:
            share = self.width() // (_OF_ARRAY * self._count + _OF_CARD)
            left = self._place_arrays(QRect(0, 0, share * _OF_ARRAY * self._count, self.height()))
            self.card.setGeometry(left, 0, self.width() - left, self.height())
            return
        below = self.height() // 2
        above = self.height() - below - GRID
        self._place_arrays(QRect(0, 0, self.width(), above))
        width = self.width()
        if self._shows_sample:
            width -= min(below + _SCALE_LINES * self.fontMetrics().height(), width // 3) + GRID
        self.card.setGeometry(0, above + GRID, width, below)
        self.origin.setGeometry(width + GRID, above + GRID, self.width() - width - GRID, below)

    def _place_arrays(self, room: QRect) -> int:
        """Put the arrays beside each other, equally wide; return where the room beside begins."""
        signs = sum(sign.sizeHint().width() + 2 * GRID for sign in self.signs[: self._count - 1])
        left, width = room.left(), (room.width() - signs - GRID) // self._count
        for number in range(self._count):
            self.arrays[number].setGeometry(left, room.top(), width, room.height())
            left += width + GRID
            if number < self._count - 1:
                sign = self.signs[number]
                sign.setGeometry(left, room.top(), sign.sizeHint().width(), room.height())
                left += sign.width() + GRID
        return left
