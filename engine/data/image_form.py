"""The form that all images of some data are brought to: their size and their colours."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape, format_shape
from engine.data.images import BLOCK_BYTES, MAX_BYTES, Bytes, Images, LazyImages, blocks
from engine.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

Colour = Literal["as_is", "grey", "rgb"]
Fit = Literal["fit", "crop", "stretch"]
Background = Literal["black", "grey", "white"]

GREY_VALUES: dict[Background, int] = {"black": 0, "grey": 128, "white": 255}
_LUMA = (19595, 38470, 7471)  # of red, green and blue in 65536 parts of grey, as Pillow takes them


@dataclass(frozen=True)
class ImageForm:
    """What images become when they are read.

    `size` is the side of the square image in pixels; 0 leaves images as they are, if all of a data
    set have one size. An oblong image is scaled until it fits, with bars of the background, or
    its middle is cropped, or it is stretched. Transparent pixels show the background too.
    """

    size: int = 0
    colour: Colour = "as_is"
    fit: Fit = "fit"
    background: Background = "black"

    def shape_of(self, images: Shape) -> Shape:
        """Return the shape (channels, height, width) that images of some such shape get."""
        channels = {"as_is": images[0], "grey": 1, "rgb": 3}[self.colour]
        return (channels, self.size, self.size) if self.size else (channels, *images[1:])


AS_IS = ImageForm()


class _Axis(NamedTuple):
    """What becomes of one axis of an image: a stretch of it gets a length, and begins at `first`.

    All are pixels; start, end and length are of the stretch.
    """

    start: int
    end: int
    length: int
    first: int


def in_form(images: Images, form: ImageForm, source: str) -> Images:
    """Bring images (n, channels, height, width) to a form; those that have it are not copied.

    Those that stay in a file are brought to it when they are read.
    Raises DataError, naming the source, if the images would be too large together.
    """
    count, old = len(images), images.shape[1:]
    shape = form.shape_of(old)
    if shape == old:
        return images
    if isinstance(images, LazyImages):
        return LazyImages(_Formed(images, form))
    formed = room_for(count, shape, source)
    growth = max(1.0, math.prod(shape) / math.prod(old))
    for block in blocks(images, int(BLOCK_BYTES / growth)):
        formed[block] = _formed(images[block], form)  # one channel fills three
    return formed


def room_for(count: int, shape: Shape, source: str) -> Bytes:
    """Return an array for so many images of a shape, yet to be filled.

    Raises DataError, naming the source, if they would be too large together.
    """
    if count * math.prod(shape) > MAX_BYTES:
        raise DataError(
            f"{source}: {count:,} images of {format_shape(shape)} would take more than the "
            f"{MAX_BYTES // 1024**3} GiB that are held. Choose a smaller image size."
        )
    return np.empty((count, *shape), dtype=np.uint8)


class _Formed:
    """A source of images in a file, which are brought to a form when they are read."""

    def __init__(self, images: LazyImages, form: ImageForm) -> None:
        self._images, self._form = images, form

    @property
    def shape(self) -> Shape:
        return len(self._images), *self._form.shape_of(self._images.shape[1:])

    def read(self, places: NDArray[np.integer[Any]]) -> Bytes:
        formed = np.empty((len(places), *self.shape[1:]), dtype=np.uint8)
        if len(places):
            formed[...] = _formed(self._images[places], self._form)
        return formed


def _formed(images: Bytes, form: ImageForm) -> Bytes:
    """Bring images to the size and colours of a form; one channel may stand for three."""
    few = _as_grey(images) if form.shape_of(images.shape[1:])[0] < images.shape[1] else images
    return _resized(few, form) if form.size else few


def picture_in_form(picture: "Image.Image", form: ImageForm) -> Bytes:
    """Bring a picture in grey (mode L) or colour (RGB) to a form: (channels, height, width).

    The outcome is that of `in_form`, without a copy of the whole picture.
    """
    from PIL import Image

    modes = {"as_is": picture.mode, "grey": "L", "rgb": "RGB"}
    picture = in_mode(picture, modes[form.colour])
    if not form.size or picture.size == (form.size, form.size):
        return _channels_first(picture)
    down, across = _axes(picture.height, picture.width, form)
    bilinear, height = Image.Resampling.BILINEAR, picture.height
    rows = picture.resize((across.length, height), bilinear, (across.start, 0, across.end, height))
    columns = (0, down.start, across.length, down.end)
    resized = rows.resize((across.length, down.length), bilinear, columns)
    return _filled(_channels_first(resized), down, across, form)


def in_mode(picture: "Image.Image", mode: str) -> "Image.Image":
    """Convert a picture to a mode of Pillow; one that has it is not copied, as Pillow would."""
    return picture if picture.mode == mode else picture.convert(mode)


def _channels_first(picture: "Image.Image") -> Bytes:
    values: Bytes = np.atleast_3d(np.asarray(picture, dtype=np.uint8))
    return np.ascontiguousarray(np.moveaxis(values, 2, 0))


def _as_grey(images: Bytes) -> Bytes:
    """Return red, green and blue images (n, 3, h, w) in grey, (n, 1, h, w)."""
    grey = np.full((len(images), 1, *images.shape[2:]), 1 << 15, dtype=np.uint32)  # to round
    for channel, weight in enumerate(_LUMA):
        grey[:, 0] += images[:, channel] * np.uint32(weight)
    return (grey >> 16).astype(np.uint8)


def _resized(images: Bytes, form: ImageForm) -> Bytes:
    """Bring images (n, C, h, w) to the size of a form, each axis for all of them at once.

    The rows come first; which Pillow alone would begin with depends on its version.
    """
    height, width = images.shape[2:]
    down, across = _axes(height, width, form)
    rows = _resized_rows(images, across)
    columns = _resized_rows(rows.swapaxes(2, 3), down)
    return _filled(columns.swapaxes(2, 3), down, across, form)


def _resized_rows(values: Bytes, axis: _Axis) -> Bytes:
    """Resize each row of some values (..., old length) to its new length."""
    from PIL import Image

    rows = np.ascontiguousarray(values).reshape(-1, values.shape[-1])
    box = (axis.start, 0, axis.end, len(rows))
    size = (axis.length, len(rows))
    resized = Image.fromarray(rows).resize(size, Image.Resampling.BILINEAR, box)
    return np.asarray(resized).reshape(*values.shape[:-1], axis.length)


def _axes(height: int, width: int, form: ImageForm) -> tuple[_Axis, _Axis]:
    """Say what becomes of the rows and of the columns of an image."""
    longest, shortest = max(height, width), min(height, width)

    def axis(old: int) -> _Axis:
        if form.fit == "crop":
            start = (old - shortest) // 2
            return _Axis(start, start + shortest, form.size, 0)
        if form.fit == "stretch":
            return _Axis(0, old, form.size, 0)
        length = max(1, round(old * form.size / longest))
        return _Axis(0, old, length, (form.size - length) // 2)

    return axis(height), axis(width)


def _filled(values: Bytes, down: _Axis, across: _Axis, form: ImageForm) -> Bytes:
    """Put images (..., h, w) into their place on the background."""
    if (down.length, across.length) == (form.size, form.size):
        return values
    shape = (*values.shape[:-2], form.size, form.size)
    filled = np.full(shape, GREY_VALUES[form.background], dtype=np.uint8)
    rows = slice(down.first, down.first + down.length)
    columns = slice(across.first, across.first + across.length)
    filled[..., rows, columns] = values
    return filled
