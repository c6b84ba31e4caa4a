"""ReceptiveFieldView: the part of the sample from which a value comes."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.explain.indices import Index, index_words
from engine.explain.provenance import ReceptiveField, receptive_fields
from gui.glass.array_grid import SEEN, ArrayGrid
from gui.glass.picture_grid import PictureGrid
from gui.glass.specimen import Specimen
from gui.theme import GRID, set_muted
from gui.widgets.number_grid import GridFrame
from gui.widgets.plain_labels import plain_label

_MOST_FRAMES = 64


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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.words)
        column.addWidget(self.sample, 1)

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
