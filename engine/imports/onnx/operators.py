"""What each operator of ONNX is as a block.

Each function takes the maker, the node, and the node's inputs that are constant; it changes the
stack and says what it did. It raises RefusedNodeError where no block does the same.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape, format_shape
from engine.blocks import Conv, KnownBlock, SkipBlock, UnknownBlock, decode_block
from engine.blocks.batch_norm import BatchNormLayer
from engine.blocks.group_norm import GroupNormLayer
from engine.compute.convolution import Axis
from engine.errors import SettingsError, ShapeError
from engine.files.onnx_file import Node
from engine.imports.onnx.constants import Constants, real_values, whole_values
from engine.imports.onnx.table import Outcome, RefusedNodeError
from engine.inputs.scaling import UNIT, Scaling
from engine.proof.onnx_nodes import PLAIN_KINDS, axes_of, limits_of, window_pads

_MOST_VALUES = 50_000_000  # of one sample at one place: 200 MB
_COLOURS = (1, 3)
_SMALLEST_DEVIATION = 1e-30  # so that nothing in float32 becomes 0 or infinite
_SMALLEST_DEVIATION_OF_BYTES = 0.1  # of what is standardised from bytes, as a share of 255
_BY_POSITION = "it adds a number for each position, as only a Conv does"
Values = NDArray[Any]
_MIXES = "it mixes the values of different images"
BEFORE_WORDS = (
    "it takes what an earlier node gives; here only an Add may, the output of a block, as it is or "
    "through one 1×1 Conv"
)


@dataclass(eq=False)
class Part:
    """A block with its arrays, the shape of its outputs, and the value of the file that this is.

    `value` is empty for a block that the file does not have.
    """

    block: KnownBlock
    arrays: dict[str, Array]
    shape: Shape
    value: str = ""


class End(NamedTuple):
    """The number of a block, from 1, that gives a value, and the shape that the file has for it."""

    number: int
    shape: Shape


class Shortcut(NamedTuple):
    """A 1×1 Conv between an earlier value and an Add."""

    source: str
    weight: Values
    bias: Values
    stride: int


class StackMaker:
    """The blocks so far.

    `shape` is that of a sample behind them, `named_shape` what the file calls the shape of the same
    values: GlobalAvgPool gives a vector, where the file has maps of 1×1. `batch` is how many
    samples the file is made for, 0 for any number. `input_factor` is what the file has for the
    largest value of a pixel. `pads` are the zeros around the maps which the next Conv must put
    there: above, left, below, right. `ends` has the values that blocks give, `ways` those that lie
    between such a value and an Add.
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
        self.ends: dict[str, End] = {}
        self.ways: dict[str, Shortcut] = {}
        self._scale = np.full(named_shape[0] if self._can_settle() else 1, input_factor)
        self._shift = np.zeros_like(self._scale)

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
            placed = block
            if isinstance(block, SkipBlock):
                placed = block.joined(block.source, self.parts[block.source - 1].shape)
            shape = placed.output_shape(self.shape)
            shapes = {**placed.parameter_shapes(self.shape), **block.state_shapes(self.shape)}
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
        last = self.parts[-1].block if self.parts else None
        is_linear = last is not None and last.gradient_words and not isinstance(last, SkipBlock)
        if not is_linear or self.named_shape != self.parts[-1].shape:
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


def reshaped(shape: Shape, target: Sequence[int], batch: int, *, zero_copies: bool) -> Shape:
    """Return the target of a sample, with one -1 if it is open, by the target of a whole batch."""
    if not target:
        raise RefusedNodeError(_MIXES)
    first, rest = target[0], list(target[1:])
    if zero_copies:
        if any(size == 0 and axis >= len(shape) for axis, size in enumerate(rest)):
            raise RefusedNodeError("its target copies a size that there is not")
        rest = [shape[axis] if size == 0 else size for axis, size in enumerate(rest)]
    values, known = math.prod(shape), math.prod(rest)
    keeps_batch = (zero_copies and first == 0) or (batch > 0 and first == batch)
    if not keeps_batch and not (first == -1 and known == values):
        raise RefusedNodeError(_MIXES)
    if len(rest) == 1 and rest[0] == values and first != 0:
        return (-1,)  # what flattens
    return tuple(rest)


def flattened(shape: Shape, axis: int) -> Shape:
    """Return the target of a sample by the axis of a Flatten."""
    axis = axis + len(shape) + 1 if axis < 0 else axis
    if not 1 <= axis <= len(shape) + 1 or math.prod(shape[: axis - 1]) != 1:
        raise RefusedNodeError(_MIXES)
    return (-1,)


def squeezed(shape: Shape, axes: Sequence[int] | None, batch: int) -> Shape:
    """Return the shape of a sample without the axes, or without all that have the size 1."""
    if axes is None:
        if batch == 1:
            raise RefusedNodeError(_MIXES)
        return tuple(size for size in shape if size != 1)
    gone = {_sample_axis(axis, len(shape)) for axis in axes}
    if len(gone) < len(axes):
        raise RefusedNodeError("it names an axis twice")
    if any(shape[axis] != 1 for axis in gone):
        raise RefusedNodeError("it takes away an axis that has several values")
    return tuple(size for axis, size in enumerate(shape) if axis not in gone)


def unsqueezed(shape: Shape, axes: Sequence[int]) -> Shape:
    """Return the shape of a sample with axes of size 1 put in."""
    rank = len(shape) + len(axes)
    new = {_sample_axis(axis, rank) for axis in axes}
    if len(new) < len(axes):
        raise RefusedNodeError("it names an axis twice")
    left = iter(shape)
    return tuple(1 if axis in new else next(left) for axis in range(rank))


def transposed(shape: Shape, order: Sequence[int] | None) -> Shape:
    """Return the shape of a sample after an exchange of axes that moves no value."""
    order = list(order) if order is not None else list(range(len(shape), -1, -1))
    if sorted(order) != list(range(len(shape) + 1)):
        raise RefusedNodeError("its order of axes is none")
    moved = [axis - 1 for axis in order if axis == 0 or shape[axis - 1] != 1]
    if order[0] != 0 or moved != sorted(moved):
        raise RefusedNodeError("it exchanges axes, which no block does")
    return tuple(shape[axis - 1] for axis in order[1:])


def _sample_axis(axis: int, rank: int) -> int:
    """Return which axis of a sample of this rank is meant by an axis of a batch."""
    axis = axis + rank + 1 if axis < 0 else axis
    if axis == 0:
        raise RefusedNodeError(_MIXES)
    if not 1 <= axis <= rank:
        raise RefusedNodeError("it names an axis that there is not")
    return axis - 1


_LARGEST_KERNEL = 31


class _Wanted(NamedTuple):
    """What a kernel does along one axis: how far it reaches, and how many zeros there are."""

    size: int
    reach: int
    stride: int
    before: int
    after: int

    @property
    def outputs(self) -> int:
        return (self.size + self.before + self.after - self.reach) // self.stride + 1


def fitted_kernel(
    maker: StackMaker, attributes: Mapping[str, Any], weight: Values
) -> tuple[Values, dict[str, Any], str]:
    """Return kernels and options of a Conv that gives the same, and what there is to say of it.

    Where the border is not one of ours, a larger kernel with zeros at its sides may give the same.
    Raises RefusedNodeError if there is none.
    """
    kernel = weight.shape[2:]
    strides = attributes.get("strides") or (1, 1)
    dilations = attributes.get("dilations") or (1, 1)
    if len(strides) != 2 or len(dilations) != 2 or min(*strides, *dilations) < 1:
        raise RefusedNodeError("it does not move down and across")
    if strides[0] != strides[1]:
        raise RefusedNodeError("it moves differently down and across")
    if (named := attributes.get("kernel_shape", kernel)) != kernel:
        raise RefusedNodeError(f"its kernel_shape is {named}, but its kernels are {kernel}")
    top, left, bottom, right = maker.pads
    sizes = maker.shape[1] + top + bottom, maker.shape[2] + left + right
    before, after = window_pads(attributes, sizes, kernel)
    if len(before) != 2 or len(after) != 2 or min(*before, *after) < 0:
        raise RefusedNodeError("its border is none")
    axes = []
    for axis, (first, last) in enumerate(((top, bottom), (left, right))):
        reach = (kernel[axis] - 1) * dilations[axis] + 1
        zeros = before[axis] + first, after[axis] + last
        axes.append(_Wanted(maker.shape[1 + axis], reach, strides[axis], *zeros))
    if any(axis.outputs < 1 for axis in axes):
        raise RefusedNodeError("its kernels are larger than the maps")
    size, padding, places = _search(axes)
    options = {"kernel_size": size, "stride": strides[0], "padding": padding}
    if (size, size) == kernel:
        return weight, options, ""
    maker.constants.take(weight.shape[0] * weight.shape[1] * size * size)
    larger = np.zeros((*weight.shape[:2], size, size), np.float32)
    rows, columns = (
        slice(place, place + axis.reach, dilation)
        for place, axis, dilation in zip(places, axes, dilations, strict=True)
    )
    larger[:, :, rows, columns] = weight
    return larger, options, f"with kernels of {size}×{size}: the values that were added are zero"


def _search(axes: list[_Wanted]) -> tuple[int, str, list[int]]:
    """Return the smallest kernel that can do it, its padding, and where the old one lies in it."""
    smallest, stride = max(axis.reach for axis in axes), axes[0].stride
    for size in range(smallest, min(_LARGEST_KERNEL, smallest + stride) + 1):
        for same in (False, True):
            ours = [Axis(axis.size, size, stride, same) for axis in axes]
            places = [own.padding[0] - axis.before for own, axis in zip(ours, axes, strict=True)]
            if all(
                own.outputs == axis.outputs and 0 <= place <= size - axis.reach
                for own, axis, place in zip(ours, axes, places, strict=True)
            ):
                return size, "same" if same else "valid", places
    borders = ", ".join(f"{axis.before} and {axis.after}" for axis in axes)
    raise RefusedNodeError(
        f"no square kernel of up to {_LARGEST_KERNEL}×{_LARGEST_KERNEL} with no border or one that "
        f"keeps the size of maps does the same (its borders are {borders})"
    )


Given = Sequence[Values | None]


def constant_of(given: Given, place: int, what: str) -> Values:
    """Return a constant of a node, made of finite real numbers."""
    values = given[place] if len(given) > place else None
    if values is None:
        raise RefusedNodeError(f"its {what.replace('_', ' ')} is not in the file as it is")
    return real_values(values, what.replace("_", " "))


def present(given: Given) -> list[Values]:
    """Return the inputs that are constant."""
    return [each for each in given if each is not None]


def told_axes(node: Node, given: Given) -> tuple[int, ...] | None:
    """Return the axes that a node is told; None if it is told none."""
    if len(given) > 1 and given[1] is not None:
        return tuple(whole_values(given[1], "its axes"))
    return ints_of(node, "axes") or None


def int_of(node: Node, name: str, default: int) -> int:
    """Return an attribute that is a whole number."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int):
        raise RefusedNodeError(f"its {name} is no whole number")
    return value


def float_of(node: Node, name: str, default: float) -> float:
    """Return an attribute that is a number."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int | float):
        raise RefusedNodeError(f"its {name} is no number")
    return float(value)


def ints_of(node: Node, name: str) -> tuple[int, ...]:
    """Return an attribute that is a list of whole numbers; empty if it is left out."""
    value = node.attributes.get(name, ())
    if not isinstance(value, tuple) or not all(isinstance(each, int) for each in value):
        raise RefusedNodeError(f"its {name} is no list of whole numbers")
    return tuple(int(each) for each in value)


class Done(NamedTuple):
    """What became of a node, and what is said of it."""

    outcome: Outcome
    text: str = ""


Operator = Callable[[StackMaker, Node, Given], Done]


_TAKEN = Done("taken")


_NOTHING = Done("dropped", "it changes nothing")


_LARGEST = 3.4e38  # of float32


_FLOATS = (1, 10, 11)  # the numbers of float32, float16 and float64


def _take_conv(maker: StackMaker, node: Node, given: Given) -> Done:
    maker.require_maps()
    weight = constant_of(given, 1, "weight")
    if weight.ndim != 4 or not weight.size:
        raise RefusedNodeError(f"its kernels have the shape {format_shape(weight.shape)}")
    maps, groups = maker.shape[0], int_of(node, "group", 1)
    if weight.shape[1] * groups != maps:
        raise RefusedNodeError(
            f"its kernels are for {weight.shape[1] * groups} maps, but it gets {maps}"
        )
    if groups > 1 and (groups, len(weight)) != (maps, maps):
        raise RefusedNodeError(
            f"it makes {len(weight)} maps of {groups} groups; here a group is one map and gives one"
        )
    kernel, options, note = fitted_kernel(maker, node.attributes, weight)
    bias = constant_of(given, 2, "bias") if len(given) > 2 else np.zeros(len(weight))
    arrays = {"weight": kernel, "bias": bias}
    if groups > 1:
        maker.append("depthwise_conv", options, arrays)
    else:
        maker.append("conv", {"depth": len(weight), **options, "bias": "channel"}, arrays)
    maker.pads = (0, 0, 0, 0)
    return Done("taken", note)


def take_way(maker: StackMaker, node: Node, given: Given) -> Done:
    """Keep a 1×1 Conv through which an Add takes an earlier value, with a BatchNorm behind it."""
    if node.op == "BatchNormalization":
        way, (arrays, epsilon) = maker.ways[node.inputs[0]], _norm_arrays(node, given)
        scale = arrays["weight"] / np.sqrt(arrays["running_variance"] + epsilon)
        if len(scale) != len(way.weight):
            raise RefusedNodeError("its arrays are for another number of maps")
        bias = (way.bias - arrays["running_mean"]) * scale + arrays["bias"]
        weight = way.weight * scale[:, np.newaxis, np.newaxis, np.newaxis]
        maker.ways[node.outputs[0]] = way._replace(weight=weight, bias=bias)
        return Done("folded", "into the 1×1 Conv of the Add that takes it")
    weight = constant_of(given, 1, "weight")
    bias = constant_of(given, 2, "bias") if len(given) > 2 else np.zeros(len(weight))
    strides = ints_of(node, "strides") or (1, 1)
    before, after = window_pads(node.attributes, (1, 1), (1, 1))
    if len(strides) != 2 or strides[0] != strides[1] or any((*before, *after)):
        raise RefusedNodeError("it has a border, or moves differently down and across")
    maker.ways[node.outputs[0]] = Shortcut(node.inputs[0], weight, bias, strides[0])
    return Done("folded", "into the Add that takes it")


def take_skip(maker: StackMaker, earlier: str) -> Done:
    """Make a block of the addition of an earlier value, as it is or through a 1×1 Conv."""
    way = maker.ways.get(earlier)
    end = maker.ends.get(way.source if way is not None else earlier)
    if end is None:
        raise RefusedNodeError(BEFORE_WORDS)
    if way is not None:
        maker.require_maps()
        options: dict[str, Any] = {"through": "conv", "stride": way.stride}
        arrays = {"weight": way.weight, "bias": way.bias}
    elif end.shape == maker.named_shape:
        options, arrays = {}, {}
    else:
        raise RefusedNodeError(
            f"it adds {_said(end.shape)} and {_said(maker.named_shape)}, which are not in pairs"
        )
    maker.append("add", {"source": end.number, **options}, arrays)
    return Done("taken", f"what block {end.number} gives is added")


def _take_gemm(maker: StackMaker, node: Node, given: Given) -> Done:
    maker.require_vector()
    weight = constant_of(given, 1, "weight")
    weight = weight if int_of(node, "transB", 0) else weight.T
    alpha, beta = float_of(node, "alpha", 1.0), float_of(node, "beta", 1.0)
    bias: Values = np.zeros(1)
    if len(given) > 2:
        bias = beta * constant_of(given, 2, "bias")
    _append_dense(maker, weight if alpha == 1.0 else alpha * weight, bias)
    return _TAKEN


def _take_matmul(maker: StackMaker, node: Node, given: Given) -> Done:
    column = given[0] is not None
    if column:
        if len(maker.named_shape) != 2 or maker.named_shape[1] != 1:
            raise RefusedNodeError("it multiplies what is no column with a matrix")
        maker.require_named_shape()
    else:
        maker.require_vector()
    weight = constant_of(given, 0 if column else 1, "weight")
    _append_dense(maker, weight if column else weight.T, np.zeros(1))
    return _TAKEN


def _append_dense(maker: StackMaker, weight: Values, bias: Values) -> None:
    if weight.ndim != 2:
        raise RefusedNodeError(f"its weights have the shape {format_shape(weight.shape)}")
    units = len(weight)
    if bias.ndim > 2 or bias.size not in (1, units) or bias.shape[-1:] not in ((), (bias.size,)):
        raise RefusedNodeError(f"its bias is {format_shape(bias.shape)}, but {units} fit")
    bias = np.broadcast_to(bias.reshape(-1), (units,))
    maker.append("dense", {"units": units}, {"weight": weight, "bias": bias})


def _norm_arrays(node: Node, given: Given) -> tuple[dict[str, Values], float]:
    """Return the arrays of a BatchNorm by our names, and what it adds to the variance."""
    if any(node.outputs[1:]):
        raise RefusedNodeError("it gives more than the normalised values, as in training")
    names = ("weight", "bias", "running_mean", "running_variance")
    arrays = {name: constant_of(given, place, name) for place, name in enumerate(names, 1)}
    arrays["running_variance"] = variance = arrays["running_variance"].astype(np.float64)
    epsilon, ours = float_of(node, "epsilon", 1e-5), BatchNormLayer.EPSILON
    if not (variance + epsilon > 0).all() or not (variance + ours > 0).all():
        raise RefusedNodeError("its running variance is negative")
    if variance.ndim != 1 or any(array.shape != variance.shape for array in arrays.values()):
        raise RefusedNodeError("its arrays do not go together")
    return arrays, epsilon


def _take_batch_norm(maker: StackMaker, node: Node, given: Given) -> Done:
    maker.require_channels()
    (arrays, epsilon), ours = _norm_arrays(node, given), BatchNormLayer.EPSILON
    variance = arrays["running_variance"]
    if not math.isclose(epsilon, ours, rel_tol=1e-6):
        arrays["weight"] = arrays["weight"] * np.sqrt((variance + ours) / (variance + epsilon))
    maker.append("batch_norm", {}, arrays)
    return _TAKEN


def _take_group_norm(maker: StackMaker, node: Node, given: Given) -> Done:
    """Take a normalisation by groups of the maps; each map may be one, or all of a sample."""
    if any(node.outputs[1:]):
        raise RefusedNodeError("it gives more than the normalised values")
    if maker.shape[0] % maker.named_shape[0]:
        maker.require_channels()
    groups = {
        "InstanceNormalization": maker.named_shape[0],
        "GroupNormalization": int_of(node, "num_groups", 1),
    }.get(node.op, 1)
    axis = int_of(node, "axis", -1)
    if node.op == "LayerNormalization" and axis not in (1, -len(maker.named_shape)):
        raise RefusedNodeError("it normalises parts of a sample, but no groups of maps")
    epsilon = float_of(node, "epsilon", 1e-5)
    if not math.isclose(epsilon, GroupNormLayer.EPSILON, rel_tol=1e-6):
        raise RefusedNodeError(f"its epsilon is {epsilon:g}, but must be 0.00001")
    arrays = {"weight": constant_of(given, 1, "weight"), "bias": np.zeros(1)}
    if len(given) > 2:
        arrays["bias"] = constant_of(given, 2, "bias")
    arrays = {name: _for_each_map(array, maker.shape[0]) for name, array in arrays.items()}
    maker.append("group_norm", {"groups": groups}, arrays)
    return _TAKEN


def _for_each_map(numbers: Values, maps: int) -> Values:
    """Return a number for each map of one for each, for each group, or for each value."""
    if not numbers.size or (numbers.size % maps and maps % numbers.size):
        raise RefusedNodeError(f"it has {numbers.size} factors for {maps} maps")
    found = np.repeat(numbers.reshape(-1), max(1, maps // numbers.size)).reshape(maps, -1)
    if (found != found[:, :1]).any():
        raise RefusedNodeError("it has several factors for one map")
    return found[:, 0]


def _take_pool(kind: str) -> Operator:
    def take(maker: StackMaker, node: Node, given: Given) -> Done:
        maker.require_maps()
        kernel = ints_of(node, "kernel_shape")
        strides = ints_of(node, "strides") or (1,) * len(kernel)
        sizes = maker.shape[1:]
        if len(kernel) != 2 or len(strides) != 2 or min(*kernel, *strides) < 1:
            raise RefusedNodeError("its window has no height and width")
        before, after = window_pads(node.attributes, sizes, kernel)
        if any((*before, *after)):
            raise RefusedNodeError("it puts a border around the maps, which pooling here does not")
        if kind == "avg_pool" and kernel == sizes and (kernel[0] != kernel[1] or kernel[0] > 31):
            return _take_global_pool(maker, node, given)
        if kernel[0] != kernel[1] or strides[0] != strides[1]:
            raise RefusedNodeError("its window is not square, or moves differently down and across")
        left_over = any((size - kernel[0]) % strides[0] for size in sizes)
        if int_of(node, "ceil_mode", 0) and left_over:
            raise RefusedNodeError("it counts windows that are not whole (ceil mode)")
        stride = 0 if strides[0] == kernel[0] else strides[0]
        maker.append(kind, {"size": kernel[0], "stride": stride})
        return _TAKEN

    return take


def _take_global_pool(maker: StackMaker, _node: Node, _given: Given) -> Done:
    maker.require_maps()
    maker.append("global_avg_pool", {})
    maker.named_shape = (*maker.shape, 1, 1)
    return _TAKEN


def _take_mean(maker: StackMaker, node: Node, given: Given) -> Done:
    maker.require_maps()
    axes = axes_of([np.empty(0), *present(given[1:])], node.attributes)
    if axes is None or sorted(axis % 4 for axis in axes) != [2, 3]:
        raise RefusedNodeError("it takes the mean of other than whole maps")
    done = _take_global_pool(maker, node, given)
    if not int_of(node, "keepdims", 1):
        maker.named_shape = maker.shape
    return done


def _target(maker: StackMaker, node: Node, given: Given) -> Shape:
    """Return the shape that a node gives a sample, with one -1 if that is left open."""
    shape, batch = maker.named_shape, maker.batch
    match node.op:
        case "Reshape":
            told = given[1] if len(given) > 1 else np.array(ints_of(node, "shape"), np.int64)
            zero_copies = not int_of(node, "allowzero", 0)
            sizes = whole_values(told, "its target")
            return reshaped(shape, sizes, batch, zero_copies=zero_copies)
        case "Flatten":
            return flattened(shape, int_of(node, "axis", 1))
        case "Transpose":
            return transposed(shape, ints_of(node, "perm") or None)
        case "Unsqueeze":
            return unsqueezed(shape, told_axes(node, given) or ())
        case _:
            return squeezed(shape, told_axes(node, given), batch)


def _take_reshape(maker: StackMaker, node: Node, given: Given) -> Done:
    shape, target = maker.named_shape, _target(maker, node, given)
    new = _resolved(target, math.prod(shape))
    if new == shape:
        return _NOTHING
    if new == maker.shape or not new:
        maker.named_shape = new
        return Done("folded", "the values have that shape already")
    if len(new) > 3:
        raise RefusedNodeError(f"it gives values along {len(new)} axes, but there are 3 at most")
    maker.named_shape = maker.shape  # the values alone count for a Reshape
    maker.append("reshape", {"target_shape": target})
    return _TAKEN


def take_grouping(maker: StackMaker, node: Node, given: Given) -> Done:
    """Look at maps as the groups that are normalised next; else reshape them."""
    maker.settle_input()
    groups = _resolved(_target(maker, node, given), math.prod(maker.named_shape))
    if len(groups) != 2 or maker.shape != maker.named_shape or maker.shape[0] % groups[0]:
        return _take_reshape(maker, node, given)
    maker.named_shape = groups
    return Done("dropped", "it makes the groups that are normalised next")


def _resolved(target: Sequence[int], values: int) -> tuple[int, ...]:
    """Replace the -1 of a target."""
    known = math.prod(size for size in target if size != -1)
    if (
        target.count(-1) > 1
        or known < 1
        or values % known
        or (-1 not in target and known != values)
    ):
        raise RefusedNodeError(f"it makes {list(target)} of {values} values")
    return tuple(values // known if size == -1 else size for size in target)


def _take_softmax(maker: StackMaker, node: Node, _given: Given) -> Done:
    rank, opset = len(maker.named_shape), maker.opset
    axis = int_of(node, "axis", 1 if opset < 13 else -1)
    axis = axis + rank + 1 if axis < 0 else axis
    if not 1 <= axis <= rank:
        raise RefusedNodeError("it adds up over different images")
    sizes = maker.named_shape[axis - 1 :] if opset < 13 else (maker.named_shape[axis - 1],)
    if math.prod(sizes) != math.prod(maker.named_shape):
        raise RefusedNodeError("it takes the values of a sample in groups")
    if len(maker.shape) == 3:
        maker.named_shape = maker.shape
        maker.append("reshape", {"target_shape": (-1,)})
    maker.append("softmax", {})
    if node.op == "LogSoftmax":
        maker.ended = True
        return Done("taken", "the outputs are the probabilities, not their logarithms")
    return _TAKEN


def _take_plain(kind: str) -> Operator:
    def take(maker: StackMaker, _node: Node, _given: Given) -> Done:
        maker.append(kind, {})
        return _TAKEN

    return take


def _take_leaky_relu(maker: StackMaker, node: Node, given: Given) -> Done:
    slopes: Values = np.array(float_of(node, "alpha", 0.01))
    if node.op == "PRelu":
        slopes = _aligned(maker, constant_of(given, 1, "slope"))
    if slopes.min() != slopes.max():
        raise RefusedNodeError("it has several slopes, but a LeakyReLU has one")
    maker.append("leaky_relu", {"slope": shortest(slopes.max())})
    return _TAKEN


def _take_clip(maker: StackMaker, node: Node, given: Given) -> Done:
    limits = present(given)
    if any(limit.size != 1 or limit.ndim > len(maker.named_shape) + 1 for limit in limits):
        raise RefusedNodeError("it compares with other than single numbers")
    low, high = limits_of(given, node.attributes)
    if node.op == "Max":
        low, high = max(float(limit.reshape(())) for limit in limits), math.inf
    if low <= -_LARGEST and high >= _LARGEST:
        return _NOTHING
    if low != 0.0 or high < _LARGEST:
        raise RefusedNodeError(f"it cuts off at {low:g} and {high:g}; a ReLU cuts off at 0 only")
    maker.append("relu", {})
    return _TAKEN


def _take_dropout(maker: StackMaker, node: Node, given: Given) -> Done:
    training = given[2] if len(given) > 2 else None
    if len(given) > 2 and (training is None or training.any()):
        raise RefusedNodeError("it leaves out values in use, too. Export the network for use")
    rate = float_of(node, "ratio", 0.5)
    if len(given) > 1 and given[1] is not None and given[1].size == 1:
        rate = float(given[1].reshape(-1)[0])
    if not 0 <= rate <= 0.95:
        return Done("dropped", "in use it changes nothing, and its rate is above 95 %")
    maker.append("dropout", {"rate": shortest(rate)})
    return _TAKEN


def _drop_cast(maker: StackMaker, node: Node, _given: Given) -> Done:
    if int_of(node, "to", 0) not in _FLOATS:
        raise RefusedNodeError("it makes other than real numbers of the values")
    return _NOTHING


def _drop(_maker: StackMaker, _node: Node, _given: Given) -> Done:
    return _NOTHING


def _take_pad(maker: StackMaker, node: Node, given: Given) -> Done:
    if len(maker.named_shape) != 3:
        raise RefusedNodeError("it puts a border around what is no map")
    told = given[1] if len(given) > 1 else np.array(ints_of(node, "pads"), np.int64)
    pads = whole_values(told, "the border")
    filling = given[2] if len(given) > 2 else np.zeros(1)
    if filling is None or filling.any():
        raise RefusedNodeError("its border is not of zeros")
    if len(given) > 3 and given[3] is not None:
        raise RefusedNodeError("it names axes")
    if len(pads) != 8 or any(pads[:2]) or any(pads[4:6]) or min(pads) < 0:
        raise RefusedNodeError("it adds to other than height and width")
    if not any(pads):
        return _NOTHING
    maker.settle_input()
    top, left, bottom, right = maker.pads
    maker.pads = (top + pads[2], left + pads[3], bottom + pads[6], right + pads[7])
    return Done("folded", "into the border of the next Conv")


def _take_arithmetic(maker: StackMaker, node: Node, given: Given) -> Done:
    """Fold the addition of, or the multiplication with, constants."""
    if len(given) != 2:
        raise RefusedNodeError(f"it takes {len(given)} values instead of 2")
    reverse = given[0] is not None  # constant - x, constant / x
    constant = constant_of(given, 0 if reverse else 1, "constant")
    numbers = _per_map(maker, constant.astype(np.float64))
    match node.op:
        case "Add":
            where = maker.fold(None, numbers)
        case "Sub":
            where = maker.fold(-np.ones(1), numbers) if reverse else maker.fold(None, -numbers)
        case "Mul":
            where = maker.fold(_factors(numbers), None)
        case _:
            if reverse or not numbers.all():
                raise RefusedNodeError("it divides by what it gets, or by 0")
            where = maker.fold(1 / _factors(numbers), None)
    return Done("folded", where)


def _factors(numbers: Values) -> Values:
    if numbers.ndim > 1:
        raise RefusedNodeError("it multiplies each position by a number of its own")
    return numbers


def _per_map(maker: StackMaker, constant: Values) -> Values:
    """Return a number for each map, or one for all, or else numbers for a whole sample."""
    aligned = _aligned(maker, constant)
    if not maker.named_shape or math.prod(aligned.shape[2:]) == 1:
        if aligned.size > 1:
            maker.require_channels()
        return np.asarray(aligned.reshape(-1))
    return np.asarray(aligned[0])


def _aligned(maker: StackMaker, constant: Values) -> Values:
    """Return a constant with the axes of a batch of one sample, to which it can be broadcast."""
    rank = len(maker.named_shape)
    aligned = constant.reshape((1,) * max(0, rank + 1 - constant.ndim) + constant.shape)
    fits = aligned.ndim == rank + 1 and all(
        size in (1, own) for size, own in zip(aligned.shape, (1, *maker.named_shape), strict=True)
    )
    if not fits:
        raise RefusedNodeError(
            f"its constant of {format_shape(constant.shape)} does not go with "
            f"{format_shape(maker.named_shape)}"
        )
    return aligned


OPERATORS: Mapping[str, Operator] = {
    **{operator: _take_plain(kind) for operator, kind in PLAIN_KINDS.items()},
    "Add": _take_arithmetic,
    "AveragePool": _take_pool("avg_pool"),
    "BatchNormalization": _take_batch_norm,
    "Cast": _drop_cast,
    "Clip": _take_clip,
    "Conv": _take_conv,
    "Div": _take_arithmetic,
    "Dropout": _take_dropout,
    "Flatten": _take_reshape,
    "Gemm": _take_gemm,
    "GlobalAveragePool": _take_global_pool,
    "GroupNormalization": _take_group_norm,
    "Identity": _drop,
    "InstanceNormalization": _take_group_norm,
    "LayerNormalization": _take_group_norm,
    "LeakyRelu": _take_leaky_relu,
    "LogSoftmax": _take_softmax,
    "MatMul": _take_matmul,
    "Max": _take_clip,
    "MaxPool": _take_pool("max_pool"),
    "Mul": _take_arithmetic,
    "PRelu": _take_leaky_relu,
    "Pad": _take_pad,
    "ReduceMean": _take_mean,
    "Reshape": _take_reshape,
    "Softmax": _take_softmax,
    "Squeeze": _take_reshape,
    "Sub": _take_arithmetic,
    "Transpose": _take_reshape,
    "Unsqueeze": _take_reshape,
}
