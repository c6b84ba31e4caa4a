"""Samples as an item model: images with their classes, whatever a network says of them."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from engine.inspection.snapshot import SamplePart
from gui.widgets.prediction_model import PredictionModel
from gui.widgets.sample_names import LONGEST_NAME, image_title


def _in_training(sample: int) -> tuple[SamplePart, int]:
    return "training", sample


class SampleModel(PredictionModel):
    """A row for each shown sample, called by its class, and by its part where that `names_parts`.

    `place_of` says of which part a sample is, and its place there.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.place_of: Callable[[int], tuple[SamplePart, int]] = _in_training
        self.names_parts = False

    def caption(self, sample: int, letters: int = LONGEST_NAME) -> str:
        """What stands under a picture: its class, in so many letters."""
        name = self.short_names(letters)[self.labels[sample]]
        return f"{self.place_of(sample)[0]}: {name}" if self.names_parts else name

    def widest_caption(self, longest: str) -> str:
        """Return the caption of a sample of the class with the longest name."""
        return f"training: {longest}" if self.names_parts else longest

    def sentence(self, sample: int) -> str:
        """What a screen reader says of a sample."""
        part, place = self.place_of(sample)
        title = image_title(place, self.classes[self.labels[sample]], part)
        return f"{title}, pinned" if sample == self.pinned else title

    def tip(self, sample: int) -> str:
        """What a tooltip says of a sample."""
        return self.sentence(sample)
