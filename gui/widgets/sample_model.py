"""Samples as an item model: images with their classes, whatever a network says of them."""

from typing import Any

from PySide6.QtCore import QObject, Qt

from engine.inspection.snapshot import SamplePart
from gui.widgets.prediction_model import Index, PredictionModel
from gui.widgets.sample_names import image_title, short_name


class SampleModel(PredictionModel):
    """A row for each shown sample of one part of the data, called by its class alone."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.part: SamplePart = "training"

    def caption(self, sample: int) -> str:
        """What stands under a picture: its class."""
        return short_name(self.classes[self.labels[sample]])

    def widest_caption(self, longest: str) -> str:
        """Return the name itself."""
        return longest

    def sentence(self, sample: int) -> str:
        """What a screen reader says of a sample."""
        title = image_title(sample, self.classes[self.labels[sample]], self.part)
        return f"{title}, pinned" if sample == self.pinned else title

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role == Qt.ItemDataRole.ToolTipRole:
            return self.sentence(int(self.shown[index.row()]))
        return super().data(index, role)
