"""LifeView: what the network said of one image from epoch to epoch, and which it learned how."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.data.dataset import Dataset
from gui.runs.life_strip import Bars, LifeStrip
from gui.runs.noted_samples import Note, NotedSamples
from gui.theme import GRID, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.choice_boxes import choice_box
from gui.widgets.elision import ElidedLabel
from gui.widgets.empty_state import EmptyState
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.prediction_model import NO_SAMPLES
from gui.widgets.sample_grid import SampleGrid
from gui.widgets.scrolling import scrolling
from gui.widgets.visibility import VisibilityNotifier

EMPTY = "Choose a run in the list to see what it said of the pinned image, epoch by epoch."
_HINT = "Point at an epoch to read it; a click shows the network as it was then."


@dataclass(frozen=True, eq=False)
class ImageList:
    """Images that a run learned in one way: their places (n,) in the test part, in an order.

    `note` stands beside the class under each, `spoken` is a part of a sentence; `widest` is the
    widest note, `why_empty` is said where there is none.
    """

    title: str
    places: NDArray[np.int64]
    note: Note
    spoken: Note
    widest: str
    why_empty: str


class LifeView(VisibilityNotifier):
    """A strip of epochs over lists of images. The setters only store; `refresh` draws when `dirty`.

    `epoch_chosen` carries an epoch of the network, `image_chosen` the place of a test image, and
    `remedy_wanted` is a click on what a problem offers.
    """

    epoch_chosen = Signal(int)
    image_chosen = Signal(int)
    remedy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs.life")
        self.setAccessibleName("Life of the image")
        self.dirty = False
        self._problem, self._remedy = EMPTY, ""
        self._bars: Bars | None = None
        self._why_no_bars = ""
        self._texts: tuple[str, ...] = ("",)
        self._lists: Sequence[ImageList] = ()
        self._dataset: Dataset | None = None
        self._why_no_images = ""
        self._chosen = ""  # title of a list, without its count
        self._pinned: int | None = None
        self.headline = ElidedLabel()
        self.headline.setObjectName("runs.life.headline")
        self.strip = LifeStrip("runs.life.strip", "What the network said, epoch by epoch")
        self.headline.setToolTip(_HINT)  # over the strip it would cover what is read
        self.of_run = ElidedLabel()
        self.of_run.setObjectName("runs.life.run")
        self.of_run.setAccessibleName("Run whose predictions these are")
        self.of_run.setFont(small_font())
        set_muted(self.of_run)
        self.lists = choice_box("runs.life.lists", "Images by how they were learned")
        self.grid = SampleGrid(samples=NotedSamples())
        self.grid.setObjectName("runs.life.images")
        self.grid.setMinimumHeight(5 * GRID)  # in a low panel, what is above needs the rest
        self.remedy = text_button("runs.life.remedy", "", takes_focus=True)
        self._strip_area = scrolling(self.strip)
        self._strip_place = EmptyState(self._strip_area, "")
        self._images = EmptyState(self.grid, "")
        self._empty = EmptyState(self._content(), EMPTY, self.remedy)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        column.setSpacing(GRID // 2)
        column.addWidget(self._empty, 1)
        self._connect()

    # --- what is stored ----------------------------------------------------------------------

    def show_problem(self, sentence: str, remedy: str = "") -> None:
        """Say why nothing is known, and offer what helps."""
        self._problem, self._remedy = sentence, remedy
        self.dirty = True

    def show_life(self, bars: Bars | None, texts: tuple[str, ...], why_none: str = "") -> None:
        """Show the epochs of an image, or of a cell; `texts` say it in fewer and fewer words."""
        self._problem = self._remedy = ""
        self._bars, self._texts, self._why_no_bars = bars, texts, why_none
        self.dirty = True

    def set_run(self, *texts: str) -> None:
        """Say which runs all of this is of, in fewer words from text to text."""
        self.of_run.set_texts(*texts)

    def show_lists(
        self, lists: Sequence[ImageList], dataset: Dataset | None, why_no_images: str = ""
    ) -> None:
        """Show images by how they were learned, or why these images are not there."""
        self._lists, self._dataset, self._why_no_images = lists, dataset, why_no_images
        self.dirty = True

    def set_looked(self, epoch: int | None) -> None:
        """Mark the epoch that the panels show; None: none of these."""
        self.strip.set_looked(epoch)

    def set_pinned(self, place: int | None) -> None:
        """Frame an image as the pinned one; None: it is none of these."""
        self._pinned = place
        self.grid.set_pinned(place)

    def choose_list(self, title: str) -> None:
        """Show one of the lists by its title."""
        self._chosen = title
        self.dirty = True

    # --- drawing -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw what was stored."""
        self.dirty = False
        self.remedy.setText(self._remedy.replace("&", "&&"))
        self.remedy.setAccessibleName(self._remedy)
        self.remedy.setVisible(bool(self._remedy))
        if self._problem:
            self._empty.show_sentence(self._problem)
            return
        self._draw_strip()
        self._fill_lists()
        self._draw_images()
        self._empty.show_content()

    def _draw_strip(self) -> None:
        if self._bars is None:
            self._strip_place.show_sentence(self._why_no_bars)
        else:
            self._strip_place.show_content()
        if self.strip.bars() is not self._bars:
            self.strip.set_bars(self._bars)
        self._let_strip_be_seen()
        self._read(self.strip.accessibleDescription())

    def _let_strip_be_seen(self) -> None:
        """Give the strip its least height, with what scrolls it sideways if need be."""
        scrolls = self.strip.minimumWidth() > self._strip_area.width()
        bar = self._strip_area.horizontalScrollBar().sizeHint().height() if scrolls else 0
        self._strip_area.setMinimumHeight(self.strip.minimumSizeHint().height() + bar)

    def _fill_lists(self) -> None:
        titles = [each.title for each in self._lists]
        texts = [f"{each.title} ({len(each.places):,})" for each in self._lists]
        with QSignalBlocker(self.lists):
            if texts != [self.lists.itemText(place) for place in range(self.lists.count())]:
                self.lists.clear()
                self.lists.addItems(texts)
            if titles:
                self.lists.setCurrentIndex(self._place_of_list(titles))
        self.lists.setVisible(bool(titles))

    def _place_of_list(self, titles: Sequence[str]) -> int:
        """Return the place of the list that was chosen, or else of the first that has images."""
        if self._chosen in titles:
            return titles.index(self._chosen)
        return next((place for place, each in enumerate(self._lists) if len(each.places)), 0)

    def _draw_images(self) -> None:
        place = self.lists.currentIndex()
        if not 0 <= place < len(self._lists):
            self._images.show_sentence("")
            return
        shown, dataset = self._lists[place], self._dataset
        model = self.grid.samples
        assert isinstance(model, NotedSamples)
        model.set_notes(shown.note, shown.spoken, shown.widest)
        if dataset is None:
            self.grid.set_samples(*NO_SAMPLES)
            self._images.show_sentence(self._why_no_images)
            return
        if model.images is not dataset.images:
            self.grid.set_samples(dataset.images, dataset.labels, dataset.class_names)
        self.grid.set_pinned(self._pinned)
        self.grid.renew_captions()
        if not len(shown.places):
            self._images.show_sentence(shown.why_empty)
            return
        self.grid.set_shown(shown.places.astype(np.intp))
        self._images.show_content()

    # --- what happens ------------------------------------------------------------------------

    @Slot(int)
    def _on_list(self, place: int) -> None:
        if 0 <= place < len(self._lists):
            self._chosen = self._lists[place].title
            self._draw_images()

    @Slot(str)
    def _read(self, sentence: str) -> None:
        """Say what is read of an epoch, or else what there is to say of all of them."""
        self.headline.set_texts(*([sentence] if sentence else self._texts))

    def _connect(self) -> None:
        self.strip.pointed.connect(self._read)
        self.strip.epoch_chosen.connect(self.epoch_chosen)
        self.lists.currentIndexChanged.connect(self._on_list)
        self.grid.sample_activated.connect(self.image_chosen)
        self.remedy.clicked.connect(self.remedy_wanted)

    def _content(self) -> QWidget:
        choice = QHBoxLayout()
        choice.setSpacing(GRID)
        choice.addWidget(self.lists)
        choice.addWidget(FixedLabel(self.of_run), 1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(FixedLabel(self.headline))
        column.addWidget(self._strip_place)
        column.addLayout(choice)
        column.addWidget(self._images, 1)
        return content
