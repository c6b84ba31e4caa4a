"""Explain a value of a block: the equation of its kind, with its own numbers.

Indices count from 0: (map, row, column) for maps, (n,) or (n, 0) for vectors. To explain an output,
pass the index of the output; to explain a gradient of the input, that of the input.
"""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.blocks import POINTWISE, Add, Convolutional, Dropout, GroupNorm, MaxPool
from engine.blocks.activation import Formula, Pointwise
from engine.blocks.batch_norm import BatchNormLayer
from engine.blocks.pooling import Pooling
from engine.explain.convolution import COLOURS, Convolution, Equation, Step, Window
from engine.explain.explanation import Explanation, FunctionCurve, Number, Table, frozen, subscript
from engine.explain.indices import Index, all_indices, index_brackets, index_words
from engine.explain.training_step import TracedBlock, TrainingStep, update_numbers

CURVE_POINTS = 241
FUSED = (
    "Loss and activation are differentiated in one here, which gives the same number where the two "
    "factors alone would be rounded to 0 or to infinity."
)
ALONE = (
    "With one sample, the mean of one value is that value: nothing is left to normalise, and no "
    "gradient passes. BatchNorm on a vector needs batches."
)
OVER = "Mean and variance are those of all values of the {} in this sample."
THROUGH = "Mean and variance depend on every value of the {}, so a part goes back to each."
RESTING = "The block is locked: it normalises by its running mean and variance, which stay."
_TIE = "Several values are the largest; the first of them, row by row, takes the whole gradient."


def convolution_of(block: TracedBlock) -> Convolution:
    """Put a Conv or a DepthwiseConv of a training step under glass.

    Raises TypeError if the block is neither.
    """
    conv = block.slot.block
    if not isinstance(conv, Convolutional):
        raise TypeError(f"{block.title} is no convolution")
    kernels, bias = block.parameter("weight").before, block.parameter("bias").before
    sees_colours = block.position == 0 and len(block.inputs) == len(COLOURS)
    names = COLOURS if sees_colours else ()
    return Convolution(conv, block.inputs, kernels, bias, block.gradient, names)


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


def _moved(block: TracedBlock, index: Index, *, forward: bool) -> Explanation:
    """Say which value of the input a value of the output is, or which gradient back."""
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
        note="The values stay the same; only their arrangement changes.",
    )


def _columns(*columns: Array) -> Array:
    return frozen(np.stack(columns, axis=1))


def activation_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain f(x) of one value, with the curve."""
    x, y = float(block.inputs[index]), float(block.outputs[index])
    formula = _formula(block)
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation=f"y = {formula.name};  {block.slot.block.equation}",
        numbers=(Number("x", x),),
        result=Number("y", y),
        table=_alone("x", x, index),
        curve=_curve(formula, x, y),
        note=_flatness(float(formula.slope(np.array(x)))),
    )


def sigmoid_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain σ(x) of one value, with its power of e."""
    found = activation_output(block, index)
    power = math.exp(min(-float(block.inputs[index]), 700.0))
    return replace(found, numbers=(*found.numbers, Number("e⁻ˣ", power)))


def activation_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x = ∂E/∂y · f'(x) of one value, with the curve."""
    x, y = float(block.inputs[index]), float(block.outputs[index])
    gradient = float(block.gradient[index])
    formula = _formula(block)
    steepness = float(formula.slope(np.array(x)))
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation=f"∂E/∂x = ∂E/∂y · {formula.slope_name};  {formula.slope_equation}",
        numbers=(Number("∂E/∂y", gradient), Number("x", x), Number(formula.slope_name, steepness)),
        result=Number("∂E/∂x", float(block.input_gradient[index])),
        table=_alone("∂E/∂y", gradient, index),
        curve=_curve(formula, x, y),
        note=FUSED if block.fused else _flatness(steepness),
    )


def softmax_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one probability: its power of e, by the sum of all."""
    x, i = block.inputs.reshape(-1), subscript(index[0])
    powers = np.exp(x - x.max())
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation=f"y_{i} = e^x_{i} / Σ_j e^x_j",
        numbers=(
            Number(f"x_{i}", float(x[index[0]])),
            Number("max x", float(x.max())),
            Number(f"e^(x_{i} − max x)", float(powers[index[0]])),
            Number("Σ_j e^(x_j − max x)", float(powers.sum())),
        ),
        result=Number(f"y_{i}", float(powers[index[0]] / powers.sum())),
        table=Table(
            ("x", "e^(x − max x)", "y"),
            _columns(x, powers, powers / powers.sum()),
            all_indices(block.inputs.shape),
            chosen=index[0],
        ),
        note="The largest x is taken from all of them first, which changes no quotient and keeps "
        "the powers finite.",
    )


def softmax_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x_i = y_i (∂E/∂y_i - Σ_j y_j ∂E/∂y_j)."""
    y, gradient, i = block.outputs.reshape(-1), block.gradient.reshape(-1), subscript(index[0])
    shared = float((y * gradient).sum())
    return Explanation(
        title=f"{block.title}: ∂E/∂x_{i}",
        equation=f"∂E/∂x_{i} = y_{i} (∂E/∂y_{i} − Σ_j y_j ∂E/∂y_j)",
        numbers=(
            Number(f"y_{i}", float(y[index[0]])),
            Number(f"∂E/∂y_{i}", float(gradient[index[0]])),
            Number("Σ_j y_j ∂E/∂y_j", shared),
        ),
        result=Number(f"∂E/∂x_{i}", float(block.input_gradient[index])),
        table=Table(
            ("y", "∂E/∂y", "y ∂E/∂y"),
            _columns(y, gradient, y * gradient),
            all_indices(block.outputs.shape),
            chosen=index[0],
        ),
        note=FUSED if block.fused else "A change of one x changes all probabilities.",
    )


def _dropout(block: TracedBlock, index: Index, *, forward: bool) -> Explanation:
    """Say whether a value was left out or scaled up, or what that does to its gradient."""
    dropout, mask = block.slot.block, block.measured.get("mask")
    assert isinstance(dropout, Dropout)
    factor = 1.0 if mask is None else float(mask[index])
    x, y = ("x", "y") if forward else ("∂E/∂y", "∂E/∂x")
    found = (block.inputs, block.outputs) if forward else (block.gradient, block.input_gradient)
    value, result = (float(each[index]) for each in found)
    numbers = {x: value, "m": float(factor > 0), "1 − p": 1 - dropout.rate}
    return Explanation(
        title=f"{block.title}: {'' if forward else f'{y}, '}{index_words(index)}",
        equation=f"{y} = {x} m / (1 − p)",
        numbers=tuple(Number(*each) for each in numbers.items()),
        result=Number(y, result),
        table=_alone(x, value, index),
        note=_outcome(factor),
    )


def _alone(name: str, value: float, index: Index) -> Table:
    """Make the table of a value that comes from one value at the same place."""
    return Table((name,), frozen([[value]]), np.array([index]))


def _outcome(factor: float) -> str:
    if factor == 0:
        return "This value was left out in this step; its gradient is, too."
    return "This value was kept, and scaled up for those that were left out."


def _formula(block: TracedBlock) -> Formula:
    declared = block.slot.block
    assert isinstance(declared, Pointwise)
    return declared.formula()


def _curve(formula: Formula, x: float, y: float) -> FunctionCurve:
    reach = max(6.0, abs(x) * 1.1) if math.isfinite(x) else 6.0
    indices = np.linspace(-reach, reach, CURVE_POINTS)
    return FunctionCurve(
        formula.name,
        formula.slope_name,
        frozen(indices),
        frozen(formula.function(indices)),
        frozen(formula.slope(indices)),
        (x, y),
        float(formula.slope(np.array(x))),
    )


def _flatness(slope: float) -> str:
    if slope == 0:
        return "The curve is flat here: no gradient passes, and what lies before learns nothing."
    if slope < 0.01:
        return "The curve is almost flat here: little of the gradient passes."
    return ""


class _Norm(NamedTuple):
    """What a map is normalised by: the mean and variance of some maps, or running ones."""

    maps: slice
    mean: float
    variance: float
    rests: bool = False
    over: str = "map"

    @property
    def inverse(self) -> float:
        return 1 / math.sqrt(self.variance + BatchNormLayer.EPSILON)

    def normals(self, values: Array) -> Array:
        """Return the normalised values of maps."""
        return (values - self.mean) * self.inverse


def _norm(block: TracedBlock, channel: int) -> _Norm:
    declared, measured = block.slot.block, block.measured
    if isinstance(declared, GroupNorm):
        size = len(block.inputs) // declared.groups
        first = channel - channel % size
        own = block.inputs[first : first + size]
        return _Norm(slice(first, first + size), float(own.mean()), float(own.var()), over="group")
    rests = "mean" not in measured
    found = (measured[f"{'running_' if rests else ''}{name}"] for name in ("mean", "variance"))
    mean, variance = (float(each[channel]) for each in found)
    return _Norm(slice(channel, channel + 1), mean, variance, rests)


def norm_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one normalised, scaled and shifted value."""
    channel, x = index[0], float(block.inputs[index])
    norm = _norm(block, channel)
    normal, values = float(norm.normals(block.inputs[index])), block.inputs[norm.maps]
    scale, shift = (float(block.parameter(name).before[channel]) for name in ("weight", "bias"))
    note = ALONE if values.size == 1 else OVER.format(norm.over)
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation="y = γ z + β,  z = (x − μ) / √(σ² + ε)",
        numbers=(
            Number("x", x),
            Number("μ", norm.mean),
            Number("σ²", norm.variance),
            Number("ε", BatchNormLayer.EPSILON),
            Number("z", normal),
            Number("γ", scale),
            Number("β", shift),
        ),
        result=Number("y", scale * normal + shift),
        table=Table(("x",), frozen(values.reshape(-1, 1)), _indices(block, norm.maps)),
        note=RESTING if norm.rests else note,
    )


def norm_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x, which reaches x directly, through the mean and through the variance."""
    channel, gradient = index[0], float(block.gradient[index])
    norm, weight = _norm(block, channel), block.parameter("weight").before
    scale = float(weight[channel])
    numbers = [
        Number("1/√(σ² + ε)", norm.inverse),
        Number("γ", scale),
        Number("∂E/∂y", gradient),
    ]
    equation, result, note = "∂E/∂x = γ/√(σ² + ε) · ∂E/∂y", scale * gradient, RESTING
    scales = weight[norm.maps].reshape(-1, *(1,) * (block.inputs.ndim - 1))
    table = _slopes(block, norm, ("∂E/∂y", "γ z", "h z"), scales)
    if not norm.rests:
        equation = "∂E/∂x = (h − Σ h / m − z Σ h z / m) / √(σ² + ε),  h = γ ∂E/∂y"
        values, product = len(table.values), float(table.values[:, 2].sum())
        total = float((scales * block.gradient[norm.maps]).sum())
        normal = float(norm.normals(block.inputs[index]))
        numbers += [Number("Σ h", total), Number("Σ h z", product)]
        numbers += [Number("z", normal), Number("m", float(values))]
        result -= total / values + normal * product / values
        note = ALONE if values == 1 else THROUGH.format(norm.over)
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation=equation,
        numbers=tuple(numbers),
        result=Number("∂E/∂x", norm.inverse * result),
        table=table,
        note=note,
    )


def norm_parameter_gradient(block: TracedBlock, name: str, index: Index) -> Explanation:
    """Explain the gradient of a scale γ or a shift β."""
    channel = index[0]
    norm = _norm(block, channel)._replace(maps=slice(channel, channel + 1))
    sign, columns = ("γ", 3) if name == "weight" else ("β", 1)
    table = _slopes(block, norm, ("∂E/∂y", "z", "∂E/∂y z")[:columns])
    called = f"∂E/∂{sign}_{subscript(channel)}"
    return Explanation(
        title=f"{block.title}: {called}",
        equation=f"{called} = Σ {table.columns[-1]}",
        numbers=(),
        result=Number(called, float(table.values[:, -1].sum())),
        table=table,
    )


def _slopes(
    block: TracedBlock, norm: _Norm, columns: tuple[str, ...], scales: Array | float = 1.0
) -> Table:
    """List the gradients of the maps, their normalised values times scales, and the products."""
    slopes = block.gradient[norm.maps].reshape(-1)
    normals = (scales * norm.normals(block.inputs[norm.maps])).reshape(-1)
    found = (slopes, normals, slopes * normals)[: len(columns)]
    return Table(columns, _columns(*found), _indices(block, norm.maps), sums=True)


def _indices(block: TracedBlock, maps: slice) -> NDArray[Any]:
    indices: NDArray[Any] = all_indices(block.inputs.shape)
    own: NDArray[Any] = indices[(indices[:, 0] >= maps.start) & (indices[:, 0] < maps.stop)]
    return own


def add_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain the sum of the value that comes from before and that of the earlier block."""
    x, table = float(block.inputs[index]), _added(block, index)
    s = float(table.values[:, -1].sum())
    numbers, equation = [Number("x", x), Number("s", s)], "y = x + s"
    if block.parameters:
        bias = float(block.parameter("bias").before[index[0]])
        numbers[1:] = [Number("b", bias), Number("Σ_j k_j s_j", s)]
        equation, s = "y = x + b + Σ_j k_j s_j", s + bias
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation=equation,
        numbers=tuple(numbers),
        result=Number("y", x + s),
        table=table,
        note=f"s is what block {_source(block)} gives.",
    )


def _added(block: TracedBlock, index: Index) -> Table:
    """List what is added: one value, or its products with the 1×1 kernel."""
    assert block.added is not None
    if not block.parameters:
        return _alone("s", float(block.added[index]), index)
    assert isinstance(block.slot.block, Add)
    row, column = (each * block.slot.block.stride for each in index[1:])
    values, kernel = block.added[:, row, column], block.parameter("weight").before[index[0]]
    indices = np.array([(j, row, column) for j in range(len(values))])
    weights = kernel.reshape(-1)
    return Table(("s", "k", "k s"), _columns(values, weights, values * weights), indices, sums=True)


def add_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Say that the gradient goes on as it is, and where else it goes."""
    gradient = float(block.gradient[index])
    way = "through the 1×1 kernels " if block.parameters else ""
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation="∂E/∂x = ∂E/∂y",
        numbers=(Number("∂E/∂y", gradient),),
        result=Number("∂E/∂x", gradient),
        table=_alone("∂E/∂y", gradient, index),
        note=f"The same ∂E/∂y goes {way}to block {_source(block)}, by the skip connection.",
    )


def explain_added_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂s of an Add at one value of the earlier block's output."""
    assert block.added is not None
    assert isinstance(block.slot.block, Add)
    to = f"It goes to block {_source(block)}, by the skip connection"
    if not block.parameters:
        gradient = float(block.gradient[index])
        return Explanation(
            title=f"{block.title}: ∂E/∂s, {index_words(index)}",
            equation="∂E/∂s = ∂E/∂y",
            numbers=(Number("∂E/∂y", gradient),),
            result=Number("∂E/∂s", gradient),
            table=_alone("∂E/∂y", gradient, index),
            note=f"{to}.",
        )
    row, column = (each // block.slot.block.stride for each in index[1:])
    met = all(each % block.slot.block.stride == 0 for each in index[1:])
    slopes, kernels = block.gradient[:, row, column], block.parameter("weight").before[:, index[0]]
    found = _columns(slopes, kernels.reshape(-1), slopes * kernels.reshape(-1))
    indices = np.array([(i, row, column) for i in range(len(slopes))])
    return Explanation(
        title=f"{block.title}: ∂E/∂s, {index_words(index)}",
        equation="∂E/∂s = Σ_i k_i ∂E/∂y_i",
        numbers=(),
        result=Number("∂E/∂s", float(found[:, -1].sum()) if met else 0.0),
        table=Table(("∂E/∂y", "k", "∂E/∂y k"), found, indices, sums=True) if met else None,
        note=f"{to}." if met else "The 1×1 kernels pass over this value: no gradient comes back.",
    )


def add_parameter_gradient(block: TracedBlock, name: str, index: Index) -> Explanation:
    """Explain the gradient of a 1×1 kernel or a bias: a sum over the places of the map."""
    assert block.added is not None
    assert isinstance(block.slot.block, Add)
    slopes, step = block.gradient[index[0]], block.slot.block.stride
    indices = all_indices(block.gradient.shape)
    columns = [slopes.reshape(-1)]
    if name == "weight":
        given = block.added[index[1], ::step, ::step].reshape(-1)
        columns += [given, columns[0] * given]
    called = "∂E/∂k" if name == "weight" else "∂E/∂b"
    return Explanation(
        title=f"{block.title}: {called}_{subscript(*index[:2])}",
        equation=f"{called} = Σ ∂E/∂y" + (" s" if name == "weight" else ""),
        numbers=(),
        result=Number(called, float(columns[-1].sum())),
        table=Table(
            ("∂E/∂y", "s", "∂E/∂y s")[: len(columns)],
            _columns(*columns),
            indices[indices[:, 0] == index[0]],
            sums=True,
        ),
    )


def _source(block: TracedBlock) -> int:
    assert isinstance(block.slot.block, Add)
    return block.slot.block.source_number


def window_of(block: TracedBlock, index: Index) -> Window:
    """Say where the window of an output (map, row, column) lies in its map."""
    size, stride = _sizes(block)
    return Window(index[1] * stride, index[2] * stride, size, size)


def pool_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one pooled value: the largest, or the mean, of its window."""
    top, left, size, _ = window_of(block, index)
    values = block.inputs[index[0], top : top + size, left : left + size].reshape(-1)
    rows, columns = np.divmod(np.arange(size * size), size)
    indices = np.stack([np.full(size * size, index[0]), rows + top, columns + left], axis=1)
    largest = isinstance(block.slot.block, MaxPool)
    winner = int(values.argmax()) if largest else None
    table = Table(("x",), frozen(values[:, np.newaxis]), indices, chosen=winner, sums=not largest)
    numbers: tuple[Number, ...] = ()
    if not largest:
        numbers = (Number("Σ x", float(values.sum())), Number("size²", float(size**2)))
    ties = "" if winner is None or (values == values[winner]).sum() == 1 else _TIE
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation="y = max of the window" if largest else "y = Σ x / size²",
        numbers=numbers,
        result=Number("y", float(values.max() if largest else values.sum() / size**2)),
        table=table,
        note=ties,
    )


def pool_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x of one input: from every window that it is in, its share of the gradient."""
    size, stride = _sizes(block)
    channel, row, column = index
    shares, indices = [], []
    largest = isinstance(block.slot.block, MaxPool)
    for r in _windows_over(row, size, stride, block.outputs.shape[1]):
        for c in _windows_over(column, size, stride, block.outputs.shape[2]):
            top, left = r * stride, c * stride
            gradient = float(block.gradient[channel, r, c])
            part = 1 / size**2
            if largest:
                values = block.inputs[channel, top : top + size, left : left + size]
                own = (row - top) * size + column - left
                part = float(int(values.argmax()) == own)
            shares.append([gradient, part, gradient * part])
            indices.append([channel, r, c])
    table = Table(
        ("∂E/∂y", "won" if largest else "1/size²", "share"),
        frozen(np.reshape(shares, (-1, 3))),
        np.reshape(indices, (-1, 3)).astype(np.intp),
        sums=True,
    )
    note = "" if shares else "No window covers this value, so it has no gradient."
    if largest and shares and not any(share[1] for share in shares):
        note = "It was not the largest of any window, so no gradient comes to it."
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation="∂E/∂x = Σ ∂E/∂y of the windows whose largest value it was"
        if largest
        else "∂E/∂x = Σ ∂E/∂y / size² of the windows that it is in",
        numbers=(),
        result=Number("∂E/∂x", float(table.values[:, 2].sum())),
        table=table,
        note=note,
    )


def global_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain the mean of one whole map."""
    own = block.inputs[index[0]]
    total = float(own.sum())
    indices = all_indices(block.inputs.shape)
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation="y = Σ x / (height · width)",
        numbers=(Number("Σ x", total), Number("height · width", float(own.size))),
        result=Number("y", total / own.size),
        table=Table(
            ("x",), frozen(own.reshape(-1, 1)), indices[indices[:, 0] == index[0]], sums=True
        ),
        note="Where in the map a value stands does not matter.",
    )


def global_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x of one input: an equal share of the gradient of its map's mean."""
    gradient, area = float(block.gradient[index[0]]), block.inputs[index[0]].size
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation="∂E/∂x = ∂E/∂y / (height · width)",
        numbers=(Number("∂E/∂y", gradient), Number("height · width", float(area))),
        result=Number("∂E/∂x", gradient / area),
        table=Table(("∂E/∂y",), frozen([[gradient]]), np.array([index[:1]])),
        note="Every value of the map has the same share.",
    )


def _sizes(block: TracedBlock) -> tuple[int, int]:
    pool = block.slot.block
    assert isinstance(pool, Pooling)
    return pool.size, pool.step


def _windows_over(index: int, size: int, stride: int, outputs: int) -> range:
    """List the windows along one axis that cover an index."""
    first = max(0, -(-(index - size + 1) // stride))
    return range(first, min(index // stride, outputs - 1) + 1)


def general_output(block: TracedBlock, index: Index) -> Explanation:
    """Say which inputs a value comes from, and by which numbers that learn: true of every kind."""
    marked = np.zeros(block.outputs.shape, np.bool_)
    marked[index] = True
    field = block.slot.known.receptive_field(marked, block.inputs.shape, training=True)
    own = (each for each in block.parameters if each.before.shape == block.outputs.shape[:1])
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation=block.slot.block.equation,
        numbers=tuple(Number(each.name, float(each.before[index[0]])) for each in own),
        result=Number("y", float(block.outputs[index])),
        table=Table(("x",), frozen(block.inputs[field].reshape(-1, 1)), np.argwhere(field)),
        note="It comes from the values of the table.",
    )


def general_gradient(block: TracedBlock, name: str, index: Index) -> Explanation:
    """Say what the gradient of a number that learns is, or with no name that of an input."""
    sign = "W" if name else "x"
    gradient = block.parameter(name).gradient if name else block.input_gradient
    return Explanation(
        title=f"{block.title}: {name or '∂E/∂x'}, {index_words(index)}",
        equation=f"∂E/∂{sign} = Σ ∂E/∂y ∂y/∂{sign}",
        numbers=(),
        result=Number(f"∂E/∂{sign}", float(gradient[index])),
        note=f"The sum is over every y that this {sign} changes.",
    )


Explainer = Callable[[TracedBlock, Index], Explanation]
ParameterExplainer = Callable[[TracedBlock, str, Index], Explanation]


class Explainers(NamedTuple):
    """How the values of one kind of block are explained."""

    output: Explainer = general_output
    input_gradient: Explainer = lambda block, index: general_gradient(block, "", index)
    parameter_gradient: ParameterExplainer = general_gradient


_activation = Explainers(activation_output, activation_input_gradient)
_pool = Explainers(pool_output, pool_input_gradient)
# A kind that is not here is explained in general.
EXPLAINERS: dict[str, Explainers] = defaultdict(
    Explainers,
    {
        **dict.fromkeys(POINTWISE, _activation),
        **dict.fromkeys(
            ("conv", "depthwise_conv"),
            Explainers(
                lambda block, index: _conv_cell(block, "Y", index[:1], index[1:]),
                lambda block, index: _conv_cell(block, "∂E/∂X", index[:1], index[1:]),
                conv_parameter_gradient,
            ),
        ),
        "dense": Explainers(dense_output, dense_input_gradient, dense_parameter_gradient),
        "reshape": Explainers(partial(_moved, forward=True), partial(_moved, forward=False)),
        "max_pool": _pool,
        "avg_pool": _pool,
        "global_avg_pool": Explainers(global_output, global_input_gradient),
        "sigmoid": _activation._replace(output=sigmoid_output),
        "softmax": Explainers(softmax_output, softmax_input_gradient),
        "dropout": Explainers(partial(_dropout, forward=True), partial(_dropout, forward=False)),
        "add": Explainers(add_output, add_input_gradient, add_parameter_gradient),
        **dict.fromkeys(
            ("batch_norm", "group_norm"),
            Explainers(norm_output, norm_input_gradient, norm_parameter_gradient),
        ),
    },
)


def explain_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one value of the block's output."""
    found = EXPLAINERS[block.slot.block.kind].output(block, index)
    if not block.class_names:
        return found
    return replace(found, title=f"{found.title}, class {block.class_names[index[0]]}")


def explain_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x at one value of the block's input."""
    return EXPLAINERS[block.slot.block.kind].input_gradient(block, index)


def explain_parameter_gradient(block: TracedBlock, name: str, index: Index) -> Explanation:
    """Explain the gradient of one number that learns."""
    return EXPLAINERS[block.slot.block.kind].parameter_gradient(block, name, index)


def explain_update(step: TrainingStep, position: int, name: str, index: Index) -> Explanation:
    """Explain what the optimizer's rule makes of one number that learns."""
    block = step.blocks[position]
    changed = block.parameter(name)
    weight, gradient = float(changed.before[index]), float(changed.gradient[index])
    return Explanation(
        title=f"{block.title}: {name}, {index_words(index)}",
        equation=step.rule,
        numbers=update_numbers(step.settings, step.learning_rate, weight, gradient),
        result=Number("W after", float(changed.after[index])),
        note=_locked(block, index) or step.rule_note,
    )


def _locked(block: TracedBlock, index: Index) -> str:
    if block.slot.locked:
        return "The block is locked: training leaves it as it is."
    if index[0] in block.slot.locked_kernels:
        return "The kernel is locked: training leaves it as it is."
    return ""
