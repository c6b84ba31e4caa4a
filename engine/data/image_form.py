"""The form that all images of some data are brought to: their size and their colours."""

from dataclasses import dataclass
from typing import Literal

Colour = Literal["as_is", "grey", "rgb"]
Fit = Literal["fit", "crop", "stretch"]


@dataclass(frozen=True)
class ImageForm:
    """What images become when they are read.

    `size` is the side of the square image in pixels; 0 leaves images as they are, if all of a data
    set have one size. An oblong image is shrunk until it fits, with bars of the background, or
    its middle is cropped, or it is stretched. Transparent pixels show the background too.
    """

    size: int = 0
    colour: Colour = "as_is"
    fit: Fit = "fit"
    background: Literal["black", "grey", "white"] = "black"


AS_IS = ImageForm()
