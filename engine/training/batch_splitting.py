"""How a step is cut: a batch into rounds, shards and chunks, a network into front and tail."""

import itertools
import math
from dataclasses import dataclass

from engine.array_types import Shape
from engine.blocks import Dense, Reshape
from engine.model.network import Network

CHUNK_BYTES = 64_000_000  # of one shard's activations
CHUNK_MULTIPLY_ADDS = 2_000_000_000  # well under 100 ms, so that Stop answers at once
CHUNK_SAMPLES = 256
SHARD_SAMPLES = 8  # fewer are not worth a thread


@dataclass(frozen=True)
class Front:
    """The layers in which threads share the batch, for they are many and their weights few.

    In those after it, threads share each layer. `output_shape` is that of one sample, `writer` the
    position of the last layer that writes outputs of its own: a Reshape does not.
    """

    length: int
    output_shape: Shape
    writer: int | None


def cut_rounds(samples: int, chunk: int, threads: int) -> list[list[slice]]:
    """Cut a batch into rounds; the parts of one round run at the same time."""
    step = chunk * threads
    rounds = []
    for start in range(0, samples, step):
        stop = min(start + step, samples)
        shards = max(1, min(threads, (stop - start) // SHARD_SAMPLES))
        edges = [start + (stop - start) * i // shards for i in range(shards + 1)]
        rounds.append([slice(a, b) for a, b in itertools.pairwise(edges)])
    return rounds


def chunk_samples(network: Network) -> int:
    """Return the samples that one thread takes at a time."""
    sample_bytes = sum(math.prod(layer.output_shape) for layer in network.layers)
    sample_bytes *= 2 * network.dtype.itemsize
    work = max(row.multiply_adds or 1 for row in network.report.rows)
    fitting = min(CHUNK_BYTES // max(sample_bytes, 1), CHUNK_MULTIPLY_ADDS // max(work, 1))
    return max(1, min(CHUNK_SAMPLES, fitting))


def front_of(network: Network) -> Front:
    """Find the front: all layers before the first Dense after which all are vectors."""
    layers, found = network.layers, len(network.layers)
    for position in reversed(range(len(layers))):
        input_shape = network.report.rows[position].input_shape
        if input_shape is None or len(input_shape) > 2:
            break
        if layers[position].slot.block.kind == Dense.kind:
            found = position
    front = layers[:found]
    writers = [i for i, layer in enumerate(front) if layer.slot.block.kind != Reshape.kind]
    return Front(
        found,
        front[-1].output_shape if front else network.input_shape,
        writers[-1] if writers else None,
    )
