"""RunLife: the page Life of the image: what the chosen run said of the pinned image, and when."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Slot

from engine.data.dataset import Dataset
from engine.runs.learning_history import LearningHistory, Lifetime
from engine.runs.prediction_files import read_predictions
from engine.runs.run_folder import Run
from gui.background.latest_task import LatestTask
from gui.background.present import Present
from gui.runs.life_view import EMPTY, Bars, LifeView
from gui.runs.life_words import image_bars, image_text, lists_of, run_text
from gui.runs.run_images import (
    NO_EPOCHS,
    NO_PREDICTIONS,
    FoundImages,
    class_names,
    find_images,
)
from gui.runs.run_list import RunList
from gui.workspace.context import Context, Presenter

_READING = "What the run said of the test images is being read."
_NOT_OF_RUN = (
    "What the network said is kept of the test images of this run, and the selected image is none "
    "of them. Click an image below; where other data is open, go to an epoch of the run first."
)
_NO_IMAGES = "Without the test images of this run, what it said of one of them cannot be shown."
_NOT_KEPT = "Of this image nothing was kept: the run kept predictions of some images only."


class _Read(NamedTuple):
    """What a run said of its images."""

    run: Run
    life: Lifetime | None
    history: LearningHistory | None
    images: FoundImages


class RunLife(Presenter):
    """Reads what the chosen run said, and tells the page of it and of the pinned image.

    `go_to` is given the run and an epoch to go to, `pin` the samples and the place of one of them.
    """

    def __init__(
        self,
        context: Context,
        runs: RunList,
        go_to: Callable[[Run, int], None],
        pin: Callable[[Dataset, int], None],
    ) -> None:
        super().__init__(context)
        self.page, self._runs, self._reading = LifeView(), runs, LatestTask(self)
        self._go_to, self._pin_sample = go_to, pin
        self._read: _Read | None = None
        self._key: tuple[str, int] | None = None  # run and epochs that are read or being read
        runs.current_changed.connect(self._follow)
        self.page.visibility_changed.connect(self._follow)
        self.page.strip.epoch_chosen.connect(self._on_epoch)
        self.page.grid.sample_activated.connect(self._pin)
        store = self._view.store
        store.watch(lambda s: (s.samples, s.problem), self._on_samples)
        store.watch(lambda s: (s.pinned, s.data.sample), self._tell)
        store.watch(lambda s: s.checkpoint, self._show_looked)

    def _show_looked(self) -> None:
        """Mark the epoch that the panels show, if it is one of the run's."""
        checkpoint, read = self._view.state.checkpoint, self._read
        is_of = checkpoint and read and checkpoint.run.key == read.run.key
        self.page.strip.set_looked(checkpoint.age if checkpoint and is_of else None)

    # --- reading -----------------------------------------------------------------------------

    def _on_samples(self) -> None:
        self._key = None
        self._follow()

    @Slot()
    def _follow(self) -> None:
        """Read what the chosen run said, if that is seen and not read yet."""
        run = self._runs.current
        if not self.page.isVisible():
            return
        if run is None:
            self._key = self._read = None
            self.page.show_problem(EMPTY)
            return
        key = run.key, run.epochs
        if key == self._key or (self._reading.busy and self._is_of(run)):
            return
        if not self._is_of(run):
            self._read = None
            self.page.show_problem(_READING)
        self._key = key
        work = partial(_read_all, run, self._view.state.samples, self._view.present)
        self._reading.begin(lambda _: work(), self._take, failed=self._fail, patience=0.02)

    def _is_of(self, run: Run) -> bool:
        return self._key is not None and self._key[0] == run.key

    def _take(self, read: _Read) -> None:
        is_new, self._read = self._read is None, read
        self._tell()
        if is_new:  # as a run grows, what is in view stays there
            self._show_looked()
        self._follow()  # it may have grown meanwhile

    def _fail(self, problem: str) -> None:
        self._read = None
        self.page.show_problem(problem)

    # --- telling -----------------------------------------------------------------------------

    def _tell(self) -> None:
        read = self._read
        if read is None:
            return
        if read.life is None or read.history is None:
            self.page.show_problem(NO_PREDICTIONS if read.run.metrics else NO_EPOCHS)
            return
        self.page.of_run.setText(run_text(read.run.title, read.life))
        bars, text = self._told_of_image(read, read.life, read.history)
        lists, pinned = lists_of(read.life, read.history), self._place(read.images.test)
        self.page.show_life(bars, text, lists, read.images, pinned)

    def _told_of_image(
        self, read: _Read, life: Lifetime, history: LearningHistory
    ) -> tuple[Bars | None, str]:
        """Return the bars of the pinned image with a text, or why there are none."""
        place, samples = self._place(read.images.test), life.predictions.samples
        if place is None:
            return None, _NO_IMAGES if read.images.test is None else _NOT_OF_RUN
        index = samples.index_of_place(place)
        if index is None:
            return None, _NOT_KEPT
        names = class_names(read.run.description.project, samples.classes)
        bars = image_bars(life.predictions, index, names)
        return bars, image_text(life, history, index, names)

    def _place(self, test: Dataset | None) -> int | None:
        """Return the place of the pinned image among the test images of the run."""
        state = self._view.state
        return state.pinned if test is not None and state.samples is test else None

    # --- what is wanted ----------------------------------------------------------------------

    @Slot(int)
    def _on_epoch(self, age: int) -> None:
        if self._read is not None:
            self._go_to(self._read.run, age - self._read.run.age(0))

    @Slot(int)
    def _pin(self, place: int) -> None:
        if self._read is not None and self._read.images.test is not None:
            self._pin_sample(self._read.images.test, place)


def _read_all(run: Run, shown: Dataset | None, present: Present) -> _Read:
    predictions = read_predictions(run.folder)
    if predictions is None or not len(predictions.epochs):
        return _Read(run, None, None, FoundImages(None))
    life = Lifetime.of(run, predictions)
    found = find_images(run, predictions.samples.digest, shown, present)
    return _Read(run, life, LearningHistory.of(life.predictions), found)
