"""Cross-correlation against convolution: the same map and kernel, with and without the turn."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.explain.arrays import frozen


@dataclass(frozen=True, eq=False)
class Comparison:
    """Cross-correlation and convolution of one map with one kernel, valid.

    X ⋆ K leaves the kernel as it is, X ∗ K turns it by 180°; so X ∗ K = X ⋆ rot180(K), which is
    `turned_correlation`, computed for itself.
    """

    map: Array
    kernel: Array
    turned_kernel: Array
    correlation: Array
    convolution: Array
    turned_correlation: Array

    @property
    def difference(self) -> Array:
        """X ∗ K - X ⋆ K: zero where the turn changes nothing but the rounding."""
        difference = self.convolution - self.correlation
        rounding = 1e-12 * np.abs(self.convolution).max()
        return frozen(np.where(np.abs(difference) > rounding, difference, 0.0))

    @property
    def is_symmetric(self) -> bool:
        """Whether the turned kernel is the kernel, so that both operations are one."""
        return bool(np.array_equal(self.kernel, self.turned_kernel))


def compare(map_: Array, kernel: Array) -> Comparison:
    """Compute both operations by scipy.signal for a map (H, W) and a kernel (k, k)."""
    from scipy.signal import convolve2d, correlate2d

    map_, kernel = frozen(map_), frozen(kernel)
    turned = frozen(np.rot90(kernel, 2))
    return Comparison(
        map_,
        kernel,
        turned,
        frozen(correlate2d(map_, kernel, "valid")),
        frozen(convolve2d(map_, kernel, "valid")),
        frozen(correlate2d(map_, turned, "valid")),
    )
