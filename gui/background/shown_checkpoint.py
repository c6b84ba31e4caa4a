"""ShownCheckpoint: a run as it was after one of its epochs, which the panels may look at."""

from dataclasses import dataclass
from functools import cached_property

from engine.model.project import Project
from engine.model.stack import ShapeReport
from engine.runs.run_folder import Run


@dataclass(frozen=True, eq=False)
class ShownCheckpoint:
    """A kept run, one of its kept epochs (0 is its start), and the network as it was then.

    `epoch` counts from the start of the run; what is shown to users is the `age` of the network.
    """

    run: Run
    epoch: int
    project: Project

    @property
    def age(self) -> int:
        """For how many epochs the network was trained in all."""
        return self.project.trained_epochs

    @property
    def when(self) -> str:
        """How far the network was trained, in words: `epoch 12`."""
        if self.project.trained_part:
            return f"within epoch {self.age + 1:,}"
        return f"epoch {self.age:,}" if self.age else "before the first epoch"

    @cached_property
    def report(self) -> ShapeReport:
        """What the shape check says of the network."""
        return self.project.check()
