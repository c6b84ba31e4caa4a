"""Locks: the blocks and kernels that training must not change, bit for bit."""

from collections.abc import Iterable, Mapping, Sequence

from engine.blocks.base import Gradient
from engine.model.network import Network, ParameterKey
from engine.model.stack import BlockSlot
from engine.training.optimizers import Optimizer


class Locks:
    """The locked blocks and kernels of a network.

    A locked block learns nothing: its parameters get no update, and what it remembers of batches
    stays too. A locked kernel shares its arrays with others that learn; it is put back after the
    update, for even without a gradient momentum or weight decay would move it.
    """

    def __init__(self, network: Network, slots: Iterable[BlockSlot]) -> None:
        slots = list(slots)
        self.blocks = frozenset(slot.id for slot in slots if slot.locked)
        kernels = {slot.id: list(slot.locked_kernels) for slot in slots if slot.locked_kernels}
        self._shared = [
            (array, kernels[key.slot_id])
            for key, array in network.parameters.items()
            if key.slot_id in kernels and key.slot_id not in self.blocks
        ]

    def update(
        self,
        optimizer: Optimizer,
        gradients: Mapping[ParameterKey, Sequence[Gradient]],
        rate: float,
        *,
        steady: bool = False,
    ) -> None:
        """Let an optimizer do its step on everything but the locked kernels."""
        held = [(array, kernels, array[kernels]) for array, kernels in self._shared]
        optimizer.update(gradients, rate, steady=steady)
        for array, kernels, values in held:
            array[kernels] = values
