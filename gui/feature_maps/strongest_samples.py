"""StrongestSamplesPresenter: finds, in a job, the samples that excite a feature map most."""

from collections.abc import Callable

from PySide6.QtCore import Slot

from engine.data.dataset import Dataset
from engine.inspection.strongest import Peak, strongest
from engine.model.project import Project
from engine.model.stack import ShapeReport
from gui.background.jobs import Job
from gui.document.checkpoint import checkpoint_words
from gui.feature_maps.panel import FeatureMapsPanel
from gui.widgets.exciting_samples import Found
from gui.widgets.pictures import picture_at
from gui.workspace.context import Context, Presenter

COUNT = 8  # samples


class StrongestSamplesPresenter(Presenter):
    """Answers the question that the feature maps panel asks, with the weights as they are then."""

    def __init__(self, context: Context, panel: FeatureMapsPanel) -> None:
        super().__init__(context)
        self._panel = panel
        panel.search_wanted.connect(self._search)
        self._view.store.watch(lambda s: s.samples, panel.forget_samples)

    @Slot(int, int, int)
    def _search(self, slot_id: int, position: int, number: int) -> None:
        samples, project = self._view.state.samples, self._view.project()
        if not samples or position >= len(project.check().front().rows):
            return
        ranked = _before_activation(project, position)
        asked = slot_id, number

        def done(peaks: list[Peak]) -> None:
            if self._panel.chosen == asked and self._view.state.samples is samples:
                before = ", before the activation" if ranked < position else ""
                learned = bool(project.weights)
                weights = f"weights {checkpoint_words(project)}" if learned else "initial weights"
                words = f"of {len(samples):,}{before}, with the {weights}"
                report = project.check()
                found = [_found(report, samples, ranked, number, peak) for peak in peaks]
                self._panel.enlarged.samples.show_found(found, words)

        def ended(problem: str) -> None:
            self._panel.enlarged.samples.forget(problem)

        self._panel.enlarged.samples.show_busy()
        work = _searching(project, samples, ranked, number)
        self._jobs.start(Job("Search for the images that excite the map", work, done, ended))


def _before_activation(project: Project, position: int) -> int:
    """Return the position whose values rank the images.

    Beyond a Sigmoid or a Tanh many images have the same largest value, and no one is first.
    """
    slots = project.stack.slots
    activated = position > 0 and slots[position].block.group == "Activation"
    return position - 1 if activated else position


def _searching(
    project: Project, samples: Dataset, position: int, number: int
) -> Callable[[Callable[[float], None]], list[Peak]]:
    def work(report: Callable[[float], None]) -> list[Peak]:
        return strongest(project.front(), samples, position, COUNT, report)[number]

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
