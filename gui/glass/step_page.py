"""StepPage: the arrays of a frame, why a value is what it is, and where it comes from."""

from collections.abc import Sequence
from itertools import pairwise, zip_longest

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QSizePolicy, QWidget

from engine.explain.convolution import COLOURS
from engine.explain.indices import Index, index_words
from engine.explain.provenance import ReceptiveField, receptive_fields
from gui.glass.array_grid import SEEN, ArrayGrid
from gui.glass.explanation_card import ExplanationCard
from gui.glass.frame_arrays import FrameArray
from gui.glass.specimen import Specimen
from gui.theme import GRID
from gui.widgets.colour_scale import GREY, ScaleSide
from gui.widgets.labels import plain_label
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_grid import GridFrame, NumberGrid

_MOST_FRAMES = 64
MOST_ARRAYS = 4
_OF_CARD, _OF_ARRAY = 3, 2  # shares of the width, where all stand in a row
_ROOMY = 50 * GRID  # px; below this width a row has no scales
_BESIDE, _BELOW = 16 * GRID, 12 * GRID  # px of an array with its scale beside it, or below


class ReceptiveFieldView(QWidget):
    """Shows the sample with the receptive field of a value framed, and says it in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = NumberGrid(GREY, scale="right", axes=True)
        spoken = "The image, with what the chosen value sees of it framed"
        self.sample = named(grid, "glass.origin", spoken)
        self.sample.setMinimumSize(11 * GRID, 8 * GRID)
        # Else the words, which wrap, would make its hint the least that it takes of the arrays.
        self.sample.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.words = named(plain_label(muted=True, wraps=True), "glass.origin_words")
        in_column(self.words, (self.sample, 1), of=self, gap=2)

    def show_place(
        self, specimen: Specimen, source: int | None, place: Index
    ) -> tuple[ReceptiveField, ...]:
        """Frame what an output of the block `source` sees; return the fields on the way.

        -1 is the image itself; None is a weight, which has no place.
        """
        values, picture = specimen.step.image[0], specimen.sample.image
        if len(picture) == len(COLOURS):  # as it looks, not by its values on their scale
            self.sample.set_scale("none")
            self.sample.set_values(np.moveaxis(picture, 0, -1)[np.newaxis] / 255, (0.0, 1.0))
        else:
            self.sample.set_scale("right")
            self.sample.set_values(values)
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


class Sign(QLabel):
    """What stands between two arrays, level with the middle of the higher one's cells."""

    def __init__(self, beside: Sequence[ArrayGrid], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._beside = beside

    def paintEvent(self, event: QPaintEvent) -> None:
        middle = max(
            array.y() + array.grid.y() + array.grid.cells().area.center().y()
            for array in self._beside
        )
        room = QRectF(0, 0, self.width(), 2 * (middle - self.y()))
        QPainter(self).drawText(room, Qt.AlignmentFlag.AlignCenter, self.text())


class StepPage(QWidget):
    """Arrays in a row, and below them, or where it is low beside them, the explanation.

    Below, the sample stands at the right of the explanation, if it is to be seen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arrays = [ArrayGrid(f"glass.array.{n}") for n in range(MOST_ARRAYS)]
        self.signs = [Sign(beside) for beside in pairwise(self.arrays)]
        self.card, self.origin = ExplanationCard(), ReceptiveFieldView()
        row = in_row((self.arrays[0], 1), gap=GRID)
        for sign, array in zip(self.signs, self.arrays[1:], strict=True):
            row.addWidget(sign)
            row.addWidget(array, 1)
        self._halves = in_column(row, in_row((self.card, 2), (self.origin, 1), gap=GRID), of=self)
        self._halves.setSpacing(GRID)
        self.setMinimumSize(30 * GRID, 8 * GRID)
        self._side: ScaleSide | None = None  # of the arrays, where their scales stand

    def show_arrays(self, found: Sequence[FrameArray]) -> None:
        """Show some arrays, with their signs between them."""
        for array, shown in zip_longest(self.arrays, found):
            if shown is not None:
                array.show_array(shown.words, shown.shown, shown.colours, shown.levels)
            array.setVisible(shown is not None)
        for sign, shown in zip_longest(self.signs, found[1:]):
            sign.setText("" if shown is None else shown.sign)
            sign.setVisible(shown is not None)
            sign.update()  # the cells beside it may be others

    def place_parts(self, *, tall: bool, shows_sample: bool) -> None:
        """Arrange the parts for the height; low, there is no sample."""
        shown = sum(not array.isHidden() for array in self.arrays)
        side: ScaleSide = "right" if tall and self.width() >= shown * _BESIDE else "below"
        if self.width() < (shown * _BELOW if tall else _ROOMY):
            side = "none"
        if side != self._side:
            for array in self.arrays:
                array.set_scale(side)
        self._side = side
        self.origin.setVisible(shows_sample and tall)
        directions = QBoxLayout.Direction
        self._halves.setDirection(directions.TopToBottom if tall else directions.LeftToRight)
        for place, share in enumerate((1, 1) if tall else (_OF_ARRAY * shown, _OF_CARD)):
            self._halves.setStretch(place, share)
