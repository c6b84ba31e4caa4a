"""Scaling: how the bytes of images become the inputs of a network."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array


@dataclass(frozen=True)
class Scaling:
    """What a network gets for a pixel: its value from 0 to 1, or that value standardised.

    It is standardised by the `mean` and the `deviation` of each channel, if there are any: the
    input is (value - mean) / deviation. These are float32 numbers, as files of weights hold them.
    """

    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Round what is given."""
        for name in ("mean", "deviation"):
            rounded = tuple(float(np.float32(value)) for value in getattr(self, name))
            object.__setattr__(self, name, rounded)

    @property
    def is_standard(self) -> bool:
        """Whether values are standardised."""
        return bool(self.mean)

    def inputs(self, images: NDArray[np.uint8], dtype: DTypeLike = np.float32) -> Array:
        """Make inputs of some type of images (..., channels, height, width)."""
        inputs: Array = images.astype(dtype)
        if inputs.dtype != np.float32 and not self.is_standard:
            inputs /= 255  # exact, for what is explained
            return inputs
        factors, shifts = self.numbers(images.shape[-3] if self.is_standard else 1, dtype)
        inputs *= factors[:, np.newaxis, np.newaxis]
        inputs -= shifts[:, np.newaxis, np.newaxis]
        return inputs

    def numbers(self, channels: int, dtype: DTypeLike) -> tuple[Array, Array]:
        """Return f and s of each channel, (channels,): a byte b makes the input f b - s."""
        if not self.is_standard:
            return np.full(channels, 1 / 255, dtype), np.zeros(channels, dtype)
        mean, deviation = np.array(self.mean), np.array(self.deviation)
        return (1 / (255 * deviation)).astype(dtype), (mean / deviation).astype(dtype)

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
