"""KernelPlace: which kernel of the open project is meant."""

from typing import NamedTuple

from engine.array_types import Array


class KernelPlace(NamedTuple):
    """Which kernel K_ij: the slot of its Conv, output map i and input channel j, from 0."""

    slot_id: int
    output: int
    channel: int

    def kernel_in(self, weight: Array) -> Array | None:
        """Return the kernel (k, k) of a weight (maps, channels, k, k); None if there is none."""
        if self.output >= len(weight) or self.channel >= weight.shape[1]:
            return None
        kernel: Array = weight[self.output, self.channel]
        return kernel
