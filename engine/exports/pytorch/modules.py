"""The modules that a stack is written as in PyTorch, each a line of Python."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine import blocks as kinds
from engine.array_types import Shape, format_shape, is_vector
from engine.compute.convolution import Axis
from engine.exports.user_words import comment_text, option_values
from engine.files.torch_names import module_names
from engine.model.stack import Row, ShapeReport


@dataclass(frozen=True)
class Module:
    """A module: its name, the call that makes it, and what the comment beside it says.

    `gives_block` says whether its outputs are those of a block, so that they can be compared. The
    call of a class of `model.py` itself has no `nn.` before it.
    """

    name: str
    call: str
    comment: str
    gives_block: bool = True


def modules_of(report: ShapeReport) -> tuple[Module, ...]:
    """Return the modules of a stack that fits, in order.

    Columns (n, 1), which PyTorch's layers do not take, are vectors there.
    """
    names = module_names(row.slot for row in report.rows)
    rows = zip(names, report.rows, strict=True)
    return tuple(module for name, row in rows for module in _modules(name, row))


def torch_shape(shape: Shape) -> Shape:
    """Return the shape that one sample has in PyTorch."""
    return shape[:1] if is_vector(shape) else shape


def _modules(name: str, row: Row) -> Iterator[Module]:
    assert row.input_shape is not None
    assert row.output_shape is not None
    block = row.slot.known
    number = name.lstrip("abcdefghijklmnopqrstuvwxyz")
    shape = torch_shape(row.output_shape)
    title = comment_text(row.slot.title)
    comment = f"{format_shape(shape)}, {title}" if title else format_shape(shape)
    if isinstance(block, kinds.Conv) and (padding := _padding(block, row.input_shape)):
        channels, height, width = row.input_shape
        left, right, top, bottom = padding
        padded = format_shape((channels, height + top + bottom, width + left + right))
        pad = Module(f"pad{number}", f"nn.ZeroPad2d({padding})", padded, gives_block=False)
        yield pad
    if isinstance(block, kinds.GlobalAvgPool):
        pooled = format_shape((*shape, 1, 1))
        yield Module(f"mean{number}", "nn.AdaptiveAvgPool2d(1)", pooled, gives_block=False)
    yield Module(name, _call(block, row.input_shape, row.output_shape), comment)


def _padding(block: kinds.Conv, maps: Shape) -> tuple[int, int, int, int] | None:
    """Return the zeros left, right, above and below that PyTorch's Conv2d does not count itself."""
    if block.padding == "valid" or block.stride == 1:
        return None
    rows, columns = (Axis(size, block.kernel_size, block.stride, same=True) for size in maps[1:])
    return (*columns.padding, *rows.padding)


def _call(block: kinds.KnownBlock, inputs: Shape, outputs: Shape) -> str:
    match block:
        case kinds.Conv():
            return _conv(block, inputs, outputs)
        case kinds.MaxPool() | kinds.AvgPool():
            layer = "MaxPool2d" if isinstance(block, kinds.MaxPool) else "AvgPool2d"
            stride = "" if block.step == block.size else f", stride={block.step}"
            return f"nn.{layer}({block.size}{stride})"
        case kinds.GlobalAvgPool():
            return "nn.Flatten()"
        case kinds.Dense():
            return f"nn.Linear({torch_shape(inputs)[0]}, {block.units})"
        case kinds.Reshape():
            shape = torch_shape(outputs)
            return "nn.Flatten()" if len(shape) == 1 else f"Reshape({shape})"
        case kinds.BatchNorm():
            layer = "BatchNorm2d" if len(inputs) == 3 else "BatchNorm1d"
            return f"nn.{layer}({inputs[0]})"
        case kinds.Softmax():
            return "nn.Softmax(dim=1)"
    return f"nn.{block.name}({', '.join(map(repr, option_values(block)))})"


def _conv(block: kinds.Conv, inputs: Shape, outputs: Shape) -> str:
    options = f"{inputs[0]}, {block.depth}, kernel_size={block.kernel_size}"
    if block.stride > 1:
        options += f", stride={block.stride}"
    elif block.padding == "same":
        options += ', padding="same"'
    if block.bias == "position":
        return f"BiasMapConv2d({options}, map_size={outputs[1:]})"
    return f"nn.Conv2d({options})"
