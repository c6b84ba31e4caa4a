"""What every window begins with, made once for all of them."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.images import Images
from engine.data.readers.idx import read_images_and_labels
from engine.model.stack import Row
from engine.model.weights import _draw
from tests.paths import ROOT

Pair = tuple[Images, NDArray[np.uint8]]
BUNDLED = ROOT / "resources"
MOST_BLOCKS = 8  # of which the first weights are kept; the notebook's network has three with any
_DRAWN: dict[object, dict[str, Array]] = {}


def read_bundled_once(images: Path, labels: Path) -> Pair:
    """Unpack the digits of Layerscope's own; they are never written to."""
    if images.is_relative_to(BUNDLED):
        return _keep(images, labels)
    return read_images_and_labels(images, labels)


@cache
def _keep(images: Path, labels: Path) -> Pair:
    pair = read_images_and_labels(images, labels)
    for array in pair:
        assert isinstance(array, np.ndarray)
        array.setflags(write=False)
    return pair


def draw_once(row: Row, seed: int, initializer: str) -> dict[str, Array]:
    """Draw the first weights of a block: some hundred thousand random numbers; who asks copies."""
    key = row.slot.id, row.slot.block, row.input_shape, seed, initializer
    drawn = _DRAWN.get(key)
    if drawn is None:
        if len(_DRAWN) >= MOST_BLOCKS:
            _DRAWN.clear()
        drawn = _DRAWN[key] = _draw(row, seed, initializer)
    return drawn
