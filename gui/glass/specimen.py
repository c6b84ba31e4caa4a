"""The specimen under glass, and what the glass panel asks of a view of it."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.explain.training_step import TracedBlock, TrainingStep
from engine.inspection.snapshot import Sample
from engine.model.project import Project
from engine.model.stack import ShapeReport
from engine.model.weights import Weights
from gui.document.checkpoint import checkpoint_words


@dataclass(frozen=True, eq=False)
class Subject:
    """What a specimen is made of: a network, an image, and what that is called and taken for."""

    project: Project
    sample: Sample
    caption: str

    def has_sample_of(self, other: "Subject") -> bool:
        """Return whether both are of the same sample; it may have been made anew."""
        one, two = self.sample, other.sample
        known = (one.index, one.label, one.classes) == (two.index, two.label, two.classes)
        return known and np.array_equal(one.image, two.image)

    def is_like(self, other: "Subject") -> bool:
        """Return whether specimens of both would show the same."""
        one, two = self.project, other.project
        return (
            (self.caption, one.stack, one.settings, copy_words(one))
            == (other.caption, two.stack, two.settings, copy_words(two))
            and self.has_sample_of(other)
            and _same_weights(one.weights, two.weights)
        )


@dataclass(frozen=True, eq=False)
class Specimen:
    """What lies under glass: one training step of the pinned sample, on a copy of the weights.

    `project` is the frozen copy, `report` its shape check; `caption` says in words which sample the
    `sample` is.
    """

    sample: Sample
    step: TrainingStep
    project: Project
    report: ShapeReport
    caption: str


@dataclass(frozen=True, eq=False)
class Front:
    """The blocks of a network that fit, on the pinned sample, forward only.

    `why` says why there is no training step of the whole.
    """

    blocks: tuple[TracedBlock, ...]
    caption: str
    why: str


def _same_weights(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(
        arrays.keys() == other[slot].keys()
        and all(np.array_equal(array, other[slot][name]) for name, array in arrays.items())
        for slot, arrays in one.items()
    )


def copy_words(project: Project) -> str:
    """Say which weights the copy under glass has."""
    checkpoint = checkpoint_words(project)
    return (
        f"Snapshot of the weights {checkpoint}" if checkpoint else "Snapshot of the initial weights"
    )


class GlassView(QWidget):
    """A view of the specimen that can be gone through step by step.

    In it, `for_keys` takes the arrow keys. `held` says that the user has chosen something, so that
    playing stops; `moved` that one is at another `place`, in words.
    """

    held = Signal()
    moved = Signal()
    for_keys: QWidget
    place = ""
    specimen: Specimen | None = None

    def show_specimen(self, specimen: Specimen) -> None:
        """Show a specimen, at the place of the former one as far as it is still there."""
        self.specimen = specimen

    def show_front(self, front: Front) -> bool:
        """Show the blocks that fit; return whether there is anything to show of them alone."""
        return False  # without a loss there are no gradients

    def go(self, by: int) -> bool:
        """Go so many steps on, or back where that is negative; return whether there are some."""
        raise NotImplementedError

    def restart(self) -> None:
        """Go to the first step."""
        raise NotImplementedError

    def obstacle(self) -> str:
        """Return why there is nothing to go through, and the remedy; empty if something is."""
        return ""

    def _say_place(self, words: str) -> None:
        self.place = words
        self.moved.emit()
