"""BatchNorm: mean, variance, normalised, scaled; and what comes back through all three."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.blocks.batch_norm import BatchNormLayer
from engine.explain.arrays import frozen, subscript
from engine.explain.explanation import Explanation, Number, Table
from engine.explain.places import Place, all_places, place_words
from engine.explain.step import BlockStep

ALONE = (
    "With one sample, the mean of one value is that value: nothing is left to normalise, and no "
    "gradient passes. BatchNorm on a vector needs batches."
)


def norm_output(block: BlockStep, place: Place) -> Explanation:
    """Explain one normalised, scaled and shifted value."""
    channel, x = place[0], float(block.inputs[place])
    mean, variance = _statistics(block, channel)
    normal = (x - mean) / math.sqrt(variance + BatchNormLayer.EPSILON)
    scale, shift = (float(block.parameter(name).before[channel]) for name in ("weight", "bias"))
    return Explanation(
        title=f"{block.title}: {place_words(place)}",
        equation="y = γ x̂ + β,  x̂ = (x − μ) / √(σ² + ε)",
        numbers=(
            Number("x", x),
            Number("μ", mean),
            Number("σ²", variance),
            Number("ε", BatchNormLayer.EPSILON),
            Number("x̂", normal),
            Number("γ", scale),
            Number("β", shift),
        ),
        result=Number("y", scale * normal + shift),
        table=Table(("x",), frozen(block.inputs[channel].reshape(-1, 1)), _group(block, channel)),
        note=ALONE if block.inputs[channel].size == 1 else _OVER,
    )


def norm_input_gradient(block: BlockStep, place: Place) -> Explanation:
    """Explain ∂E/∂x, which reaches x directly, through the mean and through the variance."""
    channel, gradient = place[0], float(block.gradient[place])
    _, variance = _statistics(block, channel)
    values = block.inputs[channel].size
    normal = float(block.measured["normal"][place])
    slopes, normals = block.gradient[channel], block.measured["normal"][channel]
    shift, scale = float(slopes.sum()), float((slopes * normals).sum())
    factor = float(block.parameter("weight").before[channel])
    factor /= math.sqrt(variance + BatchNormLayer.EPSILON)
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {place_words(place)}",
        equation="∂E/∂x = γ/√(σ² + ε) · (∂E/∂y − ∂E/∂β / m − x̂ ∂E/∂γ / m)",
        numbers=(
            Number("γ/√(σ² + ε)", factor),
            Number("∂E/∂y", gradient),
            Number("∂E/∂β", shift),
            Number("∂E/∂γ", scale),
            Number("x̂", normal),
            Number("m", float(values)),
        ),
        result=Number("∂E/∂x", factor * (gradient - shift / values - normal * scale / values)),
        table=_slopes(block, channel),
        note=ALONE
        if values == 1
        else "Mean and variance depend on every value of the map, so a part goes back to each.",
    )


def norm_parameter_gradient(block: BlockStep, name: str, place: Place) -> Explanation:
    """Explain the gradient of a scale γ or a shift β."""
    channel = place[0]
    slopes, normals = block.gradient[channel], block.measured["normal"][channel]
    sign = "γ" if name == "weight" else "β"
    called = f"∂E/∂{sign}_{subscript(channel)}"
    total = (slopes * normals).sum() if name == "weight" else slopes.sum()
    return Explanation(
        title=f"{block.title}: {called}",
        equation=f"{called} = Σ ∂E/∂y" + (" x̂" if name == "weight" else ""),
        numbers=(),
        result=Number(called, float(total)),
        table=_slopes(block, channel),
    )


_OVER = "Mean and variance are those of all values of the map in this sample."


def _statistics(block: BlockStep, channel: int) -> tuple[float, float]:
    return float(block.measured["mean"][channel]), float(block.measured["variance"][channel])


def _slopes(block: BlockStep, channel: int) -> Table:
    slopes = block.gradient[channel].reshape(-1)
    normals = block.measured["normal"][channel].reshape(-1)
    values = np.stack([slopes, normals, slopes * normals], axis=1)
    return Table(("∂E/∂y", "x̂", "∂E/∂y x̂"), frozen(values), _group(block, channel))


def _group(block: BlockStep, channel: int) -> NDArray[Any]:
    places: NDArray[Any] = all_places(block.inputs.shape)
    own: NDArray[Any] = places[places[:, 0] == channel]
    return own
