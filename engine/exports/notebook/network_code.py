"""The code that builds the network of a notebook, and puts the trained weights into it."""

from collections.abc import Sequence

from engine import blocks as kinds
from engine.array_types import Shape
from engine.exports.user_words import option_values
from engine.model.stack import Row, ShapeReport

# What the notebook calls the arrays, and which part of each is an array of the file.
_ATTRIBUTES = {
    "conv": {"weight": ("kernels", "..."), "bias": ("biases", "...")},
    "dense": {"weight": ("weights", "..."), "bias": ("bias", ":, 0")},
    "batch_norm": {
        "weight": ("gamma", "..."),
        "bias": ("beta", "..."),
        "running_mean": ("running_mean", "..."),
        "running_variance": ("running_variance", "..."),
    },
}


def layer_chapters(report: ShapeReport) -> list[str]:
    """Name the chapters on the kinds of blocks that a stack has, each once, in its order."""
    names: list[str] = []
    plain = not any(
        _options(row.slot.block) for row in report.rows if isinstance(row.slot.block, kinds.Conv)
    )
    for row in report.rows:
        kind = row.slot.block.kind
        if kind in kinds.POINTWISE:
            names.append("activation")
        names.append("conv_options" if kind == "conv" and not plain else kind)
    return list(dict.fromkeys(names))


def layers(report: ShapeReport) -> str:
    """Write the list of layers, one to a line."""
    lines = [f"        {_layer(row)}," for row in report.rows]
    width = max(map(len, lines))
    return "\n".join(f"{line:<{width}}  # {number}" for number, line in enumerate(lines, 1))


def arrays(report: ShapeReport) -> str:
    """Write the lines that load the arrays, by the names that files of weights use."""
    lines = [
        f'    network[{index}].{attribute}[{part}] = weights["{index}.{kind}.{name}"]'
        for index, kind in enumerate(row.slot.block.kind for row in report.rows)
        for name, (attribute, part) in _ATTRIBUTES.get(kind, {}).items()
    ]
    return "\n".join(lines or ["    pass  # nothing in it learns"])


def saved_arrays(report: ShapeReport) -> str:
    """Write the lines that give the arrays those names again, to be saved."""
    lines = [
        f'        "{index}.{kind}.{name}": network[{index}].{attribute}{_selection(part)},'
        for index, kind in enumerate(row.slot.block.kind for row in report.rows)
        for name, (attribute, part) in _ATTRIBUTES.get(kind, {}).items()
    ]
    return "\n".join(lines)


def _selection(part: str) -> str:
    return "" if part == "..." else f"[{part}]"


def locks(report: ShapeReport) -> str:
    """Write the lines that lock blocks and kernels."""
    lines = []
    for index, row in enumerate(report.rows):
        if row.slot.locked:
            lines.append(f"    network[{index}].locked = True\n")
        elif row.slot.locked_kernels:
            kernels = list(row.slot.locked_kernels)
            lines.append(f"    network[{index}].locked_kernels = {kernels}\n")
    return "".join(lines)


def first_array(report: ShapeReport) -> tuple[int, str] | None:
    """Return the first layer that learns, and what its first array is called; None: none does."""
    for index, row in enumerate(report.rows):
        for attribute, _ in _ATTRIBUTES.get(row.slot.block.kind, {}).values():
            return index, attribute
    return None


def quoted(text: str) -> str:
    """Write a text as a literal of Python, in double quotes where it is that simple."""
    return f'"{text}"' if text.isprintable() and not set('"\\') & set(text) else repr(text)


def column(shape: Shape) -> Shape:
    """Return the shape that the notebook gives a vector, which is a column there."""
    return (*shape, 1) if len(shape) == 1 else shape


def _options(block: kinds.Conv) -> list[str]:
    """Return the options of a Conv that are not those of the plain class, as keyword arguments."""
    plain = kinds.Conv()
    return [
        f"{name}={quoted(value) if isinstance(value, str) else value}"
        for name in ("padding", "stride", "bias")
        if (value := getattr(block, name)) != getattr(plain, name)
    ]


def _layer(row: Row) -> str:
    before, after = row.input_shape or (), row.output_shape or ()
    rng = f"stream(WEIGHTS, {row.slot.id})"
    match row.slot.known:
        case kinds.Conv() as block:
            return _call(
                "Convolutional", [before, block.kernel_size, block.depth, rng, *_options(block)]
            )
        case kinds.Dense() as block:
            return _call("Dense", [before[0], block.units, rng])
        case kinds.BatchNorm():
            return _call("BatchNorm", [before[0], rng])
        case kinds.MaxPool() | kinds.AvgPool() as block:
            return _call(type(block).__name__, [block.size, block.step])
        case kinds.Reshape():
            return _call("Reshape", [column(before), column(after)])
        case block:
            return _call(type(block).__name__, option_values(block))


def _call(name: str, arguments: Sequence[object]) -> str:
    return f"{name}({', '.join(map(str, arguments))})"
