"""StackMaker: grows a stack block by block, as the nodes of a file come."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape, format_shape
from engine.blocks import Conv, KnownBlock, UnknownBlock, decode_block
from engine.blocks.batch_norm import BatchNormLayer
from engine.errors import SettingsError, ShapeError
from engine.imports.onnx.constants import Constants, real_values
from engine.imports.onnx.table import RefusedNodeError
from engine.inputs.scaling import UNIT, Scaling

_MOST_VALUES = 50_000_000  # of one sample at one place: 200 MB
_COLOURS = (1, 3)
_SMALLEST_DEVIATION = 1e-30  # so that nothing in float32 becomes 0 or infinite
_SMALLEST_DEVIATION_OF_BYTES = 0.1  # of what is standardised from bytes, as a share of 255
_BY_POSITION = "it adds a number for each position, as only a Conv does"
_LINEAR = ("conv", "dense", "batch_norm")

Values = NDArray[Any]


@dataclass(eq=False)
class Part:
    """A block with its arrays, the shape of its outputs, and the value of the file that this is.

    `value` is empty for a block that the file does not have.
    """

    block: KnownBlock
    arrays: dict[str, Array]
    shape: Shape
    value: str = ""


class StackMaker:
    """The blocks so far.

    `shape` is that of a sample behind them, `named_shape` what the file calls the shape of the same
    values: GlobalAvgPool gives a vector, where the file has maps of 1×1. `batch` is how many
    samples the file is made for, 0 for any number. `input_factor` is what the file has for the
    largest value of a pixel. `pads` are the zeros around the maps which the next Conv must put
    there: above, left, below, right.
    """

    def __init__(
        self,
        image_shape: Shape,
        named_shape: Shape,
        batch: int,
        value: str,
        constants: Constants,
        opset: int,
        input_factor: float = 1.0,
    ) -> None:
        self.image_shape, self.opset = image_shape, opset
        self.shape, self.named_shape, self.batch = image_shape, named_shape, batch
        self.value = value
        self.constants = constants
        self.parts: list[Part] = []
        self.scaling = UNIT
        self.input_factor = input_factor
        self.pads = (0, 0, 0, 0)
        self.ended = False
        self._scale = np.full(named_shape[0] if self._can_settle() else 1, input_factor)
        self._shift = np.zeros_like(self._scale)

    @property
    def is_linear(self) -> bool:
        """Whether the last block is linear, so that numbers can be folded into it."""
        return bool(self.parts) and self.parts[-1].block.kind in _LINEAR

    def append(
        self, kind: str, options: Mapping[str, Any], arrays: Mapping[str, Values] | None = None
    ) -> None:
        """Put a block behind the others, with its arrays, which become float32.

        Raises RefusedNodeError if it does not fit.
        """
        self.settle_input()
        try:
            block = decode_block({"kind": kind, **options})
            assert not isinstance(block, UnknownBlock)
            shape = block.output_shape(self.shape)
            shapes = {**block.parameter_shapes(self.shape), **block.state_shapes(self.shape)}
        except ShapeError as error:
            raise RefusedNodeError(
                f"it {error.needs}, but gets {format_shape(self.shape)}"
            ) from None
        except SettingsError as error:
            raise RefusedNodeError(str(error).rstrip(".")) from None
        if math.prod(shape) > _MOST_VALUES:
            raise RefusedNodeError(f"it gives {math.prod(shape):,} values for each image, too many")
        given = arrays or {}
        for name, wanted in shapes.items():
            if given[name].shape != wanted:
                raise RefusedNodeError(
                    f"its {name.replace('_', ' ')} is {format_shape(given[name].shape)}, but "
                    f"{format_shape(wanted)} fits"
                )
        taken = {name: self._float32(given[name], name) for name in shapes}
        self.parts.append(Part(block, taken, shape))
        if shape != self.shape:
            self.shape = self.named_shape = shape

    def fold(self, scale: Values | None, shift: Values | None) -> str:
        """Multiply what comes by a number for each map and add one; say where that went.

        scale and shift are (channels,); shift may be that of a whole sample behind a Conv.
        Raises RefusedNodeError where it goes into no block.
        """
        if not self.parts and self._can_settle() and (shift is None or shift.ndim == 1):
            self._scale = self._scale if scale is None else self._scale * scale
            self._shift = self._shift if scale is None else self._shift * scale
            self._shift = self._shift if shift is None else self._shift + shift
            return "into the scaling of the images"
        if not self.is_linear or self.named_shape != self.parts[-1].shape:
            if shift is not None and shift.ndim > 1:
                raise RefusedNodeError(_BY_POSITION)
            self._append_affine()
        self._fold_into(self.parts[-1], scale, shift)
        return f"into the {'bias' if scale is None else 'weights'} of block {len(self.parts)}"

    def require_maps(self) -> None:
        """Make the values maps, where the file has them; else raise RefusedNodeError."""
        if len(self.named_shape) != 3:
            raise RefusedNodeError(
                f"it takes maps of height and width, but gets {_said(self.named_shape)}"
            )
        self.require_named_shape()

    def require_vector(self) -> None:
        """Make the values a vector, where the file has one; else raise RefusedNodeError."""
        if len(self.named_shape) != 1:
            raise RefusedNodeError(f"it takes a vector, but gets {_said(self.named_shape)}")
        self.require_named_shape()

    def require_channels(self) -> None:
        """See to it that the first axis of a sample is that which the file has."""
        if self.shape[:1] != self.named_shape[:1]:
            self.require_named_shape()

    def require_named_shape(self) -> None:
        """Give the values the shape that they have in the file, by a Reshape if they have not."""
        if self.shape != self.named_shape:
            named = self.named_shape
            self.append("reshape", {"target_shape": (-1,) if len(named) == 1 else named})

    def settle_input(self) -> None:
        """Make what was done to the images so far their scaling, or a BatchNorm."""
        scale, shift = self._scale, self._shift
        self._scale, self._shift = np.ones_like(scale), np.zeros_like(shift)
        if np.all(scale == 1) and not shift.any():
            return
        for factor in (1.0, 255.0) if self.input_factor == 1.0 else (1.0,):
            if (scaling := _scaling_of(scale * factor, shift, factor)) is not None:
                self.scaling, self.input_factor = scaling, self.input_factor * factor
                return
        self._append_affine()
        self._fold_into(self.parts[-1], scale, shift)
        self.parts[-1].value = self.value

    def _can_settle(self) -> bool:
        return len(self.named_shape) == 3 and self.shape == self.named_shape

    def _append_affine(self) -> None:
        """Append a BatchNorm that passes what comes."""
        self.require_channels()
        ones = np.ones(self.shape[0])
        arrays = {
            "weight": ones,
            "bias": 0 * ones,
            "running_mean": 0 * ones,
            "running_variance": ones - BatchNormLayer.EPSILON,
        }
        self.append("batch_norm", {}, arrays)

    def _fold_into(self, part: Part, scale: Values | None, shift: Values | None) -> None:
        arrays = part.arrays
        weight, bias = arrays["weight"], arrays["bias"]
        if scale is not None:
            arrays["weight"] = self._float32(weight * _wide(scale, weight.ndim), "factor")
            bias = arrays["bias"] = self._float32(bias * _wide(scale, bias.ndim), "factor")
        if shift is None:
            return
        if shift.ndim > 1 and part.block.kind == "conv":  # a bias for each position
            if bias.ndim == 1:
                assert isinstance(part.block, Conv)
                part.block = msgspec.structs.replace(part.block, bias="position")
            bias = _wide(bias, 3) if bias.ndim == 1 else bias
            self.constants.take(math.prod(part.shape))
            shift = np.broadcast_to(shift, part.shape)
        elif shift.ndim > 1:
            raise RefusedNodeError(_BY_POSITION)
        else:
            shift = _wide(shift, bias.ndim)
        arrays["bias"] = self._float32(bias + shift, "bias")

    def _float32(self, values: Values, what: str) -> Array:
        self.constants.take(values.size)
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            taken = np.array(values, np.float32, order="C")
        real_values(taken, what.replace("_", " "))
        return taken


def _scaling_of(scale: Values, shift: Values, factor: float) -> Scaling | None:
    """Return the scaling that x · scale + shift is, for x from 0 to 1; None if it is none."""
    if len(scale) not in _COLOURS or not (scale > 0).all():
        return None
    mean, deviation = -shift / scale, 1 / scale
    smallest = _SMALLEST_DEVIATION if factor == 1.0 else _SMALLEST_DEVIATION_OF_BYTES
    if np.allclose(deviation, 1, atol=1e-6) and np.allclose(mean, 0, atol=1e-6):
        return UNIT
    within = (mean >= 0).all() and (mean <= 1).all() and (deviation <= 1).all()
    if not within or (deviation < smallest).any():
        return None
    return Scaling(tuple(mean), tuple(deviation))


def shortest(value: float) -> float:
    """Return the shortest number that is the same as a float32, such as 0.2."""
    return float(str(np.float32(value)))


def _wide(numbers: Values, axes: int) -> Values:
    """Return a number for each map the axes to be multiplied with an array."""
    return numbers.reshape(-1, *(1,) * (axes - 1))


def _said(shape: Shape) -> str:
    return format_shape(shape) or "single values"
