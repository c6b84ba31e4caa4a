"""GradientRows: some rows of a gradient that is a sum of parts or the product of two factors."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from engine.array_types import Array, Shape, mapped_zeros
from engine.blocks.base import Gradient, Outer
from engine.compute.plain_numerics import Numerics


class GradientRows:
    """Memory for the rows of gradients that one thread forms, which the next ones are put into."""

    def __init__(self, dtype: DTypeLike, numerics: Numerics) -> None:
        self._memory: Array = np.zeros(0, dtype)
        self._numerics = numerics
        self._added = np.array([1, 1], dtype)

    def sum(self, parts: Sequence[Gradient], rows: slice, shape: Shape) -> Array:
        """Return the sum of some rows of the parts of a gradient, which have this shape.

        It is good until the next one is asked for.
        """
        first, *others = parts
        if not others and not isinstance(first, Outer):
            return first[rows]
        out = self._place(shape)
        if isinstance(first, Outer):
            self._numerics.write_product(out, first.left, first.right, rows.start or 0)
        else:
            self._numerics.copy(first[rows], out)
        for part in others:
            if isinstance(part, Outer):
                start = rows.start or 0
                self._numerics.add_product(out, part.left, part.right, self._added, None, start)
            else:
                self._numerics.add_scaled(out, part[rows], self._added)
        return out

    def _place(self, shape: Shape) -> Array:
        size = math.prod(shape)
        if self._memory.size < size:
            self._memory = mapped_zeros((size,), self._memory.dtype)
        return self._memory[:size].reshape(shape)
