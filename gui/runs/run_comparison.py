"""RunComparison: the page Compare of the panel Runs: what is ticked, and whose images are shown."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Slot

from engine.data.dataset import Dataset
from engine.model.network import NO_ANSWER
from engine.runs.comparison import side_by_side, why_other_samples
from engine.runs.prediction_files import read_predictions
from engine.runs.predictions import RunPredictions
from gui.background.latest_task import LatestTask
from gui.background.present import Present
from gui.runs.comparison_table import ComparedRun
from gui.runs.comparison_view import GROUPS, NO_PAIR, ComparisonView, TwoSaid
from gui.runs.noted_samples import ImageList
from gui.runs.run_images import NO_PREDICTIONS, FoundImages, class_names, find_images
from gui.runs.run_list import RunList
from gui.widgets.number_words import output_text
from gui.widgets.sample_names import NO_ANSWER_TEXT, one_of, said_name, short_names
from gui.workspace.context import Context, Presenter

_READING = "What the runs said of the test images is being read."


class _Read(NamedTuple):
    """What two runs said, and the images; a problem in their place."""

    said: TwoSaid | None
    images: FoundImages
    problem: str = ""


class RunComparison(Presenter):
    """Tells the page of the ticked runs, and reads what two of them said of the same images.

    `pin` is given the samples and the place of one of them.
    """

    def __init__(
        self, context: Context, runs: RunList, pin: Callable[[Dataset, int], None]
    ) -> None:
        super().__init__(context)
        self.page, self._runs, self._reading = ComparisonView(self._read), runs, LatestTask(self)
        self._pin_sample = pin
        self._shown: tuple[object, ...] | None = None  # what is read or being read
        self._test: Dataset | None = None
        runs.runs.ticked_changed.connect(self._on_ticked)
        self.page.images.grid.sample_activated.connect(self._pin)
        self._view.store.watch(lambda s: (s.samples, s.problem), self._on_samples)
        self._view.store.watch(lambda s: s.pinned, self._show_pinned)

    def _show_pinned(self) -> None:
        """Frame the pinned image, if it is one of those that are shown."""
        state = self._view.state
        shown = self._test is not None and state.samples is self._test
        self.page.images.grid.set_pinned(state.pinned if shown else None)

    @Slot()
    def _on_ticked(self) -> None:
        self.page.set_runs([(row.run, row.colour) for row in self._runs.runs.ticked()])

    def _on_samples(self) -> None:
        """Read again with other images at hand, when they are looked at next."""
        self._shown = None
        if self.page.shows_images():
            self._read()

    def _read(self) -> None:
        pair = self.page.images.pair()
        if pair is None:
            self._reading.give_up()
            self._shown = None
            self.page.images.show_problem(NO_PAIR)
            return
        key = tuple((each.run.key, each.run.epochs, each.name) for each in pair)
        if key == self._shown:
            return
        self._shown = key
        work = partial(_read_two, pair, self._view.state.samples, self._view.present)
        self._reading.begin(lambda _: work(), self._show, failed=self._fail, patience=0.02)
        if self._reading.busy and self._test is None:
            self.page.images.show_problem(_READING)

    def _show(self, read: _Read) -> None:
        self._test = read.images.test
        if read.said is None:
            self.page.images.show_problem(read.problem)
            return
        self.page.images.show_said(read.said, read.images)
        self._show_pinned()

    def _fail(self, problem: str) -> None:
        self._shown, self._test = None, None
        self.page.images.show_problem(problem)

    @Slot(int)
    def _pin(self, place: int) -> None:
        if self._test is not None:
            self._pin_sample(self._test, place)


def _read_two(
    pair: tuple[ComparedRun, ComparedRun], shown: Dataset | None, present: Present
) -> _Read:
    runs = [each.run for each in pair]
    first, second = (read_predictions(run.folder) for run in runs)
    if first is None or second is None:
        found = zip(runs, (first, second), strict=True)
        lacks = " and ".join(f"“{run.title}”" for run, said in found if said is None)
        return _Read(None, FoundImages(None), f"{NO_PREDICTIONS} It lacks for {lacks}.")
    why = why_other_samples(first, second)
    if why:
        return _Read(None, FoundImages(None), why)
    names = class_names(runs[0].description.project, first.samples.classes)
    ages = [run.age(int(said.epochs[-1])) for run, said in zip(runs, (first, second), strict=True)]
    said = two_said(first, second, names, ages)
    return _Read(said, find_images(runs[0], first.samples.digest, shown, present))


def two_said(
    first: RunPredictions, second: RunPredictions, names: Sequence[str], ages: Sequence[int]
) -> TwoSaid:
    """Sort the images of two runs by who was right after the last epoch of each, of these ages."""
    groups = side_by_side(first, second)
    longest = max(short_names(names), key=len)

    def said_of(place: int) -> Iterator[tuple[str, int, float]]:
        """Give what each run says of an image, and its output for that."""
        for run, predictions in zip("AB", (first, second), strict=True):
            index = predictions.samples.index_of_place(place)
            yield run, int(predictions.said[-1, index]), float(predictions.certainty[-1, index])

    def note(place: int, names: list[str]) -> str:
        """Write what the runs said, where it is not the true class: `A: 1 B: 4`, `→ 1`."""
        true = int(first.samples.labels[first.samples.index_of_place(place)])
        wrong = [(run, said) for run, said, _ in said_of(place) if said != true]
        if len(wrong) == 2 and wrong[0][1] == wrong[1][1]:
            return f"→ {said_name(names, wrong[0][1])}"
        return " ".join(f"{run}: {said_name(names, said)}" for run, said in wrong)

    def spoken(place: int, names: list[str]) -> str:
        return ", ".join(_told(*each, names) for each in said_of(place))

    parts = (groups.both_right, groups.only_first, groups.only_second, groups.both_wrong)
    lists = [
        ImageList(title, places, note, spoken, f"A: {longest} B: {longest}")
        for title, places in zip(GROUPS, parts, strict=True)
    ]
    of_ages = f"A after epoch {ages[0]:,}, B after epoch {ages[1]:,}."
    of_ages = of_ages if ages[0] != ages[1] else ""
    notes = " ".join(filter(None, (groups.caveat, of_ages, first.samples.note)))
    return TwoSaid(lists, groups.sentence("A", "B"), notes)


def _told(run: str, said: int, output: float, names: Sequence[str]) -> str:
    if said == NO_ANSWER:
        return f"{run}: {NO_ANSWER_TEXT}"
    return f"{run} says {one_of(names[said])} with {output_text(output)}"
