"""Kernel preview: the cross-correlation of an image with a kernel before it is stored."""

import numpy as np

from engine.array_types import Array
from engine.blocks import Conv
from engine.compute.convolution import Axis


def correlate(channel: Array, kernel: Array, conv: Conv) -> Array:
    """Correlate one map (H, W) with one kernel (k, k), at the padding and stride of the block.

    Y[r, c] = Σ_ab X[r·s + a, c·s + b] K[a, b]: one term X_j ⋆ K_ij of the block's sum.
    """
    axes = [Axis(size, len(kernel), conv.stride, conv.padding == "same") for size in channel.shape]
    padded = np.pad(channel, [axis.padding for axis in axes])
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    chosen = windows[:: conv.stride, :: conv.stride]
    found: Array = np.einsum("rcab,ab->rc", chosen, kernel)
    return found
