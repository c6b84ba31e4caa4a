"""Curves: how the loss of a network fell while it was trained."""

from dataclasses import dataclass

from engine.array_types import Array


@dataclass(frozen=True, eq=False)
class Curves:
    """The losses of batches, and the means of epochs, in the order in which they came.

    `batches` are (n, 2): the time in epochs, such as 2.35, and the loss. `epochs` are (n, 5): the
    number of an epoch that was finished, its training loss, test loss, training accuracy and test
    accuracy; accuracies are shares of one.
    """

    batches: Array
    epochs: Array
