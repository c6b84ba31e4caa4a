"""Convolution with 3×3 kernels by Winograd's F(2×2, 3×3): 16 products instead of 36.

For every 4×4 tile d of a map, the 2×2 outputs are Aᵀ [(G K Gᵀ) ⊙ (Bᵀ d B)] A, and the sum over
the input maps makes each of the 16 positions one matrix product (Lavin and Gray, 2016). The
gradients are those of the same formula. It pays where there are enough maps for the products to
outweigh the transforms of the tiles.
"""

import numpy as np

from engine.arrays import Array, Shape, plain
from engine.compute.lazy import winograd_loops
from engine.compute.workspace import Workspace

TILE_BYTES = 1_100_000  # of tiles and products that stay in the L2 cache
LEAST_CHANNELS = 3
LEAST_PAIRS = 64  # of an input and an output map

G = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]])
# G K Gᵀ for a kernel that is written as a vector of 9: a vector of 16.
_WIDE_G = np.kron(G, G)


def pays(kernels_shape: Shape, stride: int) -> bool:
    """Say whether this way is faster than columns for kernels (depth, channels, k, k)."""
    depth, channels, size, _ = kernels_shape
    enough = channels >= LEAST_CHANNELS and depth * channels >= LEAST_PAIRS
    return size == 3 and stride == 1 and enough


def correlate(maps: Array, kernels: Array, addend: Array, out: Array, workspace: Workspace) -> None:
    """Write the valid cross-correlation of maps and kernels plus the addend to `out`.

    maps (n, channels, H, W); kernels (depth, channels, 3, 3); addend (depth, H - 2, W - 2).
    """
    even = _even(maps, "even_maps", workspace)
    depth, (height, width) = len(kernels), even.shape[2:]
    whole = out
    if out.shape[2:] != (height - 2, width - 2):
        whole = workspace.scratch("whole", (len(maps), depth, height - 2, width - 2))
        addend = _even(addend[np.newaxis], "even_addend", workspace)[0]
    winograd_loops().forward(
        even, _kernel_tiles(kernels), addend, whole, *_memory(even, depth, workspace)
    )
    if whole is not out:
        np.copyto(out, whole[:, :, : out.shape[2], : out.shape[3]])


def gradients(
    maps: Array, gradient: Array, kernels: Array, out: Array | None, workspace: Workspace
) -> Array:
    """Give ∂E/∂K (depth, channels, 3, 3), summed over the batch, and write ∂E/∂X to `out` if given.

    maps and out (n, channels, H, W); gradient (n, depth, H - 2, W - 2).
    """
    even = _even(maps, "even_maps", workspace)
    even_gradient = _even(gradient, "even_gradient", workspace)
    depth, channels = kernels.shape[:2]
    whole = maps  # of the right type, and not written to
    if out is not None:
        whole = out if out.shape == even.shape else workspace.scratch("whole", even.shape)
    turned = np.ascontiguousarray(_kernel_tiles(kernels).transpose(0, 2, 1))
    total = np.zeros((16, depth, channels), maps.dtype)
    winograd_loops().backward(
        even,
        even_gradient,
        turned,
        whole,
        out is not None,
        *_memory(even, depth, workspace),
        total,
        np.empty((depth, channels), maps.dtype),
    )
    if out is not None and whole is not out:
        np.copyto(out, whole[:, :, : out.shape[2], : out.shape[3]])
    wide = _WIDE_G.astype(maps.dtype)
    found: Array = np.matmul(total.reshape(16, -1).T, wide)
    return found.reshape(kernels.shape)


def _kernel_tiles(kernels: Array) -> Array:
    """Give U = G K Gᵀ of every kernel: (16, depth, channels)."""
    depth, channels = kernels.shape[:2]
    flat = kernels.reshape(depth * channels, 9)
    tiles: Array = np.matmul(_WIDE_G.astype(kernels.dtype), flat.T)
    return tiles.reshape(16, depth, channels)


def _even(maps: Array, name: str, workspace: Workspace) -> Array:
    """Give maps an even height and width: a row or column of zeros more."""
    samples, channels, height, width = maps.shape
    if height % 2 == 0 and width % 2 == 0:
        return plain(maps)
    # A buffer starts with zeros, and nothing is ever written beyond the maps.
    grown = workspace.buffer(name, (samples, channels, height + height % 2, width + width % 2))
    grown[:, :, :height, :width] = maps
    return grown


def _memory(maps: Array, depth: int, workspace: Workspace) -> tuple[int, Array, Array, Array]:
    """Give the samples of a block, and memory for its tiles, its products and four rows."""
    samples, channels, height, width = maps.shape
    tiles = 16 * (height // 2 - 1) * (width // 2)
    block = min(samples, max(1, TILE_BYTES // (tiles * (channels + depth) * maps.itemsize)))
    return (
        block,
        workspace.scratch("tiles", (tiles * channels * block,)),
        workspace.scratch("tile_products", (tiles * depth * block,)),
        workspace.scratch("tile_rows", (4, (height + 2) * width)),
    )
