"""Pictures that were drawn in colour, brought into the form of a data set's images."""

import numpy as np
from numpy.typing import NDArray

from engine.data.handwriting import resize
from engine.data.images import Images

Bytes = NDArray[np.uint8]
_LOOKED_AT = 200  # images, of which the border is


def resized(picture: Bytes, shape: tuple[int, int]) -> Bytes:
    """Resize a square picture (channels, side, side) to an image (channels, height, width).

    Every pixel is the mean of what it covers. In an oblong image the picture is in the middle, and
    its outermost rows or columns fill the rest.
    """
    side = min(shape)
    small = [resize(channel.astype(np.float64), [side, side]) for channel in picture]
    rest = [(0, 0), *(((length - side) // 2, (length - side + 1) // 2) for length in shape)]
    image: Bytes = np.pad(np.rint(small).astype(np.uint8), rest, mode="edge")
    return image


def paper_of(images: Images) -> tuple[int, ...]:
    """Return the colour that most of the border of images (n, channels, h, w) has, by channel.

    Each channel's is the median over the first few images.
    """
    few = np.asarray(images[: min(len(images), _LOOKED_AT)])
    border = np.concatenate(
        [few[:, :, 0], few[:, :, -1], few[:, :, :, 0], few[:, :, :, -1]], axis=2
    )
    return tuple(int(channel) for channel in np.median(border, axis=(0, 2)))
