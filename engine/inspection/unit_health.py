"""Unit health: histograms of activations and weights, and dead and saturated units, by block."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.blocks.base import Group, Saturation
from engine.compute.histogram import Histogram, count_values
from engine.data.dataset import Dataset
from engine.model.network import Network, ParameterKey

Flags = NDArray[np.bool_]

SAMPLES = 64
BYTES = 64_000_000  # that the values of the digits may take
NEARLY_ALL = 0.95  # of a unit's values
SAME = 1e-6  # of the block's largest value: two outputs that differ by less are the same


@dataclass(frozen=True, eq=False)
class BlockHealth:
    """One block over all samples of a check.

    A unit is a map, or one value of a vector. A dead one gives the same for every sample at every
    place, as a ReLU does that is never above zero. A saturated one is nearly always at an end of
    its sigmoid or tanh; the last block's are not counted, for there a sure answer is right. `dead`
    or `saturated` is None where the block has no such units: see `can_die`, `saturation`.
    """

    slot_id: int
    number: int
    label: str
    group: Group
    activations: Histogram
    weights: Histogram | None = None
    dead: Flags | None = None
    saturated: Flags | None = None

    @property
    def stuck(self) -> float:
        """The share of units that are dead or saturated; NaN if that cannot be asked."""
        found = [flags for flags in (self.dead, self.saturated) if flags is not None]
        return float(np.logical_or.reduce(found).mean()) if found else math.nan


@dataclass(frozen=True, eq=False)
class UnitHealth:
    """All blocks of a network over the same samples; the arrays are never written to.

    `position` is the time in epochs.
    """

    position: float
    samples: int
    blocks: tuple[BlockHealth, ...]

    def behind(self, slot_id: int) -> BlockHealth | None:
        """Find the block whose outputs show whether the maps of a Conv are alive.

        That is the activation behind it, with nothing between but what treats maps one by one, or
        else the Conv itself.
        """
        found = None
        for block in self.blocks:
            if block.slot_id == slot_id:
                found = block
            elif found is not None and block.group == "Activation":
                return block
            elif found is not None and block.group not in ("Regularisation", "Pooling"):
                return found
        return found


def health_samples(samples: Dataset, network: Network) -> Array:
    """Choose some, spread over the samples, as inputs (n, 1, h, w); fewer for a large network."""
    values = sum(math.prod(layer.output_shape) for layer in network.layers)
    bytes_each = 4 * values * network.dtype.itemsize  # with what the layers work with
    work = network.numerics.MULTIPLY_ADDS_AT_ONCE // max(1, network.report.multiply_adds)
    affordable = min(BYTES // max(1, bytes_each), work)
    count = min(len(samples), SAMPLES, max(2, affordable))
    return samples.batch_inputs(np.linspace(0, len(samples) - 1, count).astype(int), network.dtype)


def check_health(network: Network, inputs: Array, position: float) -> UnitHealth:
    """Run samples (n, 1, h, w) through the network and count what every block makes of them."""
    blocks = []
    last = len(network.layers) - 1 if network.report.predicts else None
    for i, (layer, values) in enumerate(
        zip(network.layers, network.activations(inputs), strict=True)
    ):
        slot = layer.slot
        units = values.reshape(len(inputs), *layer.output_shape)
        weights = network.parameters.get(ParameterKey(slot.id, "weight"))
        block = slot.known
        saturated = None if i == last else find_saturated(block.saturation, units)
        dead = find_dead(units) if block.can_die and len(inputs) > 1 else None
        blocks.append(
            BlockHealth(
                slot.id,
                i + 1,
                slot.label,
                slot.block.group,
                count_values(values),
                None if weights is None else count_values(weights),
                dead if dead is None or saturated is None else dead & ~saturated,
                saturated,
            )
        )
    return UnitHealth(position, len(inputs), tuple(blocks))


def find_dead(values: Array) -> Flags:
    """Say of each unit of (n, units, ...) whether its values are the same for all n."""
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        spread = values.max(axis=0) - values.min(axis=0)
        widest = spread.reshape(len(spread), -1).max(axis=1)
        dead: Flags = widest <= SAME * float(np.abs(values).max(initial=0.0))
    return dead


def find_saturated(limits: Saturation, values: Array) -> Flags | None:
    """Say of each unit of (n, units, ...) whether it is nearly always at an end of its range."""
    if limits is None:
        return None
    low, high = limits
    beyond = (values < low) | (values > high)
    shares = beyond.reshape(len(values), values.shape[1], -1).mean(axis=(0, 2))
    saturated: Flags = shares >= NEARLY_ALL
    return saturated
