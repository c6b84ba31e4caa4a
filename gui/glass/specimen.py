"""The specimen under glass, and what the glass panel asks of a view of it."""

from dataclasses import dataclass
from typing import Protocol

from engine.explain.training_step import TrainingStep
from engine.inspection.snapshot import Sample
from engine.model.project import Project
from engine.model.stack import ShapeReport


@dataclass(frozen=True, eq=False)
class Specimen:
    """What lies under glass: one training step of the pinned digit, on a copy of the weights.

    `project` is the frozen copy, `report` its shape check; `caption` says in words which digit the
    `sample` is.
    """

    sample: Sample
    step: TrainingStep
    project: Project
    report: ShapeReport
    caption: str


class GlassView(Protocol):
    """A view of the specimen, a widget, that can be gone through step by step."""

    def show_specimen(self, specimen: Specimen) -> None:
        """Show a specimen, at the place of the former one as far as it is still there."""
        ...

    def advance(self) -> bool:
        """Go one step on; return whether there was one."""
        ...

    def retreat(self) -> bool:
        """Go one step back; return whether there was one."""
        ...

    def restart(self) -> None:
        """Go to the first step."""
        ...

    def obstacle(self) -> str:
        """Return why there is nothing to go through, and the remedy; empty if something is."""
        ...
