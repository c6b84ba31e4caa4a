"""Verdict: how far the predictions of an export agree with those of the network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.array_types import Array
from engine.text.words import joined
from engine.version import BUNDLED, INSTALLED, PROGRAM

WayName = Literal["read back", "numpy", "onnxruntime", "torch", "keras", "kernel"]
_EXTRAS = {"onnxruntime": "onnx", "torch": "pytorch", "keras": "keras", "kernel": "notebook"}
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


# Largest difference of a block's outputs, relative to their range, that is taken for rounding, but
# for networks that make more of it.
TOLERANCE = 1e-4
UNSTEADY = 0.01  # where rounding explains larger differences, these prove nothing


@dataclass(frozen=True)
class BlockDifference:
    """How far the outputs of a block differ, relative to the range of the outputs it should have.

    `number` counts the blocks from 1, `title` is what its row is called. `rounding` is the largest
    difference that rounding may make.
    """

    number: int
    title: str
    largest: float
    mean: float
    rounding: float = TOLERANCE

    @property
    def differs(self) -> bool:
        """Whether the difference is more than rounding."""
        return not self.largest <= self.rounding  # which NaN is not


@dataclass(frozen=True)
class Verdict:
    """What came of one way to run an export.

    `program` is what ran it, with its version, such as `onnxruntime 1.23`. Of `samples`
    predictions, `agree` name the class that the network names; `largest` and `mean` are the
    differences of the outputs. `blocks` has an entry for each block whose outputs could be
    compared; the last block is always one. `images` says what was predicted.
    `missing` names packages that are not installed, without which it could not be run. `failure`
    says in a sentence why it came to nothing otherwise; empty if it ran.
    """

    way: WayName
    program: str
    samples: int = 0
    agree: int = 0
    largest: float = 0.0
    mean: float = 0.0
    blocks: tuple[BlockDifference, ...] = ()
    failure: str = ""
    missing: tuple[str, ...] = ()
    images: Literal["test images", "images of noise"] = "test images"

    @property
    def ran(self) -> bool:
        """Whether there are outputs that were compared."""
        return not self.failure and not self.missing

    @property
    def first_different(self) -> BlockDifference | None:
        """The first block whose outputs are others; None if all are the same but for rounding."""
        return next((block for block in self.blocks if block.differs), None)

    @property
    def is_wrong(self) -> bool:
        """Whether it ran, and gave other outputs or predictions than rounding explains."""
        others = self.agree < self.samples and self.blocks[-1].rounding <= UNSTEADY
        return self.ran and (others or self.first_different is not None)

    @property
    def holds(self) -> bool:
        """Whether it ran, and gave what the network gives."""
        same = self.agree == self.samples and not self.is_wrong
        return self.ran and same and self.blocks[-1].largest <= UNSTEADY

    @property
    def text(self) -> str:
        """Say it in a sentence."""
        if self.missing:
            packages = joined(self.missing) + extra_of(self.way)
            return f"{self.way}: not run. Install {packages} to have it checked this way."
        if self.failure:
            return f"{self.way}: {self.failure}"
        found = (
            f"{self.way}: {self.agree:,} of {self.samples:,} {self.images} are predicted as by "
            f"the network, largest difference {self.largest:.2g}, mean {self.mean:.2g} "
            f"({self.program})."
        )
        different = self.first_different
        if different is None and not self.is_wrong and not self.holds:
            return (
                f"{found} Rounding alone changes outputs of this network by "
                f"{self.blocks[-1].rounding:.0%} of their range, so this proves nothing."
            )
        if different is None:
            return found
        return (
            f"{found} Block {different.number} ({different.title}) is the first that differs, by "
            f"{different.largest:.2g} of its range."
        )


def extra_of(way: WayName) -> str:
    """Say, behind the packages of a way, how an installed program is given them."""
    if BUNDLED:
        return " beside Layerscope's wheel (this bundle takes no packages)"
    if not INSTALLED or way not in _EXTRAS:
        return ""
    return f" (pip install '{PROGRAM}[{_EXTRAS[way]}]')"
