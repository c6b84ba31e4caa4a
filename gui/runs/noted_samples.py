"""NotedImages: lists of test samples, each with a note of what runs made of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from gui.runs.run_images import FoundImages
from gui.theme import GRID
from gui.widgets.empty_state import EmptyState
from gui.widgets.layouts import named
from gui.widgets.prediction_model import NO_SAMPLES, PredictionModel
from gui.widgets.sample_grid import SampleGrid
from gui.widgets.sample_names import image_name, one_of

Note = Callable[[int, list[str]], str]  # a sample, and the names of the classes

_NO_IMAGES = "There is no such image."
_GAP = "\N{FIGURE SPACE}"  # beside a caption, so that two are not read as one


@dataclass(frozen=True, eq=False)
class ImageList:
    """Images that have something in common: their places (n,) in the test part, in an order.

    `note` stands beside the class under each, of which names have few letters; `spoken` is a part
    of a sentence, with whole names. `widest` is the widest note.
    """

    title: str
    places: NDArray[np.int64]
    note: Note
    spoken: Note
    widest: str


class NotedSamples(PredictionModel):
    """A row for each shown sample: its class and a note, and a sentence for screen readers.

    No sample is marked as wrong: what the notes say tells it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.told: ImageList | None = None  # by whose notes the samples are called

    def is_wrong(self, sample: int) -> bool:
        """Mark no sample."""
        return False

    def caption(self, sample: int) -> str:
        """What stands under a picture: `7  epoch 12`."""
        names = self.short_names()
        note = "" if self.told is None else self.told.note(sample, names)
        return f"{names[self.labels[sample]]}  {note}".rstrip()

    def widest_caption(self, longest: str) -> str:
        """Return the widest that stands under a picture, of the longest name of a class."""
        widest = "" if self.told is None else self.told.widest
        return f"{longest}  {widest}".rstrip() + _GAP

    def sentence(self, sample: int) -> str:
        """What a screen reader says of a sample."""
        names = list(self.classes)
        pinned = ", pinned" if sample == self.pinned else ""
        said = "" if self.told is None else self.told.spoken(sample, names)
        return f"{image_name(sample)}{pinned}: {one_of(names[self.labels[sample]])}; {said}."


class NotedImages(EmptyState):
    """The images of a list as a grid, or why there are none.

    Low as the grid may be, what is above it needs the rest.
    """

    def __init__(self, name: str) -> None:
        self._noted = NotedSamples()
        self.grid = named(SampleGrid(samples=self._noted), name)
        self.grid.setMinimumHeight(5 * GRID)
        super().__init__(self.grid, "")

    def show_list(self, shown: ImageList, found: FoundImages) -> None:
        """Show the images of a list, if these were found."""
        self._noted.told = shown
        test = found.test
        samples = NO_SAMPLES if test is None else (test.images, test.labels, test.class_names)
        if self._noted.images is not samples[0]:
            self.grid.set_samples(*samples)
        self.grid.renew_captions()
        if test is None or not len(shown.places):
            self.show_sentence(found.why_none or _NO_IMAGES)
            return
        self.grid.set_shown(shown.places.astype(np.intp))
        self.show_content()
