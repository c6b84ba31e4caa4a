"""The images of the data: a grid of those of a part and a class, as training sees them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from engine.array_types import Shape
from engine.data.dataset import Dataset
from engine.data.doctor import Finding
from engine.data.images import Bytes, Images
from engine.data.parts import Places
from engine.inspection.snapshot import SamplePart
from engine.model.settings import Settings
from engine.training.dataset_batch import Augmentation
from gui.state import Place
from gui.theme import GRID
from gui.widgets.buttons import choice_box, fill_by_text, text_button
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.prediction_model import NO_SAMPLES, PredictionModel
from gui.widgets.sample_grid import SampleGrid
from gui.widgets.sample_names import image_title

_PARTS: tuple[SamplePart, ...] = ("training", "validation", "test")
_BATCH = 4_000  # images that are laid out in a turn of the event loop


class ChangedImages:
    """Images (n, channels, height, width), of which those at some places are trained on.

    Each of these is changed when it is indexed, so that it costs nothing until it is seen; the
    others are as they are.
    """

    def __init__(self, images: Images, trained_on: Places, augmentation: Augmentation) -> None:
        self._images, self._augmentation = images, augmentation
        self._turns = np.full(len(images), -1)
        self._turns[trained_on] = np.arange(len(trained_on))

    @property
    def shape(self) -> Shape:
        """The number of images, and the shape of each."""
        return self._images.shape

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: Any, /) -> Bytes:
        places = np.arange(len(self))[index]
        changed = self._changed(np.atleast_1d(places))
        return changed if np.ndim(places) else changed[0]

    def __array__(self, dtype: Any = None, /) -> NDArray[Any]:
        """Return all images, changed."""
        return self._changed(np.arange(len(self))).astype(dtype or np.uint8)

    def _changed(self, places: Places) -> Bytes:
        images, turns = self._images[places].copy(), self._turns[places]
        there = turns >= 0
        if there.any():
            images[there] = self._augmentation.apply(images[there], turns[there])
        return images


class SampleModel(PredictionModel):
    """A row for each shown sample of a part, called by its class."""

    part: SamplePart = "training"

    def caption(self, sample: int) -> str:
        """What stands under a picture: its class."""
        name: str = self.short_names()[self.labels[sample]]
        return name

    def widest_caption(self, longest: str) -> str:
        """Return the caption of a sample of the class with the longest name."""
        return longest

    def sentence(self, sample: int) -> str:
        """What a screen reader says of a sample."""
        title = image_title(sample, self.classes[self.labels[sample]], self.part)
        return f"{title}, pinned" if sample == self.pinned else title


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
        self._finding: Finding | None = None  # of which alone the samples are shown
        self._drawn: Dataset | None = None  # that the grid shows
        self._augmentation: Augmentation | None = None
        self._pinned: tuple[SamplePart, int] | None = None
        self.model = SampleModel()
        self.grid = named(SampleGrid(samples=self.model), "data.grid", "Images of the data")
        self.grid.setLayoutMode(SampleGrid.LayoutMode.Batched)  # all training images take 0.1 s
        self.grid.setBatchSize(_BATCH)
        self.part = _narrow_box("data.part", "Part of the data")
        self.part.addItems(_PARTS)
        self.true = _narrow_box("data.class", "Class of the images")
        self.all = text_button(
            "data.show_all", "Show all", "Show all images again", takes_focus=True
        )
        self.all.hide()
        self.augmented = named(
            QCheckBox("augmented"),
            "data.augmented",
            "Images as augmentation changes them",
            "Show training images as augmentation changes them in the first epoch",
            small=True,
        )
        self.augmented.setChecked(True)
        self.count = named(ElidedLabel(), "data.count", muted=True)
        row = in_row(self.part, self.true, self.all, (self.count, 1), self.augmented)
        in_column(row, (self.grid, 1), of=self, margins=(0, GRID // 2, 0, 0))
        self.part.activated.connect(self._show_part)
        self.true.activated.connect(self._filter)
        self.all.clicked.connect(self._show_all)
        self.augmented.toggled.connect(self._show_changed)
        self.grid.sample_activated.connect(self._pin)

    def set_samples(self, samples: SampleParts | None) -> None:
        """Store other samples."""
        self._samples, self._finding = samples, None

    def set_settings(self, settings: Settings) -> None:
        """Show training images as augmentation by some settings changes them."""
        self._augmentation = Augmentation.of(settings, epoch=1)
        self._show_changed()

    def set_pinned(self, place: Place) -> None:
        """Mark a sample as the pinned one."""
        index, part = place
        self._pinned = None if index is None else (part, index)
        self._mark()

    def show_class(self, number: int) -> None:
        """Show the images of one class."""
        samples = self._samples
        if samples is not None and number in samples.train.classes:
            self.true.setCurrentIndex(samples.train.classes.index(number) + 1)
            self._filter()

    def show_finding(self, finding: Finding) -> None:
        """Show the samples of a finding alone, until others or all are wanted."""
        if self._samples is None:
            return
        self.true.setCurrentIndex(0)
        self._finding = finding
        counts = [len(self._places(part)) for part in _PARTS]
        if not counts[self.part.currentIndex()] and any(counts):
            self.part.setCurrentIndex(int(np.argmax(np.array(counts) > 0)))
        self._show_part()

    def draw(self) -> None:
        """Show the newest samples; a chosen class stays, if it is among theirs."""
        samples = self._samples
        names = () if samples is None else samples.train.class_names
        fill_by_text(self.true, ["all classes", *names])
        self._show_part()

    def _show_part(self) -> None:
        samples, part = self._samples, self._part
        if samples is None:
            self._drawn = None
            self.grid.set_samples(*NO_SAMPLES)
            self.count.setText("")
            return
        dataset, _ = samples.of(part)
        self.model.part = part
        if self._drawn is not dataset:
            self._drawn = dataset
            self.grid.set_samples(dataset.images, dataset.labels, dataset.class_names)
        self._show_changed()
        self._filter()

    def _show_changed(self) -> None:
        """Show the images as they are, or as the first epoch brings them, where these differ."""
        samples, change = self._samples, self._augmentation
        self.augmented.setVisible(change is not None and self.part.currentIndex() == 0)
        if samples is None or self._drawn is None:
            return
        images: Images | ChangedImages = self._drawn.images
        if change is not None and self.augmented.isChecked() and self._drawn is samples.train:
            images = ChangedImages(self._drawn.images, samples.kept, change)
        self.grid.set_images(images)

    def _filter(self) -> None:
        if self._samples is None:
            return
        places = self._places(self._part)
        self.all.setVisible(self._finding is not None)
        self.grid.set_shown(places)
        self._mark()
        self.count.setText(f"{len(places):,} shown" if len(places) else "none")

    @property
    def _part(self) -> SamplePart:
        return _PARTS[self.part.currentIndex()]

    def _places(self, part: SamplePart) -> Places:
        """Return which samples of a part are wanted."""
        assert self._samples is not None
        dataset, places = self._samples.of(part)
        finding = self._finding
        if finding is not None:  # in its order: equal images stand side by side
            wanted = finding.test if part == "test" else finding.training
            places = wanted[np.isin(wanted, places)]
        if (true := self.true.currentIndex() - 1) >= 0:
            places = places[dataset.labels[places] == true]
        return places

    def _show_all(self) -> None:
        self._finding = None
        self._show_part()

    def _mark(self) -> None:
        """Mark the pinned sample, if it is of what is shown."""
        part, place = self._pinned or (None, None)
        self.grid.set_pinned(place if part == self._part else None)

    def _pin(self, sample: int) -> None:
        if self._samples is not None:
            self.pinned.emit(self._samples.of(self._part)[0], sample, self._part)


def _narrow_box(name: str, title: str) -> QComboBox:
    """Make a box that long names of classes do not widen."""
    box = choice_box(name, title)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box
