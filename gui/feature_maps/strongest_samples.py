"""The search for the samples that excite a feature map most."""

from collections.abc import Callable

from engine.data.dataset import Dataset
from engine.inspection.strongest import Peak, strongest
from engine.model.project import Project
from engine.model.stack import ShapeReport
from gui.document.checkpoint import checkpoint_words
from gui.widgets.exciting_samples import Found
from gui.widgets.pictures import picture_at

COUNT = 8  # samples


def searching(
    project: Project, samples: Dataset, position: int, number: int
) -> Callable[[Callable[[float], None]], tuple[list[Found], str]]:
    """Return work that finds samples for a map of a block, and says of what they are the strongest.

    Beyond a Sigmoid or a Tanh many images have the same largest value, and no one is first: they
    are ranked by the values before it.
    """
    slots = project.stack.slots
    activated = position > 0 and slots[position].block.group == "Activation"
    ranked = position - activated

    def work(report: Callable[[float], None]) -> tuple[list[Found], str]:
        peaks = strongest(project.front(), samples, ranked, COUNT, report)[number]
        before = ", before the activation" if activated else ""
        weights = f"weights {checkpoint_words(project)}" if project.weights else "initial weights"
        words = f"of {len(samples):,}{before}, with the {weights}"
        shapes = project.check()
        return [_found(shapes, samples, ranked, number, peak) for peak in peaks], words

    return work


def _found(report: ShapeReport, samples: Dataset, position: int, number: int, peak: Peak) -> Found:
    from engine.explain.provenance import receptive_fields  # not before it is asked for

    image = receptive_fields(report, position, (number, peak.row, peak.column))[0].window
    return Found(
        peak.sample,
        picture_at(samples.images, peak.sample),
        samples.class_names[samples.labels[peak.sample]],
        peak.value,
        (image.top, image.left, image.height, image.width),
    )
