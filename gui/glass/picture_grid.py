"""PictureGrid: an image as cells, in its own colours if it has any."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.explain.convolution import COLOURS
from gui.widgets.cell_numbers import CellTexts
from gui.widgets.number_grid import NumberGrid
from gui.widgets.pictures import Bytes


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
