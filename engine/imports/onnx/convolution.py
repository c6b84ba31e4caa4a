"""The kernels of a Conv of ONNX as those of a Conv here, which are square and know two borders."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.compute.convolution import Axis
from engine.imports.onnx.stack_maker import StackMaker
from engine.imports.onnx.table import RefusedNodeError
from engine.proof.onnx_nodes import window_pads

_LARGEST = 31

Values = NDArray[Any]


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
    options = {
        "depth": len(weight),
        "kernel_size": size,
        "stride": strides[0],
        "padding": padding,
    }
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
    for size in range(smallest, min(_LARGEST, smallest + stride) + 1):
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
        f"no square kernel of up to {_LARGEST}×{_LARGEST} with no border or one that keeps the "
        f"size of maps does the same (its borders are {borders})"
    )
