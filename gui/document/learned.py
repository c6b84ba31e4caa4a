"""What training has brought to the open project, and where a kernel lies in it."""

from typing import NamedTuple

from engine.model.training_state import TrainingState
from engine.model.weights import WeightStore


class Learned(NamedTuple):
    """What training has brought up to one moment: weights, epochs, and what it needs to go on."""

    store: WeightStore
    epochs: int = 0
    state: TrainingState | None = None


class KernelPlace(NamedTuple):
    """Which kernel K_ij: the slot of its Conv, output map i and input channel j, from 0."""

    slot_id: int
    output: int
    channel: int
