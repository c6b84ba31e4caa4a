"""How long the code of a notebook takes, roughly: it runs through the maps one by one."""

from engine.exports.trained_network import TrainedNetwork
from engine.model.stack import Row

_ROUND = 20e-6  # seconds that Python takes for one round of a loop over maps


def seconds_per_sample(network: TrainedNetwork) -> float:
    """Guess how long a training step takes in the notebook, forward and back, for one sample."""
    updates = network.report.parameters / network.settings.batch_size * 4e-9
    return 1e-4 + updates + sum(map(_seconds, network.report.rows))


def _seconds(row: Row) -> float:
    if row.slot.block.kind != "conv" or row.input_shape is None or row.output_shape is None:
        return 1e-5
    pairs = row.input_shape[0] * row.output_shape[0]
    return 3 * pairs * _ROUND + 3e-9 * (row.multiply_adds or 0) * 3
