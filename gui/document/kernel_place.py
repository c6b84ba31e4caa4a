"""KernelPlace: which kernel of the open project is meant."""

from typing import NamedTuple


class KernelPlace(NamedTuple):
    """Which kernel K_ij: the slot of its Conv, output map i and input channel j, from 0."""

    slot_id: int
    output: int
    channel: int
