"""NotedSamples: test samples as an item model, each with a note of what runs made of it."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from gui.widgets.prediction_model import PredictionModel
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

    def tip(self, sample: int) -> str:
        """What a tooltip says of a sample."""
        return self.sentence(sample)
