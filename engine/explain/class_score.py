"""Class scores before the closing softmax or sigmoid, and gradients of what a network computes.

A score behind a softmax holds the other classes, too, and where that is sure its gradient is zero.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Array, quiet_overflow
from engine.model.losses import LOSSES
from engine.model.network import Network, run_back, run_layers
from engine.model.stack import BlockSlot

CLOSING = ("softmax", "sigmoid")
MOST_AT_ONCE = 64  # samples of a pass
_VALUES = 16_000_000  # of all samples of a pass, so that memory suffices for large images
_PARTS = 10  # of the work of one layer between two questions whether to stop: a pass has more


@dataclass(frozen=True, eq=False)
class Slopes:
    """One pass forward and back: what each layer gives (n, ...), and its gradient there.

    `inputs` (n, channels, h, w) is the gradient at the input. Both lists end at the layer that was
    differentiated.
    """

    outputs: list[Array]
    gradients: list[Array]
    inputs: Array


def scoring_blocks(slots: Sequence[BlockSlot]) -> int:
    """Return how many blocks lead to the class scores: all but a closing softmax or sigmoid."""
    closed = slots[-1].block.kind in CLOSING
    return len(slots) - (closed and len(slots) > 1)


def scoring_layers(network: Network) -> int:
    """Return how many layers lead to the class scores."""
    return scoring_blocks([layer.slot for layer in network.layers])


def portions(network: Network, count: int) -> Iterator[slice]:
    """Part so many samples into those of one pass each."""
    values = sum(math.prod(layer.output_shape) for layer in network.layers)
    work = network.numerics.MULTIPLY_ADDS_AT_ONCE // _PARTS
    fitting = min(_VALUES // values, work // max(network.report.multiply_adds, 1))
    size = max(1, min(MOST_AT_ONCE, fitting))
    return (slice(start, start + size) for start in range(0, count, size))


def class_scores(network: Network, inputs: Array) -> Array:
    """Return the scores (n, classes) of inputs (n, channels, h, w)."""
    layers, parts = scoring_layers(network), []
    for portion in portions(network, len(inputs)):
        part = inputs[portion]
        parts.append(network.activations(part, layers)[-1].reshape(len(part), -1))
    return np.concatenate(parts)


def slopes(
    network: Network,
    inputs: Array,
    layers: int,
    gradient: Callable[[Array], Array],
    before_layer: Callable[[], object] = lambda: None,
) -> Slopes:
    """Differentiate what the first so many layers give for inputs (n, channels, h, w).

    `gradient` makes the gradient at the last of them of what it gives, (n, ...). The layers do what
    they do in testing. `before_layer` is called before each, on both ways, and may raise to end it.
    """
    batch, first = np.asarray(inputs, network.dtype), network.layers[:layers]
    workspaces = network.workspaces()[:layers]
    with quiet_overflow():  # shown as it is
        outputs = run_layers(first, workspaces, batch, before_layer=before_layer)
        passed = list(run_back(first, workspaces, gradient(outputs[-1]), before_layer))
    back = passed[-1][2].inputs
    assert back is not None
    return Slopes(outputs, [given for _, given, _ in reversed(passed)], back.reshape(inputs.shape))


def score_slopes(network: Network, inputs: Array, target: int) -> Slopes:
    """Differentiate the score of a class for each of some inputs (n, channels, h, w)."""

    def one(outputs: Array) -> Array:
        gradient = np.zeros_like(outputs).reshape(len(outputs), -1)
        gradient[:, target] = 1
        return gradient

    return slopes(network, inputs, scoring_layers(network), one)


def loss_slopes(
    network: Network,
    loss: str,
    inputs: Array,
    targets: Array,
    before_layer: Callable[[], object] = lambda: None,
) -> Array:
    """Return the gradient (n, channels, h, w) of each sample's loss at its input.

    `targets` (n, classes) say what is right. A loss that cancels against the closing activation is
    differentiated with it, as in training. `before_layer` is called as by `slopes`.
    """
    rule, last = LOSSES[loss], len(network.layers)
    if rule.fuses_with != network.layers[-1].slot.block.kind or last == 1:
        return slopes(
            network,
            inputs,
            last,
            lambda outputs: rule.gradient(
                outputs.reshape(targets.shape), targets, network.numerics
            ),
            before_layer,
        ).inputs
    closing = network.layers[-1]

    def fused(scores: Array) -> Array:
        workspace = network.workspaces()[-1]
        outputs = closing.layer.forward(scores, workspace).reshape(targets.shape)
        return rule.fused_gradient(outputs, targets, network.numerics)

    return slopes(network, inputs, last - 1, fused, before_layer).inputs
