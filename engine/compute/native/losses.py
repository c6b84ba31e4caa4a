"""The loss over a compiled loop."""

from engine.array_types import Array, plain
from engine.compute.native import loss_loops


def binary_cross_entropy(outputs: Array, targets: Array, lowest: float, out: Array) -> None:
    """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of each sample (n, c)."""
    loss_loops.binary_cross_entropy(plain(outputs), plain(targets), lowest, out)
