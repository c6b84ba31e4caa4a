"""Pictures of the view Why: cells under a title, images, maps over images, samples."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.inspection.snapshot import Sample
from gui.theme import GRID, set_muted, small_font
from gui.widgets.colour_scale import GREY, ColourMap, Levels, table_for
from gui.widgets.labels import ElidedLabel, plain_tooltip
from gui.widgets.layouts import in_column, named
from gui.widgets.number_grid import NumberGrid

SIGNED: ColourMap = "CET-D1"
_LEAST = 17 * GRID  # px that pictures are high at least
_FAINTEST = 0.75  # the most that a map covers of the image below it


class PictureRow(QWidget):
    """Pictures side by side, and words; it is no higher than square ones can use."""

    def __init__(self, parts: Sequence[QWidget]) -> None:
        super().__init__()
        self._parts = parts

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if all(isinstance(part, Picture | QLabel) for part in self._parts):
            width, line = self.width() // len(self._parts), self.fontMetrics().height()
            self.setMaximumHeight(max(_LEAST, width) + 2 * line + GRID)  # with title and scale


class Cells(NumberGrid):
    """Cells that can be read with the keys, in as much room as there is."""

    def sizeHint(self) -> QSize:
        """Ask for no more than the least: what is there is taken all the same."""
        return QSize(_LEAST, _LEAST)


class Picture(QWidget):
    """A grid of cells under its title; arrows go from cell to cell."""

    def __init__(
        self, name: str, colours: ColourMap = SIGNED, grid: Callable[..., Cells] = Cells
    ) -> None:
        super().__init__()
        self._label = ElidedLabel()
        self._label.setFont(small_font())
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        set_muted(self._label)
        self.grid = named(grid(colours, browsable=True, scale="below"), name)
        self.grid.setMinimumSize(1, _LEAST)
        self.grid.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        in_column(self._label, (self.grid, 1), of=self, gap=2)
        self.grid.hide()  # until there is something to see

    def show_values(self, title: str, values: Array, levels: Levels | None = None) -> None:
        """Show values (h, w), tiles of them (n, h, w), or red, green and blue (1, h, w, 3)."""
        self.name(title)
        self.grid.set_values(values, levels)
        self.grid.show()

    def name(self, title: str) -> None:
        """Say what is shown."""
        self._label.setText(title)
        self._label.setToolTip(plain_tooltip(title))
        self.grid.setAccessibleName(title)

    def show_image(self, title: str, pixels: Array) -> None:
        """Show an image of pixels from 0 to 1 (channels, h, w), grey or in colour."""
        grey = len(pixels) == 1
        painted = pixels if grey else np.moveaxis(pixels, 0, -1)[np.newaxis]
        self.grid.colour_map = GREY
        self.show_values(title, painted, (0.0, 1.0))

    def show_over(
        self, title: str, pixels: Array, values: Array, colours: ColourMap, levels: Levels
    ) -> None:
        """Lay a map (h, w) in its colours over an image (channels, h, w)."""
        low, high = levels
        covered = laid_over(pixels, values, self.palette(), colours)
        self.grid.colour_map = colours
        self.show_values(title, low + (high - low) * covered, levels)


class SamplesPicture(Picture):
    """Samples side by side; `choose` is given the place of the one that is clicked."""

    def __init__(self, name: str, choose: Callable[[int], object]) -> None:
        super().__init__(name, GREY)
        self._choose = choose
        self._places: Sequence[int] = ()
        self.grid.clicked.connect(self._click)
        self.grid.chosen.connect(self._click)

    def show_samples(self, title: str, samples: Dataset, places: Sequence[int]) -> None:
        """Show samples of these places, one at least."""
        self._places = places
        images = np.stack([samples.images[place] for place in places]) / 255
        in_colour = images.shape[1] > 1
        self.show_values(title, np.moveaxis(images, 1, -1) if in_colour else images[:, 0], (0, 1))

    def _click(self, row: int, column: int) -> None:
        tile = self.grid.cells().within(row, column)
        if tile is not None:
            self._choose(self._places[tile[0]])


def inputs_of_value(sample: Sample, value: float) -> Array:
    """Return what the network gets of a pixel from 0 to 1 in each channel: (channels, 1, 1)."""
    found: Array = sample.scaling.of_values(np.full((len(sample.image), 1, 1), value))
    return found


def pixels_of(sample: Sample, inputs: Array | None = None) -> Array:
    """Return what is on a sample, or on inputs like its own (..., channels, h, w), from 0 to 1."""
    if inputs is None:
        return sample.image.astype(np.float64) / 255
    low, high = inputs_of_value(sample, 0.0), inputs_of_value(sample, 1.0)
    found: Array = (inputs - low) / (high - low)
    return found


def laid_over(pixels: Array, values: Array, palette: QPalette, colours: ColourMap) -> Array:
    """Lay a map (h, w) in colours over an image (channels, h, w): (1, h, w, 3), from 0 to 1.

    The larger a value, the less is seen of the image.
    """
    grey = np.repeat(pixels.mean(axis=0)[..., np.newaxis], 3, axis=-1)
    most = float(np.abs(values).max()) or 1.0
    shares = values / most
    table = table_for(colours, palette) / 255
    ends = table[np.where(shares < 0, 0, 255)] if colours == SIGNED else table[_steps(shares)]
    cover = _FAINTEST * np.clip(np.abs(shares), 0, 1)[..., np.newaxis]
    found: Array = ((1 - cover) * grey + cover * ends)[np.newaxis]
    return found


def _steps(shares: Array) -> Array:
    return (np.clip(shares, 0, 1) * 255).round().astype(np.intp)
