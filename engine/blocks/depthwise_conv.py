"""DepthwiseConv: a convolution of each map by one kernel of its own."""

from typing import ClassVar

from engine.array_types import Shape
from engine.blocks.base import Mask
from engine.blocks.conv import Convolutional, KernelSize, Padding, Stride
from engine.blocks.rules import under_windows


class DepthwiseConv(Convolutional, frozen=True, kw_only=True, tag="depthwise_conv"):
    """Slide one kernel over each map; each map stays one."""

    kind: ClassVar[str] = "depthwise_conv"
    mixes: ClassVar[bool] = False
    equation: ClassVar[str] = "Y_i = B_i + X_i ⋆ K_i"
    help: ClassVar[str] = (
        "Slides over each map a kernel of its own, and mixes no maps. With a 1×1 Conv behind it, "
        "it does the work of a Conv with far fewer weights, as small networks for phones do."
    )

    kernel_size: KernelSize = 3
    padding: Padding = "valid"
    stride: Stride = 1

    def summary(self) -> str:
        """Name the block with its key numbers."""
        return f"DepthwiseConv {self.course()}"

    def kernels_and_channels(self, input_shape: Shape) -> tuple[int, int]:
        """A kernel for each map."""
        return input_shape[0], 1

    def equation_with(self, input_shape: Shape) -> str:
        """Count the maps, and say what the kernels and the bias are."""
        k = self.kernel_size
        moved = f", stride {self.stride}" if self.stride > 1 else ""
        padded = ", X_i with zeros around" if self.padding == "same" else ""
        return (
            f"{self.equation},  i = 1..{input_shape[0]}, K_i {k}×{k}, B_i one number{moved}{padded}"
        )

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """The kernel's window in the output's own map."""
        return under_windows(outputs, self.geometry(input_shape))
