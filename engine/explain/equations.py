"""The four equations of the convolution, and what they do in words."""

from typing import Literal

from engine.array_types import Shape
from engine.blocks import Conv

Equation = Literal["Y", "∂E/∂K", "∂E/∂B", "∂E/∂X"]
# What an equation is asked for, with i an output and j an input map: Y and ∂E/∂B (i,),
# ∂E/∂K (i, j), ∂E/∂X (j,).
Index = tuple[int, ...]

EQUATIONS: dict[Equation, str] = {
    "Y": "Y_i = B_i + Σ_j X_j ⋆ K_ij",
    "∂E/∂K": "∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i",
    "∂E/∂B": "∂E/∂B_i = ∂E/∂Y_i",
    "∂E/∂X": "∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full)",
}


def is_dense(block: Conv, input_shape: Shape) -> bool:
    """Return whether the block is the Dense layer: 1×1 kernels on 1×1 maps.

    Then Y_i = B_i + Σ_j K_ij X_j, where the K_ij are a matrix of weights.
    """
    return block.kernel_size == 1 and input_shape[1:] == (1, 1)


def notes_on(block: Conv, input_shape: Shape, equation: Equation) -> tuple[str, ...]:
    """Say in plain words what an equation does, and what padding and stride change in it."""
    k, stride = block.kernel_size, block.stride
    moved = "one cell" if stride == 1 else f"{stride} cells"
    match equation:
        case "Y":
            notes = [
                f"The kernel lies on every {k}×{k} window of the input map, {moved} further each "
                "time; overlapping cells are multiplied and summed, over all input maps."
            ]
        case "∂E/∂K":
            notes = [
                "The gradient of the output map lies on the input map like a kernel: each weight "
                "sums the inputs that it met, times the gradients of the outputs they went to."
            ]
        case "∂E/∂B" if block.bias == "channel":
            notes = ["One bias was added to all cells of the map, so it sums all their gradients."]
        case "∂E/∂B":
            notes = ["Each bias was added to one cell alone, so its gradient is that cell's."]
        case _:
            border = f"with a border of zeros, {k - 1} wide, " if k > 1 else ""
            notes = [
                "An input went into every output whose window covered it. The full convolution "
                f"collects their gradients: the gradient {border}under the kernel turned by 180°."
            ]
    if equation in ("∂E/∂K", "∂E/∂X") and stride > 1:
        notes.append(
            f"The stride of {stride} skipped places: zeros stand between the gradients there."
        )
    if equation in ("Y", "∂E/∂K") and block.padding == "same":
        notes.append("The padding “same” puts zeros around the map.")
    if equation == "∂E/∂X" and block.padding == "same":
        notes.append("What falls on the zeros of the padding is left out.")
    if is_dense(block, input_shape):
        notes.append("1×1 kernels on 1×1 maps: this is the Dense layer, and the K_ij its weights.")
    return tuple(notes)
