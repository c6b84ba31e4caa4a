"""Test samples from a pair of IDX files: which files, and what is said of the samples."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.array_types import format_shape
from engine.data.dataset import Dataset
from engine.data.readers.idx import check_images
from engine.data.sources import find_pair, load_pair
from engine.errors import DataError
from engine.training.samples import image_form
from gui.document.document import Document

T = TypeVar("T")
WaitFor = Callable[[str, Callable[[object], T]], T]
IDX_FILTER = "IDX files (*idx?-ubyte *idx?-ubyte.gz *.idx *.gz);;All files (*)"


def ask_for_pair(
    window: QWidget, folder: Path, wait_for: WaitFor[tuple[Path, Path] | None]
) -> tuple[Path, Path] | None:
    """Ask for an images file, and for its labels if they are not beside it; None: for nothing.

    `wait_for` is given what is done in words, and the work. Raises DataError if the first is no
    file of images.
    """
    name, _ = QFileDialog.getOpenFileName(
        window, "Load test samples: the images", str(folder), IDX_FILTER
    )
    if not name:
        return None
    chosen = Path(name)
    if pair := wait_for(f"Looking at {chosen.name}", lambda _: _pair_beside(chosen)):
        return pair
    other, _ = QFileDialog.getOpenFileName(
        window, "Load test samples: their labels", str(chosen.parent), IDX_FILTER
    )
    return (chosen, Path(other)) if other else None


def _pair_beside(images: Path) -> tuple[Path, Path] | None:
    """Return the pair that a file is of; None where its name does not tell, so the user does."""
    try:
        return find_pair(images)
    except DataError:
        check_images(images)
        return None


def load_samples(
    document: Document,
    images: Path,
    labels: Path,
    wait_for: WaitFor[Dataset],
) -> tuple[Dataset, str]:
    """Load the samples of a pair that the network can take; return them and what to say of them.

    `wait_for` is given what is done in words, and the work. Raises DataError if they do not suit.
    """
    form, expected = image_form(document.settings), document.stack.input_shape
    found = wait_for(f"Loading {images.name}", lambda _: load_pair(images, labels, form))
    if found.input_shape != expected:
        raise DataError(
            f"The images in {images.name} are {format_shape(found.input_shape)}, but the "
            f"network takes {format_shape(expected)}. Load images of that size."
        )
    samples = found.matching(document.settings.classes)
    left_out = len(found) - len(samples)
    rest = f"; {left_out:,} of other classes are left out" if left_out else ""
    return samples, (
        f"Predictions show {len(samples):,} test samples from {images.name}{rest}. The "
        "training data stays as it was."
    )
