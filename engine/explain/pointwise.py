"""Activations, each as a curve with the point on it, and Dropout."""

import math
from dataclasses import replace

import numpy as np

from engine.blocks import Dropout
from engine.blocks.activation import Formula, Pointwise
from engine.explain.explanation import Explanation, FunctionCurve, Number, Table
from engine.explain.float64_arrays import frozen, subscript
from engine.explain.indices import Index, all_indices, index_words
from engine.explain.training_step import TracedBlock

CURVE_POINTS = 241
FUSED = (
    "Loss and activation are differentiated in one here, which gives the same number where the two "
    "factors alone would be rounded to 0 or to infinity."
)


def activation_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain f(x) of one value, with the curve."""
    x, y = float(block.inputs[index]), float(block.outputs[index])
    formula = _formula(block)
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation=f"y = {formula.name};  {block.slot.block.equation}",
        numbers=(Number("x", x),),
        result=Number("y", y),
        table=Table(("x",), frozen([[x]]), np.array([index])),
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
        table=Table(("∂E/∂y",), frozen([[gradient]]), np.array([index])),
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
            frozen(np.stack([x, powers, powers / powers.sum()], axis=1)),
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
            frozen(np.stack([y, gradient, y * gradient], axis=1)),
            all_indices(block.outputs.shape),
            chosen=index[0],
        ),
        note=FUSED if block.fused else "A change of one x changes all probabilities.",
    )


def dropout_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain whether a value was left out, or how far it was scaled up."""
    x, factor = float(block.inputs[index]), _factor(block, index)
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation="y = x m / (1 − p)",
        numbers=(Number("x", x), *_mask_numbers(block, factor)),
        result=Number("y", float(block.outputs[index])),
        table=Table(("x",), frozen([[x]]), np.array([index])),
        note=_fate(factor),
    )


def dropout_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain that the gradient passes where the value passed."""
    gradient, factor = float(block.gradient[index]), _factor(block, index)
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation="∂E/∂x = ∂E/∂y m / (1 − p)",
        numbers=(Number("∂E/∂y", gradient), *_mask_numbers(block, factor)),
        result=Number("∂E/∂x", float(block.input_gradient[index])),
        table=Table(("∂E/∂y",), frozen([[gradient]]), np.array([index])),
        note=_fate(factor),
    )


def _factor(block: TracedBlock, index: Index) -> float:
    mask = block.measured.get("mask")
    return 1.0 if mask is None else float(mask[index])


def _mask_numbers(block: TracedBlock, factor: float) -> tuple[Number, ...]:
    dropout = block.slot.block
    assert isinstance(dropout, Dropout)
    return Number("m", float(factor > 0)), Number("1 − p", 1 - dropout.rate)


def _fate(factor: float) -> str:
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
