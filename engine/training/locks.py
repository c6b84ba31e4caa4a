"""Locks: what training must leave as it is, bit for bit."""

from collections.abc import Iterable

from engine.arrays import Array
from engine.model.network import Network
from engine.model.stack import BlockSlot


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

    def hold(self) -> list[Array]:
        """Copy the locked kernels before an update."""
        return [array[kernels] for array, kernels in self._shared]

    def put_back(self, held: list[Array]) -> None:
        """Bring the locked kernels back after the update."""
        for (array, kernels), values in zip(self._shared, held, strict=True):
            array[kernels] = values
