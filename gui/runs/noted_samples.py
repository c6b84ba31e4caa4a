"""NotedGrid: test samples, each with a note of what runs made of it."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from engine.data.dataset import Dataset
from gui.theme import GRID
from gui.widgets.prediction_model import NO_SAMPLES, PredictionModel
from gui.widgets.sample_grid import SampleGrid
from gui.widgets.sample_names import image_name, one_of

Note = Callable[[int, list[str]], str]  # a sample, and the names of the classes

_GAP = "\N{FIGURE SPACE}"  # beside a caption, so that two are not read as one


class NotedSamples(PredictionModel):
    """A row for each shown sample: its class and a note, and a sentence for screen readers.

    No sample is marked as wrong: what the notes say tells it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._note: Note = lambda _sample, _names: ""
        self._sentence: Note = self._note
        self._widest = ""

    def set_notes(self, note: Note, sentence: Note, widest: str) -> None:
        """Say something else of the samples; `widest` is the note that takes the most room.

        `note` gets names in few letters, `sentence` the whole ones and follows the image's name.
        """
        self._note, self._sentence, self._widest = note, sentence, widest

    def is_wrong(self, sample: int) -> bool:
        """Mark no sample."""
        return False

    def caption(self, sample: int) -> str:
        """What stands under a picture: `7  epoch 12`."""
        names = self.short_names()
        return f"{names[self.labels[sample]]}  {self._note(sample, names)}".rstrip()

    def widest_caption(self, longest: str) -> str:
        """Return the widest that stands under a picture, of the longest name of a class."""
        return f"{longest}  {self._widest}".rstrip() + _GAP

    def sentence(self, sample: int) -> str:
        """What a screen reader says of a sample."""
        names = list(self.classes)
        pinned = ", pinned" if sample == self.pinned else ""
        said = self._sentence(sample, names)
        return f"{image_name(sample)}{pinned}: {one_of(names[self.labels[sample]])}; {said}."


class NotedGrid(SampleGrid):
    """The noted samples as a grid; low as it may be, what is above it needs the rest."""

    def __init__(self, name: str) -> None:
        self.noted = NotedSamples()
        super().__init__(samples=self.noted)
        self.setObjectName(name)
        self.setMinimumHeight(5 * GRID)

    def show_notes(self, dataset: Dataset | None, note: Note, sentence: Note, widest: str) -> None:
        """Show samples of a data set, none without one, with notes as `set_notes` takes them."""
        self.noted.set_notes(note, sentence, widest)
        if dataset is None:
            self.set_samples(*NO_SAMPLES)
        elif self.noted.images is not dataset.images:
            self.set_samples(dataset.images, dataset.labels, dataset.class_names)
        self.renew_captions()
