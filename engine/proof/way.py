"""Way: how an export is read and run again to prove it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.array_types import Array

WayName = Literal["read back", "numpy", "onnxruntime", "torch", "keras", "kernel"]
# The outputs (n, ...) of each block for images (n, channels, height, width) of values from 0 to 1;
# None for a block of which the export shows no outputs of its own. The last are never None.
BlockOutputs = Sequence[Array | None]


@dataclass(frozen=True)
class Way:
    """One way to run an export.

    `outputs` is called with the path of what was exported and with images. It loads what it needs
    when it is called, and raises whatever goes wrong. Where `packages` are named, it needs these,
    and is called in a process of its own with a time limit; it must then be a function at the top
    of a module. The first package is the program that the verdict names, with its version.
    """

    name: WayName
    outputs: Callable[[Path, Array], BlockOutputs]
    packages: tuple[str, ...] = ()
