"""Curves: how the loss of a network fell while it was trained."""

from dataclasses import dataclass

from engine.array_types import Array

_ROUNDING = 1e-6  # epochs


@dataclass(frozen=True, eq=False)
class Curves:
    """The losses of batches, and the means of epochs, in the order in which they came.

    `batches` are (n, 2): the time in epochs, such as 2.35, and the loss. `epochs` are (n, 5): the
    number of an epoch that was finished, its training loss, test loss, training accuracy and test
    accuracy; accuracies are shares of one.
    """

    batches: Array
    epochs: Array

    @property
    def begin(self) -> float:
        """After how many epochs the curves begin, such as 2.35."""
        begins = [*self.batches[:1, 0].tolist(), *(self.epochs[:1, 0] - 1).tolist()]
        return float(min(begins, default=0.0))

    def until(self, position: float) -> "Curves | None":
        """Return what there is up to a time in epochs; None if that is nothing."""
        kept = [rows[rows[:, 0] <= position + _ROUNDING] for rows in (self.batches, self.epochs)]
        return Curves(*kept) if any(map(len, kept)) else None
