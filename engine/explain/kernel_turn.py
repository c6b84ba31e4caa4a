"""Cross-correlation against convolution: the same map and kernel, with and without the turn."""

from dataclasses import dataclass

import numpy as np

from engine.array_types import Array
from engine.explain.explanation import frozen

HALF_TURN = 180  # degrees


@dataclass(frozen=True, eq=False)
class KernelTurn:
    """Cross-correlation and convolution of one map with one kernel, valid.

    X ⋆ K leaves the kernel as it is, X ∗ K turns it by 180°; so X ∗ K = X ⋆ rot180(K), which is
    `half_turned`, computed for itself. `turned_kernel` is the kernel turned clockwise by `angle`
    degrees, and `turned_correlation` is X ⋆ that kernel.
    """

    kernel: Array
    angle: int
    turned_kernel: Array
    correlation: Array
    convolution: Array
    half_turned: Array
    turned_correlation: Array

    @property
    def difference(self) -> Array:
        """What the turn changes: zero where that is nothing but the rounding."""
        difference = self.turned_correlation - self.correlation
        rounding = 1e-12 * np.abs(self.correlation).max()
        return frozen(np.where(np.abs(difference) > rounding, difference, 0.0))

    @property
    def is_symmetric(self) -> bool:
        """Whether the kernel turned by 180° is the kernel, so that both operations are one."""
        return bool(np.array_equal(self.kernel, np.rot90(self.kernel, 2)))


def compare(map_: Array, kernel: Array, angle: int = HALF_TURN) -> KernelTurn:
    """Compute both operations by scipy.signal for a map (H, W) and a kernel (k, k).

    Between 0 and 180 degrees, the turned kernel is interpolated and its corners are cut off.
    """
    from scipy.signal import convolve2d, correlate2d

    map_, kernel = frozen(map_), frozen(kernel)
    turned = _turned(kernel, angle)
    return KernelTurn(
        kernel,
        angle,
        turned,
        frozen(correlate2d(map_, kernel, "valid")),
        frozen(convolve2d(map_, kernel, "valid")),
        frozen(correlate2d(map_, np.rot90(kernel, 2), "valid")),
        frozen(correlate2d(map_, turned, "valid")),
    )


def _turned(kernel: Array, angle: int) -> Array:
    if angle % 90 == 0:
        return frozen(np.rot90(kernel, -(angle // 90)))
    from scipy.ndimage import rotate

    return frozen(rotate(kernel, -angle, reshape=False, order=1))
