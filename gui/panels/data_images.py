"""The images of the data, as the network gets them: filtered by part and class, to be pinned."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.data.dataset import Dataset
from engine.inspection.snapshot import SamplePart
from engine.model.settings import Settings
from engine.training.augmentation import Augmentation
from engine.training.samples import Places
from gui.panels.changed_images import ChangedImages
from gui.theme import GRID, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.elision import ElidedLabel
from gui.widgets.prediction_model import NO_SAMPLES
from gui.widgets.sample_grid import SampleGrid
from gui.widgets.sample_model import SampleModel

_PARTS: tuple[SamplePart, ...] = ("training", "validation", "test")
_BATCH = 4_000  # images that are laid out in a turn of the event loop
_MOST_EPOCHS = 9_999


@dataclass(frozen=True, eq=False)
class SampleParts:
    """The samples of a run: the places of `train` that are kept and held out, and the test."""

    train: Dataset
    kept: Places
    held: Places
    test: Dataset

    def of(self, part: SamplePart) -> tuple[Dataset, Places]:
        """Return where the samples of a part are, and their places there."""
        if part == "test":
            return self.test, np.arange(len(self.test))
        return self.train, self.kept if part == "training" else self.held


class ImagesPage(QWidget):
    """A grid of samples under a choice of their part and class.

    `pinned` carries the samples, the place among them, and which part they are.
    """

    pinned = Signal(object, int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Images of the data")
        self._samples: SampleParts | None = None
        self._only: tuple[Places, Places] | None = None  # of training and test to be shown
        self._drawn: Dataset | None = None  # that the grid shows
        self._augmentation: Settings | None = None
        self._pinned: tuple[SamplePart, int] | None = None
        self.model = SampleModel()
        self.grid = SampleGrid(samples=self.model)
        self.grid.setObjectName("data.grid")
        self.grid.setAccessibleName("Images of the data")
        self.grid.setLayoutMode(SampleGrid.LayoutMode.Batched)  # all training images take 0.1 s
        self.grid.setBatchSize(_BATCH)
        self.part = _box("data.part", "Part of the data")
        self.part.addItems(_PARTS)
        self.true = _box("data.class", "Class of the images")
        self.all = text_button(
            "data.show_all", "Show all", "Show all images again", takes_focus=True
        )
        self.all.hide()
        self.augmented = QCheckBox("as in epoch")
        self.augmented.setObjectName("data.augmented")
        self.augmented.setFont(small_font())
        self.augmented.setAccessibleName("Images as augmentation changes them in an epoch")
        self.augmented.setToolTip("Show training images as augmentation changes them in an epoch")
        self.augmented.setChecked(True)
        self.epoch = QSpinBox()
        self.epoch.setObjectName("data.epoch")
        self.epoch.setFont(small_font())
        self.epoch.setAccessibleName("Epoch in which the images are changed so")
        self.epoch.setRange(1, _MOST_EPOCHS)
        self.count = ElidedLabel()
        self.count.setObjectName("data.count")
        set_muted(self.count)
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        row.addWidget(self.part)
        row.addWidget(self.true)
        row.addWidget(self.all)
        row.addWidget(self.count, 1)
        row.addWidget(self.augmented)
        row.addWidget(self.epoch)
        self._offer_augmented()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(row)
        column.addWidget(self.grid, 1)
        self.part.activated.connect(self._show_part)
        self.true.activated.connect(self._filter)
        self.all.clicked.connect(lambda: self._show_only(None))
        self.augmented.toggled.connect(self._show_changed)
        self.epoch.valueChanged.connect(self._show_changed)
        self.grid.sample_activated.connect(self._pin)

    def set_samples(self, samples: SampleParts | None) -> None:
        """Store other samples."""
        self._samples, self._only = samples, None

    def set_augmented(self, settings: Settings | None) -> None:
        """Show training images as some settings change them; None: they stay as they are."""
        self._augmentation = settings
        self._show_changed()

    def set_pinned(self, part: SamplePart | None, index: int | None) -> None:
        """Mark a sample as the pinned one; None: it is none of these."""
        self._pinned = None if part is None or index is None else (part, index)
        self._mark()

    def show_class(self, number: int) -> None:
        """Show the images of one class."""
        samples = self._samples
        if samples is not None and number in samples.train.classes:
            self.true.setCurrentIndex(samples.train.classes.index(number) + 1)
            self._filter()

    def show_samples(self, training: Places, test: Places) -> None:
        """Show the samples at some places, of both parts, until others or all are wanted."""
        self.true.setCurrentIndex(0)
        self._show_only((training, test))
        counts = [len(self._places(part)) for part in _PARTS]
        if not counts[self.part.currentIndex()] and any(counts):
            self.part.setCurrentIndex(int(np.argmax(np.array(counts) > 0)))
            self._show_part()

    def draw(self) -> None:
        """Show the newest samples; a chosen class stays, if it is among theirs."""
        samples = self._samples
        names = () if samples is None else samples.train.class_names
        chosen = self.true.currentText()
        self.true.clear()
        self.true.addItems(["all classes", *names])
        self.true.setCurrentIndex(max(0, self.true.findText(chosen)))
        self._show_part()

    def _show_part(self) -> None:
        samples, part = self._samples, _PARTS[self.part.currentIndex()]
        self.model.part = part
        if samples is None:
            self._drawn = None
            self.grid.set_samples(*NO_SAMPLES)
            self.count.setText("")
            return
        dataset, _ = samples.of(part)
        if self._drawn is not dataset:
            self._drawn = dataset
            self.grid.set_samples(dataset.images, dataset.labels, dataset.class_names)
        self._show_changed()
        self._filter()

    def _show_changed(self) -> None:
        """Show the images as they are, or as an epoch brings them."""
        self._offer_augmented()
        samples, settings = self._samples, self._augmentation
        if samples is None or self._drawn is None:
            return
        wanted = self.augmented.isChecked() and self._drawn is samples.train
        epoch = self.epoch.value()
        change = Augmentation.of(settings, epoch) if wanted and settings is not None else None
        images = self._drawn.images
        self.grid.set_images(
            images if change is None else ChangedImages(images, samples.kept, change)
        )

    def _offer_augmented(self) -> None:
        """Offer the choice where it changes what is seen."""
        there = self._augmentation is not None and self.part.currentIndex() == 0
        for part in (self.augmented, self.epoch):
            part.setVisible(there)

    def _filter(self) -> None:
        if self._samples is None:
            return
        places = self._places(_PARTS[self.part.currentIndex()])
        self.all.setVisible(self._only is not None)
        self.grid.set_shown(places)
        self._mark()
        self.count.set_texts(f"{len(places):,} shown" if len(places) else "none", "")

    def _places(self, part: SamplePart) -> Places:
        """Return which samples of a part are wanted."""
        assert self._samples is not None
        dataset, places = self._samples.of(part)
        if self._only is not None:  # in their order: equal images stand side by side
            wanted = self._only[part == "test"]
            places = wanted[np.isin(wanted, places)]
        if (true := self.true.currentIndex() - 1) >= 0:
            places = places[dataset.labels[places] == true]
        return places

    def _show_only(self, only: tuple[Places, Places] | None) -> None:
        self._only = only
        self._filter()

    def _mark(self) -> None:
        part = _PARTS[self.part.currentIndex()]
        pinned = self._pinned
        self.grid.set_pinned(pinned[1] if pinned is not None and pinned[0] == part else None)

    def _pin(self, index: int) -> None:
        if self._samples is not None:
            part = _PARTS[self.part.currentIndex()]
            self.pinned.emit(self._samples.of(part)[0], index, part)


def _box(name: str, accessible_name: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setFont(small_font())
    box.setAccessibleName(accessible_name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box
