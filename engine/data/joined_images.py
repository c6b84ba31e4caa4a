"""Images of two places, one behind the other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.images import Bytes, Images, Index


class JoinedImages:
    """Images, and behind them others of the same shape: each is read where it is."""

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(
        self, first: Images, second: Images, places: NDArray[np.integer[Any]] | None = None
    ) -> None:
        self._first, self._second = first, second
        whole = np.arange(len(first) + len(second), dtype=np.uint32)
        self._places = whole if places is None else places

    @property
    def shape(self) -> Shape:
        """The number of images, and the shape of each."""
        return len(self), *self._second.shape[1:]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: Index) -> Bytes:
        places = np.atleast_1d(self._places[index]).astype(np.int64)
        images = np.empty((len(places), *self._second.shape[1:]), np.uint8)
        in_first = places < len(self._first)
        if in_first.any():
            images[in_first] = self._first[places[in_first]]
        if not in_first.all():
            images[~in_first] = self._second[places[~in_first] - len(self._first)]
        return images[0] if isinstance(index, int | np.integer) else images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self[:].astype(dtype or np.uint8, copy=False)

    def at(self, places: NDArray[np.integer[Any]] | slice) -> "JoinedImages":
        """Return a part of the images; those in a file stay there."""
        return JoinedImages(self._first, self._second, self._places[places])
