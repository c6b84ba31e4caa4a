"""The data panel: what is trained on, how it is chosen, and what comes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEvent,
    QObject,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QPalette,
)
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QSplitter,
    QTabWidget,
    QWidget,
)

from engine.array_types import Shape, format_shape
from engine.data.dataset import Dataset
from engine.data.doctor import HEALTHY, SEVERITIES, Finding, Severity
from engine.data.images import Bytes, Images, joined
from engine.data.parts import Places, Refused
from engine.inspection.data_summary import DataSummary
from engine.inspection.snapshot import SamplePart
from engine.model.settings import Settings
from engine.struct_fields import field_of
from engine.training.dataset_batch import Augmentation
from gui.forms.form import FieldEditor
from gui.forms.inputs import SuggestionsBox
from gui.state import Place
from gui.theme import GRID, colours_of, set_muted, small_font
from gui.widgets.buttons import OfferButton, choice_box, text_button
from gui.widgets.class_list import ClassList
from gui.widgets.csv_table import csv_table
from gui.widgets.empty_state import EmptyState, when_there_is_data
from gui.widgets.labels import ElidedLabel, FixedLabel, ProblemLabel, wrapping_label
from gui.widgets.layouts import FlowLayout, WrappingPage, in_column, in_row, named, scrolling
from gui.widgets.prediction_model import NO_SAMPLES, PredictionModel
from gui.widgets.progress_bar import ProgressBar
from gui.widgets.sample_grid import SampleGrid
from gui.widgets.sample_names import image_title
from gui.widgets.segments import Segments
from gui.workspace.panel import BasePanel

if TYPE_CHECKING:
    from gui.widgets.histogram import HistogramView


OFFERS = 2
_LOWEST = 18 * GRID  # px of what is below the source; a lower panel scrolls


FEWEST = 2  # classes that a network can tell apart
_TOO_FEW = "Choose at least two classes."
_PLOT_HEIGHT = 15 * GRID
_LOW = 20 * GRID  # px of the page below which the legend has none; the tooltips say it
_TALL = 46 * GRID  # px of the page from which the histogram has room


_LETTERS: dict[Severity, str] = {"serious": "✗", "warning": "!", "note": "i"}
EXAMINING = "The data is being examined…"
_NONE = when_there_is_data("What is wrong with the data")


_PARTS: tuple[SamplePart, ...] = ("training", "validation", "test")
BOTH = "both parts"
_BATCH = 4_000  # images that are laid out in a turn of the event loop
_MOST_EPOCHS = 9_999


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

    def caption(self, sample: int) -> str:
        """What stands under a picture: its class."""
        name = self.short_names()[self.labels[sample]]
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

    @cached_property
    def both(self) -> Dataset:
        """All samples, the training samples first, to show some of both parts together."""
        images = joined(self.train.images, self.test.images)
        labels = np.concatenate([self.train.labels, self.test.labels])
        return replace(self.train, images=images, labels=labels, files=())

    def place_of(self, sample: int) -> tuple[SamplePart, int]:
        """Return the part of one of all samples, counted so, and its place where that is."""
        if sample >= len(self.train):
            return "test", sample - len(self.train)
        return ("validation" if sample in self.held else "training"), sample


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
        self._augmentation: Settings | None = None
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
            QCheckBox("as in epoch"),
            "data.augmented",
            "Images as augmentation changes them in an epoch",
            "Show training images as augmentation changes them in an epoch",
            small=True,
        )
        self.augmented.setChecked(True)
        spoken = "Epoch in which the images are changed so"
        self.epoch = named(QSpinBox(), "data.epoch", spoken, small=True)
        self.epoch.setRange(1, _MOST_EPOCHS)
        self.count = named(ElidedLabel(), "data.count", muted=True)
        row = in_row(self.part, self.true, self.all, (self.count, 1), self.augmented, self.epoch)
        self._offer_augmented()
        in_column(row, (self.grid, 1), of=self, margins=(0, GRID // 2, 0, 0))
        self.part.activated.connect(self._show_part)
        self.true.activated.connect(self._filter)
        self.all.clicked.connect(self._show_all)
        self.augmented.toggled.connect(self._show_changed)
        self.epoch.valueChanged.connect(self._show_changed)
        self.grid.sample_activated.connect(self._pin)

    def set_samples(self, samples: SampleParts | None) -> None:
        """Store other samples."""
        self._samples, self._finding = samples, None

    def set_augmented(self, settings: Settings | None) -> None:
        """Show training images as some settings change them; None: they stay as they are."""
        self._augmentation = settings
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
        """Show the samples of a finding alone, until others or all are wanted.

        Where equal images are in both parts, they are shown side by side.
        """
        if self._samples is None:
            return
        self.true.setCurrentIndex(0)
        self._finding = finding
        self._offer_both()
        counts = [len(self._places(part)) for part in _PARTS]
        if len(finding.both):
            self.part.setCurrentText(BOTH)
        elif not counts[self.part.currentIndex()] and any(counts):
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
        self._offer_both()
        samples, part = self._samples, self.part.currentText()
        if samples is None:
            self._drawn = None
            self.grid.set_samples(*NO_SAMPLES)
            self.count.setText("")
            return
        dataset, _ = self._of(part)
        self.model.place_of = self._place_of
        if self._drawn is not dataset:
            self._drawn = dataset
            self.model.names_parts = part == BOTH
            self.grid.set_samples(dataset.images, dataset.labels, dataset.class_names)
        self._show_changed()
        self._filter()

    def _show_changed(self) -> None:
        """Show the images as they are, or as an epoch brings them."""
        self._offer_augmented()
        samples, settings = self._samples, self._augmentation
        if samples is None or self._drawn is None:
            return
        changing = self.augmented.isChecked() and self._drawn is samples.train
        epoch = self.epoch.value()
        change = Augmentation.of(settings, epoch) if changing and settings is not None else None
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
        places = self._places(self.part.currentText())
        self.all.setVisible(self._finding is not None)
        self.grid.set_shown(places)
        self._mark()
        self.count.setText(f"{len(places):,} shown" if len(places) else "none")

    def _offer_both(self) -> None:
        """Offer both parts together for equal images that are in both, and for nothing else."""
        there, wanted = self.part.findText(BOTH), len(self._both()) > 0
        if wanted and there < 0:
            self.part.addItem(BOTH)
        elif there >= 0 and not wanted:
            if self.part.currentIndex() == there:
                self.part.setCurrentIndex(0)
            self.part.removeItem(there)

    def _both(self) -> Places:
        """Return the places of equal images through both parts, if they are to be shown."""
        return np.empty(0, dtype=np.intp) if self._finding is None else self._finding.both

    def _of(self, part: str) -> tuple[Dataset, Places]:
        """Return where the samples of a part, or of both, are, and their places there."""
        assert self._samples is not None
        if part == BOTH:
            return self._samples.both, self._both()
        return self._samples.of(_PARTS[self.part.findText(part)])

    def _places(self, part: str) -> Places:
        """Return which samples of a part are wanted."""
        dataset, places = self._of(part)
        finding = self._finding
        if finding is not None and part != BOTH:  # in its order: equal images stand side by side
            wanted = finding.test if part == "test" else finding.training
            places = wanted[np.isin(wanted, places)]
        if (true := self.true.currentIndex() - 1) >= 0:
            places = places[dataset.labels[places] == true]
        return places

    def _show_all(self) -> None:
        self._finding = None
        self._show_part()

    def _place_of(self, sample: int) -> tuple[SamplePart, int]:
        """Return the part of a sample of the grid, and its place there."""
        shown = self.part.currentIndex()
        if shown < len(_PARTS):
            return _PARTS[shown], sample
        assert self._samples is not None
        return self._samples.place_of(sample)

    def _mark(self) -> None:
        """Mark the pinned sample, if it is of what is shown."""
        marked = None
        if self._pinned is not None:
            part, place = self._pinned
            if self.part.currentText() == part:
                marked = place
            elif self.part.currentText() == BOTH and self._samples is not None:
                marked = place + (len(self._samples.train) if part == "test" else 0)
        self.grid.set_pinned(marked)

    def _pin(self, sample: int) -> None:
        if self._samples is not None:
            part, place = self._place_of(sample)
            self.pinned.emit(self._samples.of(part)[0], place, part)


def _narrow_box(name: str, title: str) -> QComboBox:
    """Make a box that long names of classes do not widen."""
    box = choice_box(name, title)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box


class FileList(QWidget):
    """A title over the files in lines, which can be selected and copied. Hidden until filled."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel()
        self.title.setFont(small_font())
        self.view = named(QPlainTextEdit(readOnly=True), "files", small=True)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setTabChangesFocus(True)
        close = text_button("files.close", "✕", "Close this list", spoken="Close list", flat=True)
        close.clicked.connect(self.hide)
        in_column(in_row((self.title, 1), close), (self.view, 1), of=self)
        self.hide()

    def show_files(self, title: str, files: Sequence[str], refused: Mapping[str, str]) -> None:
        """Show files of a folder or archive, those that were refused with why."""
        self.title.setText(title)
        self.view.setAccessibleName(title)
        lines = (f"{file}: {refused[file]}" if file in refused else file for file in files)
        self.view.setPlainText("\n".join(" ".join(line.splitlines()) for line in lines))
        self.show()


class SeverityMark(QLabel):
    """A letter for how serious a finding is, in the colour of that."""

    def __init__(self, severity: Severity) -> None:
        super().__init__(_LETTERS[severity])
        self._severity = severity
        self.setFont(small_font())
        self.setToolTip(severity.capitalize())
        self.setFixedWidth(self.fontMetrics().height())
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        colours = colours_of(self.palette())
        inks = {"serious": colours.error, "warning": colours.wrong_text, "note": colours.muted}
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, inks[self._severity])
        if palette != self.palette():  # Qt would tell of it all the same
            self.setPalette(palette)


class FindingsPage(QWidget):
    """The findings, the most serious first, and below them the files of one of them if wanted.

    `remedy_wanted` carries a finding with a remedy, `setting_wanted` the name of a setting that is
    to be chosen. `show_samples` is given a finding whose samples are to be shown, `count` the
    findings in words and how many of them are more than notes.
    """

    remedy_wanted = Signal(object)
    setting_wanted = Signal(str)

    def __init__(
        self, show_samples: Callable[[Finding], None], count: Callable[[str, int], None]
    ) -> None:
        super().__init__()
        self.show_samples, self._count = show_samples, count
        self.setAccessibleName("What is wrong with the data")
        self._refused: dict[str, str] = {}
        self._locked = ""
        self.head = named(ElidedLabel(), "data.findings", muted=True)
        self.rows: list[FindingRow] = []
        page = WrappingPage()
        page.setAccessibleName("Problems")
        self._column = in_column(1, of=page, gap=GRID, margins=(0, 0, GRID // 2, 0))
        self.files = FileList()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(scrolling(page))
        self._split.addWidget(self.files)
        content = QWidget()
        in_column(self.head, (self._split, 1), of=content, margins=(0, GRID // 2, 0, 0))
        self._empty = EmptyState(content, _NONE)
        in_column(self._empty, of=self)

    def show_findings(self, findings: Sequence[Finding], refused: Sequence[Refused]) -> None:
        """Show what was found in data, and why files of it are refused."""
        self._refused = {each.file: each.reason for each in refused}
        self.files.hide()
        self._make_rows(findings)
        if findings:
            self._empty.show_content()
            if self.hasFocus():
                self._focus_first_button()
        else:
            self._empty.show_sentence(HEALTHY)

    def show_nothing(self, *, busy: bool = False) -> None:
        """Say that nothing is known; `busy` says that it is being found out."""
        self._make_rows(())
        self._empty.show_sentence(EXAMINING if busy else _NONE)

    def set_locked(self, reason: str) -> None:
        """Let nothing be changed and say why, or allow it."""
        self._locked = reason
        for row in self.rows:
            row.set_locked(reason)

    def _make_rows(self, findings: Sequence[Finding]) -> None:
        words = summary(findings)
        self.head.setText(words)
        self._count(words, sum(each.severity != "note" for each in findings))
        focused = QApplication.focusWidget()
        if focused is not None and any(row.isAncestorOf(focused) for row in self.rows):
            self.setFocus()  # to hand it on to the next findings
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [FindingRow(finding, self) for finding in findings]
        for place, row in enumerate(self.rows):
            row.set_locked(self._locked)
            self._column.insertWidget(place, row)

    def _focus_first_button(self) -> None:
        buttons = (each for row in self.rows for each in row.buttons)
        first = next((button for button in buttons if not button.isHidden()), None)
        if first is not None:
            first.setFocus()

    def list_files(self, finding: Finding) -> None:
        """List the files of a finding below, each with why it was refused."""
        self.files.show_files(finding.found, finding.files, self._refused)
        self._split.setSizes([2 * self._split.height(), self._split.height()])


class FindingRow(QWidget):
    """A mark, what was found, what to do, and buttons."""

    def __init__(self, finding: Finding, page: FindingsPage) -> None:
        super().__init__()
        self.finding = finding
        self.setObjectName(f"finding.{finding.kind}")
        self.setAccessibleName(f"{finding.severity.capitalize()}: {finding.found}")
        found, advice = wrapping_label("found"), wrapping_label("advice")
        found.setFont(small_font())
        found.setText(finding.found)
        found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_muted(advice)
        advice.setText(finding.advice)
        buttons = QWidget()
        flow = FlowLayout(buttons, gap=GRID // 2, row_gap=GRID // 4)
        self.remedy = text_button("remedy", "", takes_focus=True)
        self.setting = text_button("setting", "", "Go to this choice", takes_focus=True)
        self.images = text_button("images", "", "Show these samples", takes_focus=True)
        self.files = text_button("files", "", "List the files below", takes_focus=True)
        self.buttons = (self.remedy, self.setting, self.images, self.files)
        want_remedy, want_images = page.remedy_wanted.emit, page.show_samples
        want_setting = page.setting_wanted.emit
        setting = finding.setting and field_of(Settings, finding.setting).title.lower()
        for button, words, there, wanted in (
            (self.remedy, _remedy(finding), True, lambda: want_remedy(finding)),
            (self.setting, f"Choose {setting}", setting, lambda: want_setting(finding.setting)),
            (self.images, "Show images", finding.has_samples, lambda: want_images(finding)),
            (self.files, "List files", finding.files, lambda: page.list_files(finding)),
        ):
            flow.addWidget(button)
            button.setVisible(bool(words and there))
            button.setText(words)
            button.setAccessibleName(words)
            button.clicked.connect(wanted)
        text = in_column(found, advice, buttons, gap=GRID // 4)
        row = in_row(mark := SeverityMark(finding.severity), (text, 1), of=self, gap=GRID)
        row.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
        advice.setVisible(bool(finding.advice))  # not before it has a place: it would be a window

    def set_locked(self, reason: str) -> None:
        """Let the remedy not be taken and say why, or allow it."""
        self.remedy.setEnabled(not reason)
        self.remedy.setToolTip(reason or "Undo takes it back")


def summary(findings: Sequence[Finding]) -> str:
    """Count findings in words: `2 serious findings, 1 warning, 3 notes`."""
    counts = {one: sum(each.severity == one for each in findings) for one in SEVERITIES}
    nouns = {"serious": "serious finding", "warning": "warning", "note": "note"}
    return ", ".join(
        f"{count} {nouns[one]}{'' if count == 1 else 's'}" for one, count in counts.items() if count
    )


def _remedy(finding: Finding) -> str:
    """Return what a click does about it; empty: nothing."""
    if finding.without_copies:
        return "Leave copies out"
    classes = "this class" if len(finding.without_classes) == 1 else "these classes"
    return f"Leave {classes} out" if finding.without_classes else ""


class ClassesPage(QWidget):
    """The list of classes with what ticks many at once, and a histogram below it.

    `chosen` carries the numbers of the classes that a person has ticked.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes of the data")
        self._summary: DataSummary | None = None
        self._augmented = False
        self.list = ClassList()
        self.all = text_button("data.all", "All", "Choose all classes", takes_focus=True)
        self.none = text_button(
            "data.none", "None", "Choose no class, to tick some then", takes_focus=True
        )
        self._legend = named(QLabel(), "data.legend", small=True)
        self._too_few = named(ProblemLabel(), "data.too_few")
        self._title = FixedLabel(named(ElidedLabel(), "data.values.title"))
        set_muted(self._title)
        self._arrange()
        self.list.classes.ticked.connect(self._on_tick)
        self.all.clicked.connect(lambda: self._tick(self._numbers()))
        self.none.clicked.connect(lambda: self._tick(()))

    @cached_property
    def values(self) -> "HistogramView":
        """The histogram, made when it is first needed."""
        from gui.widgets.histogram import HistogramView  # brings pyqtgraph

        made = HistogramView("input values")
        made.setFixedHeight(_PLOT_HEIGHT)
        made.setObjectName("data.values")
        self._place.addWidget(made)
        return made

    def set_chosen(self, classes: Sequence[int]) -> None:
        """Tick the classes of some numbers."""
        self._too_few.say("")
        self.list.classes.set_chosen(classes)

    def set_locked(self, reason: str) -> None:
        """Let no class be ticked and say why, or allow it."""
        self.list.classes.locked = bool(reason)
        for widget in (self.all, self.none):
            widget.setEnabled(not reason)
        self.list.setToolTip(reason)

    def show_summary(self, summary: DataSummary | None) -> None:
        """Show the classes of some data."""
        self._summary = summary
        classes = () if summary is None else summary.classes
        self.list.classes.set_classes(classes)
        self._write_legend()

    def show_values(self, summary: DataSummary | None) -> None:
        """Show how often which values occur."""
        self._show_plot()
        values = None if summary is None else summary.values
        self.values.show_histogram(values, QColor(colours_of(self.palette()).train))
        self._say_values()

    def set_augmented(self, augmented: bool) -> None:
        """Say that the values are those before augmentation, or that there is none."""
        self._augmented = augmented
        if self._summary is not None:
            self._say_values()

    def _say_values(self) -> None:
        before = ", before augmentation" if self._augmented else ""
        self._title.label.setText(f"{self.values.sentence()}{before}")

    def resizeEvent(self, event: object) -> None:
        """Leave a low page's room to the list."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._show_plot()
        self._legend.setVisible(self.height() >= _LOW)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write_legend()

    def _show_plot(self) -> None:
        there = self._summary is not None and self._summary.values is not None
        for widget in (self._title, self._plot):
            widget.setVisible(there and self.height() >= _TALL)

    def _numbers(self) -> tuple[int, ...]:
        return tuple(one.number for one in self.list.classes.classes)

    def _tick(self, numbers: Sequence[int]) -> None:
        self.list.classes.set_chosen(numbers)
        self._on_tick()

    def _on_tick(self) -> None:
        """Take what is ticked, as soon as a network can tell it apart."""
        chosen = tuple(sorted(self.list.classes.chosen & set(self._numbers())))
        enough = len(chosen) >= FEWEST
        self._too_few.say("" if enough else _TOO_FEW)
        if enough:
            self.chosen.emit(chosen)

    def _write_legend(self) -> None:
        colours = colours_of(self.palette())
        words = (("training", colours.train), ("test", colours.test), ("not used", colours.border))
        squares = [f'<span style="color:{colour}">■</span> {word}' for word, colour in words]
        self._legend.setText("&nbsp; ".join(squares))

    def _arrange(self) -> None:
        tools = QWidget()
        flow = FlowLayout(tools, gap=GRID // 2, row_gap=GRID // 4)
        for part in (self.all, self.none, self._legend):
            flow.addWidget(part)
        self._plot = QWidget()
        self._place = QHBoxLayout(self._plot)
        self._place.setContentsMargins(0, 0, 0, 0)
        in_column(
            tools,
            self._too_few,
            (self.list, 1),
            self._title,
            self._plot,
            of=self,
            margins=(0, GRID // 2, 0, 0),
        )


class DataPanel(BasePanel):
    """Above the source and what became of it; below choices, classes and images.

    The setters only store; `refresh` draws when `dirty`. `offer_taken` carries the number of an
    offer.
    """

    offer_taken = Signal(int)

    def __init__(self, source: FieldEditor, choices: QWidget) -> None:
        super().__init__("data", "Data")
        self._summary: DataSummary | None = None
        self._locked = self._outdated = False
        self._source = source
        assert isinstance(source.input, SuggestionsBox)
        self.box = source.input  # which asks for folders and files
        self.state = named(ElidedLabel(), "data.state", muted=True)
        self.problem = named(ProblemLabel(), "data.problem", "What is wrong with the data")
        self.offers = [OfferButton(number, "data.offer") for number in range(OFFERS)]
        self.classes, self.images = ClassesPage(), ImagesPage()
        self.findings = FindingsPage(self._show_samples, self._say_findings)
        self.choices = scrolling(choices)
        for part in (choices, source.widget):
            part.show()  # from now on, wherever this panel is
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("What is in the data")
        self.tabs.setTabBar(Segments("data.switch", "What is in the data"))
        self.tabs.setDocumentMode(True)
        self.tabs.setMinimumHeight(_LOWEST)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._arrange()
        self.classes.list.class_activated.connect(self._show_class)
        for button in self.offers:
            button.hide()
            button.clicked.connect(lambda _=False, b=button: self.offer_taken.emit(b.number))

    # --- what is stored ----------------------------------------------------------------------

    def set_summary(self, summary: DataSummary | None) -> None:
        """Store what the data holds; None: that is not known."""
        self._summary = summary
        self.dirty = True

    def set_chosen(self, classes: Sequence[int]) -> None:
        """Tick the classes that the network tells apart."""
        self.classes.set_chosen(classes)

    def set_locked(self, reason: str) -> None:
        """Let nothing be chosen and say why, or allow it."""
        self.classes.set_locked(reason)
        self.findings.set_locked(reason)
        self._locked = bool(reason)
        for button in (self.again, self._file):
            button.setEnabled(not reason)
        self._allow_offers()

    def say_problem(self, problem: str, *, wrong: bool = True, unread: bool = False) -> None:
        """Say why the data is not used: it is wrong, does not fit, or is `unread` so far."""
        self.problem.say(problem, wrong=wrong)
        self.again.setText("Read them" if unread else "Read again")
        self.again.setAccessibleName(self.again.text())
        self._say_state()

    def offer(self, labels: Sequence[str], tips: Sequence[str]) -> None:
        """Offer what makes data and network fit, a button for each label."""
        self._outdated = False
        self._allow_offers()
        for button in self.offers:
            there = button.number < len(labels)
            button.setVisible(there)
            if there:
                button.setText(labels[button.number].replace("&", "&&"))
                button.setAccessibleName(labels[button.number])
                button.setToolTip(tips[button.number])

    def outdate_offers(self) -> None:
        """Let no offer be taken till there are newer ones; those that are seen keep their place."""
        self._outdated = True
        self._allow_offers()

    def _allow_offers(self) -> None:
        for button in self.offers:
            button.setEnabled(not (self._locked or self._outdated))

    def show_reading(self, title: str, fraction: float | None = None) -> None:
        """Show what is being read, and how far that is if it is known; empty: nothing is."""
        self._reading.setVisible(bool(title))
        for part in (self.state, self.again):
            part.setVisible(not title)
        self._reading_title.setText(title)
        self._progress.show_fraction(fraction)

    def as_csv(self) -> bytes:
        """Write as CSV how many samples of each class are used, and how many are not."""
        classes = () if self._summary is None else self._summary.classes
        rows = ((one.number, one.name, one.training, one.test, one.unused) for one in classes)
        return csv_table(["number", "class", "training", "test", "not used"], rows)

    # --- drawing -----------------------------------------------------------------------------

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws the newest data, words first."""
        self.dirty = False
        summary = self._summary
        return [
            self._say_state,
            lambda: self.classes.show_summary(summary),
            lambda: self.classes.show_values(summary),
            self.images.draw,
        ]

    def _say_state(self) -> None:
        summary = self._summary
        if summary is None or self.problem.text():
            self.state.setText("")
            return
        training = sum(one.training for one in summary.classes) - summary.validation
        test = sum(one.test for one in summary.classes)
        parts = [f"{training:,} training"]
        if summary.validation:
            parts.append(f"{summary.validation:,} validation")
        chosen = sum(one.used for one in summary.classes)
        counts = " · ".join([*parts, f"{test:,} test images"])
        shape = format_shape(summary.shape)
        of = f"{chosen:,} of {len(summary.classes):,} classes"
        self.state.setText(f"{counts} · {shape} · {of}")

    # --- building ----------------------------------------------------------------------------

    def show_classes(self) -> None:
        """Bring the list of classes to the front, to be ticked by keys or clicks."""
        self.tabs.setCurrentWidget(self.classes)
        self.classes.list.setFocus()

    def show_choices(self) -> None:
        """Bring the choices of the data to the front."""
        self.tabs.setCurrentWidget(self.choices)

    def _show_class(self, number: int) -> None:
        self.images.show_class(number)
        self.tabs.setCurrentWidget(self.images)

    def _show_samples(self, finding: Finding) -> None:
        self.images.show_finding(finding)
        self.tabs.setCurrentWidget(self.images)

    def _say_findings(self, text: str, problems: int) -> None:
        """Say in the title of the tab how many problems there are."""
        tab = self.tabs.indexOf(self.findings)
        self.tabs.setTabText(tab, f"Problems ({problems})" if problems else "Problems")
        self.tabs.setTabToolTip(tab, text)

    def _arrange(self) -> None:
        self.tabs.addTab(self.classes, "Classes")
        self.tabs.addTab(self.images, "Images")
        self.tabs.addTab(self.choices, "Preparation")
        self.tabs.addTab(self.findings, "Problems")
        content = QWidget()
        content.setAccessibleName("Data")
        in_column(scrolling(content), of=self)
        column = in_column(of=content, margins=(GRID, GRID // 2, GRID, GRID // 2))
        self._complete_source()
        column.addWidget(self._source.widget)
        column.addWidget(self._source.message)
        column.addLayout(self._state_row())
        column.addWidget(self._reading_row())
        column.addWidget(self.problem)
        offers = QWidget()
        flow = FlowLayout(offers, gap=GRID // 2, row_gap=GRID // 4)
        for button in self.offers:
            flow.addWidget(button)
        column.addWidget(offers)
        column.addWidget(self.tabs, 1)

    def _complete_source(self) -> None:
        """Put a button for files beside that for folders."""
        box = self.box
        box.button.setText("Folder…")  # there is room for the word
        box.button.setFont(small_font())
        tip = "Choose a .npz, .csv or .zip file"
        self._file = text_button("data.file", "File…", tip, takes_focus=True)
        self._file.clicked.connect(box.browse_file)
        self._source.label.setParent(self)  # for readers; the title of the panel says it
        self._source.label.hide()
        self._source.row.addWidget(self._file)

    def _state_row(self) -> QHBoxLayout:
        tip = "Read the data anew, as it is on the disk now"
        self.again = text_button("data.again", "Read again", tip, flat=True, takes_focus=True)
        self.again.setFixedHeight(self.state.sizeHint().height() + GRID // 2)
        return in_row((self.state, 1), self.again)

    def _reading_row(self) -> QWidget:
        self._reading_title = named(ElidedLabel(), "data.reading")
        self._progress = named(ProgressBar(), "data.progress", "Progress of reading the data")
        self._progress.setFixedSize(12 * GRID, GRID + GRID // 2)
        tip = "Keep the data that is in use"
        self.cancel = text_button("data.cancel", "Cancel", tip, takes_focus=True)
        self._reading = QWidget()
        in_row((self._reading_title, 1), self._progress, self.cancel, of=self._reading, gap=GRID)
        self._reading.hide()
        return self._reading
