"""Scaling: how the bytes of images become the inputs of a network."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array


@dataclass(frozen=True)
class Scaling:
    """What a network gets for a pixel: its value from 0 to 1, or that value standardised.

    It is standardised by the `mean` and the `deviation` of each channel, if there are any: the
    input is (value - mean) / deviation.
    """

    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    @property
    def is_standard(self) -> bool:
        """Whether values are standardised."""
        return bool(self.mean)

    def inputs(self, images: NDArray[np.uint8], dtype: DTypeLike = np.float32) -> Array:
        """Make inputs of some type of images (..., channels, height, width)."""
        inputs: Array = images.astype(dtype)
        if not self.is_standard:
            if inputs.dtype == np.float32:
                inputs *= 1 / 255  # faster than to divide
            else:
                inputs /= 255  # exact, for what is explained
            return inputs
        mean, deviation = (
            np.array(of_channels)[:, np.newaxis, np.newaxis]
            for of_channels in (self.mean, self.deviation)
        )
        inputs *= (1 / (255 * deviation)).astype(dtype)
        inputs -= (mean / deviation).astype(dtype)
        return inputs

    def of_values(self, values: Array) -> Array:
        """Make inputs of values from 0 to 1 (..., channels, height, width)."""
        if not self.is_standard:
            return values
        mean, deviation = (
            np.array(of_channels, values.dtype)[:, np.newaxis, np.newaxis]
            for of_channels in (self.mean, self.deviation)
        )
        return np.asarray((values - mean) / deviation)

    def byte(self, value: float, channel: int) -> int:
        """Return the byte of which an input of a channel was made."""
        if self.is_standard:
            value = value * self.deviation[channel] + self.mean[channel]
        return round(255 * value)

    def equation(self, channel: int, name: str) -> str:
        """Say how an input of a channel comes from a byte of some name."""
        if not self.is_standard:
            return f"x = {name} / 255"
        return f"x = ({name} / 255 − {self.mean[channel]:.4g}) / {self.deviation[channel]:.4g}"


UNIT = Scaling()
