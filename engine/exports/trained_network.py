"""TrainedNetwork: all that an export tells of a network."""

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset, fingerprint
from engine.data.sources import name_of
from engine.errors import ExportError
from engine.files.naming import module_names
from engine.files.network_form import DataNote, describe, write_notes
from engine.inputs.scaling import UNIT, Scaling
from engine.model.network import Network
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.model.weights import Weights, why_not_whole
from engine.proof.prove import images_to_prove
from engine.version import version

_CHECK_BYTES = 20_000_000  # of outputs that check.npz holds
_CHECK_IMAGES = 20


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network that fits, with finite weights for each of its blocks.

    It takes images (n, channels, height, width) of values from 0 to 1, which are the bytes of the
    images divided by 255; `scaling` says what is done with these before the first block. What is
    exported does this by itself, so that nobody can forget it. `training` and `test` are the
    samples that the project's settings choose, None where the data is gone. `name` is that of its
    file or folder, without the ending. `curves` are those of its training, None where they were not
    kept: a project file has none, its run does.
    """

    project: Project
    report: ShapeReport
    weights: Weights
    scaling: Scaling
    class_names: tuple[str, ...]
    training: Dataset | None = None
    test: Dataset | None = None
    name: str = "network"
    curves: Array | None = None

    @classmethod
    def of(
        cls, project: Project, training: Dataset | None = None, test: Dataset | None = None
    ) -> "TrainedNetwork":
        """Take the network of a project, with the samples that its settings choose, if there are.

        Raises ExportError if the network does not fit, is not trained, or has weights that are not
        finite.
        """
        report = project.check()
        if report.problem is not None:
            why = f"it does not fit: {report.problem.text}"
        else:
            why = why_not_whole(report.rows, project.weights)
        if why:
            raise ExportError(f"The network was not exported, because {why}")
        weights = {row.slot.id: project.weights.get(row.slot.id, {}) for row in report.rows}
        numbers = tuple(str(number) for number in project.settings.classes)
        names = project.class_names or (training.class_names if training else numbers)
        scaling = _scaling_of(project, training)
        return cls(project, report, weights, scaling, names, training, test)

    @property
    def settings(self) -> Settings:
        """The settings it was trained with."""
        return self.project.settings

    def network(self) -> Network:
        """Build the network over its weights."""
        return Network(self.report, self.weights)

    def data_digest(self) -> str:
        """Return the fingerprint of the data that it was trained with; empty if it is not known."""
        if self.project.data_digest or self.training is None or self.test is None:
            return self.project.data_digest
        return fingerprint(self.training, self.test)


def _scaling_of(project: Project, training: Dataset | None) -> Scaling:
    if project.settings.scaling == "unit":
        return UNIT
    scaling = project.scaling or (training.scaling if training is not None else None)
    if scaling is None:
        raise ExportError(
            "The network was not exported, because its images are standardised by its data, which "
            "cannot be read, and the numbers are not known. Bring the data back, or train again."
        )
    return scaling


def notes_of(network: TrainedNetwork) -> dict[str, str]:
    """Return the stack, classes, scaling, data and version, each in JSON."""
    project, settings = network.project, network.settings
    samples = settings.trained_samples(len(network.training or ()))
    # The name of the data, not its folder, which is nobody's business.
    data = DataNote(name_of(settings.dataset), network.data_digest(), samples)
    about = network.class_names, network.scaling, data, project.trained_epochs
    return write_notes(describe(project.stack, *about))


def check_file(network: TrainedNetwork, form: Callable[[Array], Array]) -> bytes:
    """Return images of values from 0 to 1, and the outputs of the blocks by their modules' names.

    They are fewer images, or outputs of the last block alone, where that would be too much. `form`
    brings outputs (n, ...) into the shape that they have in the other program.
    """
    rows = network.report.rows
    size = sum(4 * math.prod(row.output_shape or ()) for row in rows)
    count = max(1, min(_CHECK_IMAGES, _CHECK_BYTES // size))
    test = network.test.images if network.test is not None else None
    images = images_to_prove(network.network(), test).bytes[:count]
    outputs = network.network().activations(network.scaling.inputs(images))
    arrays: dict[str, NDArray[Any]] = {"images": images.astype(np.float32) / np.float32(255)}
    for place, name in enumerate(module_names(row.slot for row in rows), 1):
        if size <= _CHECK_BYTES or place == len(rows):
            arrays[name] = form(outputs[place - 1])
    return write_arrays(arrays)


def write_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Encode arrays of any type in numpy's npz format, compressed."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def comment_text(text: str) -> str:
    """Return a text as a comment of Python may hold it: one line, of printable characters."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:60]


def markdown_text(text: str) -> str:
    """Return a text for a line of Markdown, its signs being signs only."""
    signs = set(r"\`*_{}[]<>()#|$!&~")
    return "".join(f"\\{letter}" if letter in signs else letter for letter in comment_text(text))


def classes_code(names: tuple[str, ...]) -> str:
    """Write the names of the classes as a constant of Python."""
    line = f"CLASSES = {names!r}  # in the order of the outputs"
    if len(line) <= 100:
        return line
    listed = "".join(f"    {name!r},\n" for name in names)
    return f"# In the order of the outputs.\nCLASSES = (\n{listed})"


def model_head(parts: Mapping[str, str], network: TrainedNetwork) -> str:
    """Return the beginning of the text of a model: what it takes and gives."""
    shape = network.report.rows[0].input_shape or ()
    channels = "grey" if shape[0] == 1 else "in red, green and blue"
    return parts["head"].format(
        version=version(),
        sizes=", ".join(map(str, shape)),
        channels=channels,
        shape=shape,
        classes=classes_code(network.class_names),
    )
