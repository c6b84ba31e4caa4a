"""BatchNorm: mean, variance, normalised, scaled; and what comes back through all three."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.blocks.batch_norm import BatchNormLayer
from engine.explain.explanation import Explanation, Number, Table
from engine.explain.float64_arrays import frozen, subscript
from engine.explain.indices import Index, all_indices, index_words
from engine.explain.training_step import TracedBlock

ALONE = (
    "With one sample, the mean of one value is that value: nothing is left to normalise, and no "
    "gradient passes. BatchNorm on a vector needs batches."
)
OVER = "Mean and variance are those of all values of the map in this sample."
THROUGH = "Mean and variance depend on every value of the map, so a part goes back to each."
RESTING = "The block is locked: it normalises by its running mean and variance, which stay."


def norm_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one normalised, scaled and shifted value."""
    channel, x = index[0], float(block.inputs[index])
    mean, variance = _statistics(block, channel)
    normal = float(_normals(block, channel)[index[1:]])
    scale, shift = (float(block.parameter(name).before[channel]) for name in ("weight", "bias"))
    note = ALONE if block.inputs[channel].size == 1 else OVER
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation="y = γ z + β,  z = (x − μ) / √(σ² + ε)",
        numbers=(
            Number("x", x),
            Number("μ", mean),
            Number("σ²", variance),
            Number("ε", BatchNormLayer.EPSILON),
            Number("z", normal),
            Number("γ", scale),
            Number("β", shift),
        ),
        result=Number("y", scale * normal + shift),
        table=Table(("x",), frozen(block.inputs[channel].reshape(-1, 1)), _group(block, channel)),
        note=RESTING if _rests(block) else note,
    )


def norm_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x, which reaches x directly, through the mean and through the variance."""
    channel, gradient = index[0], float(block.gradient[index])
    _, variance = _statistics(block, channel)
    values = block.inputs[channel].size
    slopes, normals = block.gradient[channel], _normals(block, channel)
    factor = float(block.parameter("weight").before[channel])
    factor /= math.sqrt(variance + BatchNormLayer.EPSILON)
    numbers = [Number("γ/√(σ² + ε)", factor), Number("∂E/∂y", gradient)]
    equation, result, note = "∂E/∂x = γ/√(σ² + ε) · ∂E/∂y", factor * gradient, RESTING
    if not _rests(block):
        equation = "∂E/∂x = γ/√(σ² + ε) · (∂E/∂y − ∂E/∂β / m − z ∂E/∂γ / m)"
        shift, scale = float(slopes.sum()), float((slopes * normals).sum())
        normal = float(normals[index[1:]])
        numbers += [Number("∂E/∂β", shift), Number("∂E/∂γ", scale)]
        numbers += [Number("z", normal), Number("m", float(values))]
        result = factor * (gradient - shift / values - normal * scale / values)
        note = ALONE if values == 1 else THROUGH
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation=equation,
        numbers=tuple(numbers),
        result=Number("∂E/∂x", result),
        table=_slopes(block, channel),
        note=note,
    )


def norm_parameter_gradient(block: TracedBlock, name: str, index: Index) -> Explanation:
    """Explain the gradient of a scale γ or a shift β."""
    channel = index[0]
    slopes, normals = block.gradient[channel], _normals(block, channel)
    sign = "γ" if name == "weight" else "β"
    called = f"∂E/∂{sign}_{subscript(channel)}"
    total = (slopes * normals).sum() if name == "weight" else slopes.sum()
    return Explanation(
        title=f"{block.title}: {called}",
        equation=f"{called} = Σ ∂E/∂y" + (" z" if name == "weight" else ""),
        numbers=(),
        result=Number(called, float(total)),
        table=_slopes(block, channel),
    )


def _rests(block: TracedBlock) -> bool:
    return "mean" not in block.measured


def _statistics(block: TracedBlock, channel: int) -> tuple[float, float]:
    """Return the mean and variance that the block normalised a map by."""
    kind = "running_" if _rests(block) else ""
    mean, variance = block.measured[f"{kind}mean"], block.measured[f"{kind}variance"]
    return float(mean[channel]), float(variance[channel])


def _normals(block: TracedBlock, channel: int) -> Array:
    """Return the normalised values of a map."""
    mean, variance = _statistics(block, channel)
    normals: Array = (block.inputs[channel] - mean) / math.sqrt(variance + BatchNormLayer.EPSILON)
    return normals


def _slopes(block: TracedBlock, channel: int) -> Table:
    slopes = block.gradient[channel].reshape(-1)
    normals = _normals(block, channel).reshape(-1)
    values = np.stack([slopes, normals, slopes * normals], axis=1)
    return Table(("∂E/∂y", "z", "∂E/∂y z"), frozen(values), _group(block, channel), sums=True)


def _group(block: TracedBlock, channel: int) -> NDArray[Any]:
    indices: NDArray[Any] = all_indices(block.inputs.shape)
    own: NDArray[Any] = indices[indices[:, 0] == channel]
    return own
