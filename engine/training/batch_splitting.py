"""How a training step is split: a batch into rounds of shards, a network into two parts.

A round is what the threads compute at the same time: a shard of the batch for each. In the first
layers of the network, the sharded ones, each thread runs its own shard. The layers after them, the
tail, run on the whole round, and the threads share the work of each layer.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Shape
from engine.blocks import Dense
from engine.model.network import Network
from engine.model.stack import Row

# Limits of a chunk, which is the most samples that a shard has.
CHUNK_BYTES = 64_000_000  # of their activations and the gradients of these
CHUNK_SAMPLES = 256
# What a shard must have to be worth a thread, measured over random stacks whose steps are replayed:
# the threads must wait for each other, and read the weights and arrays of each other.
LAYER_WORK = 60_000  # multiplications in each layer, on average
WEIGHT_WORK = 4  # and for each weight, which all threads read, and whose gradients are added up
VALUE_WORK = 10  # multiplications that take as long as one value of any layer
# A Dense of so many weights, and so many inputs for each sample of the batch, is faster in shards
# than shared by the threads. Then these read the values of each other (units · samples), in shards
# the weights that another has changed (units · inputs): from core to core both are slow.
SHARDED_WEIGHTS = 65_536
INPUTS_A_SAMPLE = 8
# Of so few units, more weights may be changed by another: the inputs are many more, and each thread
# reads its own alone.
FEW_UNITS, WEIGHTS_OF_FEW = 16, 200_000
REPLAYED_WORK = 1_000_000_000  # multiplications of a thread: some 50 ms at most


@dataclass(frozen=True)
class ShardedLayers:
    """The first layers of a network, in which each thread runs a shard of the batch.

    They have few weights, for the size of the batch. `length` is their number, `output_shape` that
    of one sample, `writer` the position of the last of them that writes outputs of its own: a view
    does not.
    """

    length: int
    output_shape: Shape
    writer: int | None


def cut_rounds(samples: int, chunk: int, threads: int, least: int = 1) -> list[list[slice]]:
    """Cut a batch into rounds, and each round into shards of at most `chunk` samples.

    Shards have at least so many samples, unless the chunk is smaller still.
    """
    step = chunk * threads
    rounds = []
    for start in range(0, samples, step):
        stop = min(start + step, samples)
        needed = math.ceil((stop - start) / chunk)
        shards = max(needed, min(threads, (stop - start) // least))
        edges = [start + (stop - start) * i // shards for i in range(shards + 1)]
        rounds.append([slice(a, b) for a, b in itertools.pairwise(edges)])
    return rounds


def chunk_samples(network: Network) -> int:
    """Return the most samples that a shard may have."""
    sample_bytes = sum(math.prod(layer.output_shape) for layer in network.layers)
    sample_bytes *= 2 * network.dtype.itemsize
    work = max(row.multiply_adds or 1 for row in network.report.rows)
    at_once = network.numerics.MULTIPLY_ADDS_AT_ONCE
    fitting = min(CHUNK_BYTES // max(sample_bytes, 1), at_once // max(work, 1))
    return max(1, min(CHUNK_SAMPLES, fitting))


def least_samples(network: Network, layers: int) -> int:
    """Return how many samples are worth a thread of their own in the first so many layers."""
    rows = [row for row in network.report.rows[:layers] if not row.slot.known.is_view]
    work, weights = _work(rows), sum(row.parameters or 0 for row in rows)
    needed = LAYER_WORK * len(rows) + WEIGHT_WORK * weights
    return max(1, math.ceil(needed / work)) if work else CHUNK_SAMPLES


def may_replay(
    network: Network, rounds: Sequence[Sequence[slice]], sharded: int, threads: int
) -> bool:
    """Return whether steps in these rounds may be replayed: Stop is not looked at meanwhile.

    The first so many layers are sharded. A later round takes the memory of the one before, and
    numpy adds up what both have found.
    """
    if len(rounds) > 1 or network.dtype != np.float32:  # of float64, numpy does a part
        return False
    rows, sizes = network.report.rows, [shard.stop - shard.start for shard in rounds[0]]
    work = max(sizes) * _work(rows[:sharded]) + sum(sizes) * _work(rows[sharded:]) / threads
    return bool(3 * work <= REPLAYED_WORK)  # forward, and back to both factors


def sharded_layers(network: Network, samples: int) -> ShardedLayers:
    """Return the layers that are sharded in batches of so many samples.

    They are those before the first Dense that the threads share better, and behind which all values
    are vectors.
    """
    layers, found = network.layers, len(network.layers)
    for position in reversed(range(len(layers))):
        row = network.report.rows[position]
        if row.input_shape is None or len(row.input_shape) > 2:
            break
        if layers[position].slot.block.kind == Dense.kind and not _is_sharded(row, samples):
            found = position
    sharded = layers[:found]
    writers = [i for i, layer in enumerate(sharded) if not layer.slot.known.is_view]
    return ShardedLayers(
        found,
        sharded[-1].output_shape if sharded else network.input_shape,
        writers[-1] if writers else None,
    )


def _is_sharded(dense: Row, samples: int) -> bool:
    """Return whether a Dense is faster in shards of so many samples."""
    inputs, units = math.prod(dense.input_shape or ()), math.prod(dense.output_shape or ())
    if units <= FEW_UNITS:
        return inputs * units <= WEIGHTS_OF_FEW
    return inputs <= INPUTS_A_SAMPLE * samples and inputs * units <= SHARDED_WEIGHTS


def passing_layers(network: Network) -> int:
    """Count the first layers that need gradients only until the layer before has its own.

    They are those before the first that keeps the gradient of its outputs, as Dense does.
    """
    keeping = (i for i, each in enumerate(network.layers) if each.slot.known.keeps_gradient)
    return next(keeping, len(network.layers))


def layers_in_place(network: Network) -> list[int]:
    """Return the positions of the layers that may write over their inputs.

    They work value by value, and the layers before them do not need what they gave.
    """
    blocks = [layer.slot.known for layer in network.layers]
    return [
        position
        for position, (before, block) in enumerate(itertools.pairwise(blocks), 1)
        if block.by_value and not before.needs_outputs
    ]


def _work(rows: Iterable[Row]) -> int:
    """Count the multiplications of a sample's forward pass, values counted as some of them.

    The values are those that a layer makes; of one that multiplies nothing, such as pooling, those
    that it goes through.
    """
    work = 0
    for row in rows:
        products = row.multiply_adds or 0
        values = row.output_shape if products else row.input_shape
        work += products + VALUE_WORK * math.prod(values or ())
    return work
