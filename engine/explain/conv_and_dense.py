"""Conv and Dense: sums of products, forward, back and for the weights."""

import numpy as np

from engine.array_types import Array
from engine.blocks import Conv
from engine.explain.convolution import COLOURS, Convolution
from engine.explain.equations import Equation
from engine.explain.explanation import Explanation, Number, Table
from engine.explain.float64_arrays import frozen, subscript
from engine.explain.indices import Index, all_indices, index_brackets, index_words
from engine.explain.sliding_window import Step
from engine.explain.training_step import TracedBlock


def convolution_of(block: TracedBlock) -> Convolution:
    """Put a Conv block of a training step under glass.

    Raises TypeError if the block is no Conv.
    """
    conv = block.slot.block
    if not isinstance(conv, Conv):
        raise TypeError(f"{block.title} is no convolution")
    kernels, bias = block.parameter("weight").before, block.parameter("bias").before
    sees_colours = block.position == 0 and len(block.inputs) == len(COLOURS)
    names = COLOURS if sees_colours else ()
    return Convolution(conv, block.inputs, kernels, bias, block.gradient, names)


def conv_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one cell of a feature map."""
    return _conv_cell(block, "Y", index[:1], index[1:])


def conv_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂X at one cell of an input map: the full convolution."""
    return _conv_cell(block, "∂E/∂X", index[:1], index[1:])


def conv_parameter_gradient(block: TracedBlock, name: str, index: Index) -> Explanation:
    """Explain the gradient of one weight of a kernel, or of one bias."""
    if name == "weight":
        return _conv_cell(block, "∂E/∂K", index[:2], index[2:])
    return _conv_cell(block, "∂E/∂B", index[:1], index[1:] or (0, 0))


def _conv_cell(block: TracedBlock, equation: Equation, index: Index, cell: Index) -> Explanation:
    convolution = convolution_of(block)
    step = convolution.step(equation, index, cell[0], cell[1])
    numbers = [Number(f"{term.text} {term.channel}".rstrip(), term.total) for term in step.terms]
    if step.bias is not None:
        numbers.insert(0, Number(f"B_{subscript(*index)}", step.bias))
    name = convolution.name(equation, index)
    return Explanation(
        title=f"{block.title}: {name}, row {cell[0] + 1}, column {cell[1] + 1}",
        equation=convolution.text(equation, index),
        numbers=tuple(numbers),
        result=Number(name, step.value),
        table=_products(convolution, step),
        note=" ".join(convolution.notes(equation)),
    )


def _products(convolution: Convolution, step: Step) -> Table:
    """List the products under the window; those with a zero of the padding are left out."""
    rows, indices = [], []
    top, left, height, width = step.window
    spread = convolution.block.stride if step.equation == "∂E/∂K" else 1
    for term in step.terms:
        real = ~term.sheet.inserted[top : top + height, left : left + width]
        between = np.zeros_like(real)
        between[::spread, ::spread] = True
        kept = real & between
        rows.append(np.stack([term.patch[kept], term.factors[kept], term.products[kept]], axis=1))
        row, column = np.nonzero(kept)
        row = (row + top - term.sheet.top) // term.sheet.spacing
        column = (column + left - term.sheet.left) // term.sheet.spacing
        indices.append(np.stack([np.full(len(row), term.map), row, column], axis=1))
    columns = {
        "Y": ("X", "K", "X K"),
        "∂E/∂K": ("X", "∂E/∂Y", "X ∂E/∂Y"),
        "∂E/∂B": ("∂E/∂Y", "1", "∂E/∂Y"),
        "∂E/∂X": ("∂E/∂Y", "rot180(K)", "∂E/∂Y K"),
    }[step.equation]
    return Table(columns, frozen(np.concatenate(rows)), np.concatenate(indices), sums=True)


def dense_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one unit: a row of W times x, plus b."""
    unit = index[0]
    weights, x = block.parameter("weight").before[unit], block.inputs.reshape(-1)
    bias, products = float(block.parameter("bias").before[unit]), weights * x
    u = subscript(unit)
    return Explanation(
        title=f"{block.title}: unit {unit + 1}",
        equation=f"y_{u} = b_{u} + Σ_i W_{u},i x_i",
        numbers=(Number(f"b_{u}", bias), Number(f"Σ_i W_{u},i x_i", float(products.sum()))),
        result=Number(f"y_{u}", bias + float(products.sum())),
        table=Table(
            ("W", "x", "W x"),
            _columns(weights, x, products),
            all_indices(block.inputs.shape),
            sums=True,
        ),
    )


def dense_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x_i: a column of W times the gradients of the units."""
    i = index[0]
    weights, gradient = block.parameter("weight").before[:, i], block.gradient.reshape(-1)
    products, name = weights * gradient, f"∂E/∂x_{subscript(i)}"
    return Explanation(
        title=f"{block.title}: {name}",
        equation=f"{name} = Σ_u W_u,{subscript(i)} ∂E/∂y_u",
        numbers=(),
        result=Number(name, float(products.sum())),
        table=Table(
            ("W", "∂E/∂y", "W ∂E/∂y"),
            _columns(weights, gradient, products),
            all_indices(block.outputs.shape),
            sums=True,
        ),
        note="The input went into every unit, so it collects the gradients of all of them.",
    )


def dense_parameter_gradient(block: TracedBlock, name: str, index: Index) -> Explanation:
    """Explain the gradient of one weight, ∂E/∂y_u x_i, or of one bias, ∂E/∂y_u."""
    u = subscript(index[0])
    gradient = float(block.gradient.reshape(-1)[index[0]])
    first = Number(f"∂E/∂y_{u}", gradient)
    if name == "bias":
        called, result = f"∂E/∂b_{u}", gradient
        equation, numbers = f"{called} = ∂E/∂y_{u}", [first]
    else:
        i = subscript(index[1])
        x = float(block.inputs.reshape(-1)[index[1]])
        called = f"∂E/∂W_{u},{i}"
        equation, result = f"{called} = ∂E/∂y_{u} x_{i}", gradient * x
        numbers = [first, Number(f"x_{i}", x)]
    title = f"{block.title}: {called}"
    return Explanation(title, equation, tuple(numbers), Number(called, result))


def reshape_output(block: TracedBlock, index: Index) -> Explanation:
    """Say which value of the input a value of the output is."""
    return _moved(block, index, forward=True)


def reshape_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Say which gradient of the output an input's gradient is."""
    return _moved(block, index, forward=False)


def _moved(block: TracedBlock, index: Index, *, forward: bool) -> Explanation:
    here, there = (
        (block.outputs, block.inputs) if forward else (block.input_gradient, block.gradient)
    )
    number = int(np.ravel_multi_index(index, here.shape))
    source = tuple(int(axis) for axis in np.unravel_index(number, there.shape))
    mine, other = ("y", "x") if forward else ("∂E/∂x", "∂E/∂y")
    value = float(there[source])
    names = f"{mine}{index_brackets(index)}", f"{other}{index_brackets(source)}"
    maps = source if len(source) == 3 else index
    shape = there.shape if len(source) == 3 else here.shape
    counted = ""
    if len(maps) == 3 and {len(source), len(index)} != {3}:
        counted = (
            f",  {number + 1} = ({maps[0]} · {shape[1]} + {maps[1]}) · {shape[2]} + {maps[2] + 1}"
        )
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation=f"{names[0]} = {names[1]}{counted}",
        numbers=(Number(names[1], value),),
        result=Number(names[0], value),
        table=Table((other,), frozen([[value]]), np.array([source])),
        note="Every value keeps its number and changes only its place.",
    )


def _columns(*columns: Array) -> Array:
    return frozen(np.stack(columns, axis=1))
