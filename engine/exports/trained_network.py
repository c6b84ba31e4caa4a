"""TrainedNetwork: all that an export tells of a network."""

from dataclasses import dataclass

from engine.data.dataset import Dataset
from engine.inputs.scaling import Scaling
from engine.model.network import Network
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.model.weights import Weights


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network that fits, with finite weights for each of its blocks.

    It takes images (n, channels, height, width) of values from 0 to 1, which are the bytes of the
    images divided by 255; `scaling` says what is done with these before the first block. What is
    exported does this by itself, so that nobody can forget it. `training` and `test` are the
    samples that the project's settings choose, None where the data is gone.
    """

    project: Project
    report: ShapeReport
    weights: Weights
    scaling: Scaling
    class_names: tuple[str, ...]
    training: Dataset | None = None
    test: Dataset | None = None

    @property
    def settings(self) -> Settings:
        """The settings it was trained with."""
        return self.project.settings

    def network(self) -> Network:
        """Build the network over its weights."""
        return Network(self.report, self.weights)
