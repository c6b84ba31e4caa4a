"""Where a kernel lies in the open project."""

from typing import NamedTuple


class KernelPlace(NamedTuple):
    """Which kernel K_ij: the slot of its Conv, output map i and input channel j, from 0."""

    slot_id: int
    output: int
    channel: int
