"""What a gradient check found for one array, and what that means."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.explain.indices import Index, index_of, index_words
from engine.model.stack import BlockSlot

SMALL_SHARE = 1e-3  # of the largest gradient: errors of smaller ones are measured by this


def relative_errors(backward: Array, numeric: Array, scale: float, uncertainty: float) -> Array:
    """Return |a - b| / max(|a|, |b|, scale / 1000, 10⁶ uncertainty) for each pair.

    `scale` is the largest gradient of the array: beside it, tiny ones need not be exact.
    `uncertainty` is how far off a difference quotient may be; a difference of that much is an error
    of 10⁻⁶, which is none.
    """
    divisor = np.maximum(np.abs(backward), np.abs(numeric))
    divisor = np.maximum(divisor, max(SMALL_SHARE * scale, 1e6 * uncertainty))
    errors: Array = np.abs(backward - numeric) / divisor
    return errors


@dataclass(frozen=True)
class ValueCheck:
    """Both numbers for one value. `numeric` is NaN at a kink that has no slope on either side."""

    index: Index
    backward: float
    numeric: float
    error: float
    is_kink: bool


@dataclass(frozen=True, eq=False)
class ArrayCheck:
    """The values `numbers` (n,) of one array, numbered row by row, as both ways see them.

    `name` is weight, bias or input; `full_name` is as files have it, `0.conv.weight`. At kinks of
    ReLU and MaxPool `numeric` is the slope on the side that backward takes; `errors` is NaN where
    there is none.
    """

    TOLERANCE: ClassVar[float] = 1e-5

    position: int
    slot: BlockSlot
    name: str
    full_name: str
    shape: Shape
    numbers: NDArray[np.int64]
    backward: Array
    numeric: Array
    errors: Array
    kinks: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Count the values of the array."""
        return int(np.prod(self.shape))

    @property
    def title(self) -> str:
        """Name the array for people: `1 Conv 5, 3×3 · weight`."""
        return f"{self.position + 1} {self.slot.label} · {self.name}"

    @property
    def left_out(self) -> int:
        """Count the values that stand on a kink and could not be compared."""
        return int(np.isnan(self.numeric).sum())

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of those that were compared; 0 if none was."""
        compared = self.errors[~np.isnan(self.numeric)]
        return float(compared.max()) if len(compared) else 0.0

    @property
    def agrees(self) -> bool:
        """Whether no gradient is wrong."""
        return self.max_relative_error <= self.TOLERANCE

    @property
    def worst(self) -> ValueCheck:
        """The value with the largest relative error."""
        return self._value(int(np.where(np.isnan(self.errors), -1.0, self.errors).argmax()))

    @property
    def heat(self) -> Array:
        """Relative errors in the shape of the array, NaN where nothing was compared."""
        heat: Array = np.full(self.size, np.nan)
        heat[self.numbers] = self.errors
        return heat.reshape(self.shape)

    def value(self, index: Index) -> ValueCheck | None:
        """Return both numbers for the value at an index; None if it was not among those drawn."""
        number = int(np.ravel_multi_index(index, self.shape))
        row = int(np.searchsorted(self.numbers, number))
        if row == len(self.numbers) or self.numbers[row] != number:
            return None
        return self._value(row)

    @property
    def counted(self) -> str:
        """Say how many values were checked: `1,000 of 338,000`, or `all 45`."""
        if len(self.numbers) == self.size:
            return f"all {self.size:,}"
        return f"{len(self.numbers):,} of {self.size:,}"

    @property
    def verdict(self) -> str:
        """Say in words what came out."""
        if not self.agrees:
            worst = self.worst
            return (
                f"Wrong: at {index_words(worst.index)} backward says {worst.backward:.6g}, the "
                f"difference quotient {worst.numeric:.6g}."
            )
        words = "Right: backward and the difference quotient agree."
        if not np.any(self.backward) and not np.nanmax(np.abs(self.numeric), initial=0.0) > 1e-9:
            words = "All gradients here are 0, and the loss does not change, either."
        return words + self._kink_words()

    def _kink_words(self) -> str:
        if not self.kinks.any():
            return ""
        count = int(self.kinks.sum())
        which = "1 value stands" if count == 1 else f"{count:,} values stand"
        words = (
            f" {which} at a kink of ReLU or MaxPool, where the slopes on both sides differ: "
            "compared with the side that backward takes."
        )
        if self.left_out:
            words += f" {self.left_out:,} had kinks on both sides and were left out."
        return words

    def _value(self, row: int) -> ValueCheck:
        return ValueCheck(
            index_of(self.shape, int(self.numbers[row])),
            float(self.backward[row]),
            float(self.numeric[row]),
            float(self.errors[row]),
            bool(self.kinks[row]),
        )
