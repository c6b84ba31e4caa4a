"""The data panel: what is trained on, how it is chosen, and what comes of it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.array_types import format_shape
from engine.data.doctor import Finding
from engine.inspection.data_summary import DataSummary
from gui.forms.form import FieldEditor
from gui.forms.inputs import SuggestionsBox
from gui.panels.data_classes import ClassesPage
from gui.panels.data_findings import FindingsPage
from gui.panels.data_images import ImagesPage
from gui.theme import GRID, set_muted, small_font
from gui.widgets.buttons import OfferButton, text_button
from gui.widgets.csv_table import csv_table
from gui.widgets.elision import ElidedLabel
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.problem_label import ProblemLabel
from gui.widgets.scrolling import scrolling
from gui.widgets.visibility import VisibilityNotifier

OFFERS = 2
STEPS = 1000
_WIDE = 110 * GRID  # px from which choices, classes and images stand side by side
_LOWEST = 18 * GRID  # px of what is below the source; a lower panel scrolls
_CHOICES = 36 * GRID  # px of the choices then


class DataPanel(VisibilityNotifier):
    """Above the source and what became of it; below choices, classes and images.

    The setters only store; `refresh` draws when `dirty`. `offer_taken` carries the number of an
    offer, `classes_chosen` the numbers of classes, `cancelled` and `reading_wanted` are clicks on
    Cancel and Read again.
    """

    offer_taken = Signal(int)
    classes_chosen = Signal(object)
    cancelled = Signal()
    reading_wanted = Signal()

    def __init__(
        self, source: FieldEditor, choices: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel.data")
        self.setAccessibleName("Data")
        self.dirty = False
        self._summary: DataSummary | None = None
        self._locked = self._outdated = False
        self._source = source
        assert isinstance(source.input, SuggestionsBox)
        self.box = source.input  # which asks for folders and files
        self.state = ElidedLabel()
        self.state.setObjectName("data.state")
        set_muted(self.state)
        self.problem = ProblemLabel()
        self.problem.setObjectName("data.problem")
        self.problem.setAccessibleName("What is wrong with the data")
        self.offers = [OfferButton(number, "data.offer") for number in range(OFFERS)]
        self.classes, self.images, self.findings = ClassesPage(), ImagesPage(), FindingsPage()
        self.choices = scrolling(choices)
        for part in (choices, source.widget):
            part.show()  # from now on, wherever this panel is
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("What is in the data")
        self.tabs.tabBar().setAccessibleName("What is in the data")
        self.tabs.setDocumentMode(True)
        self.tabs.setFont(small_font())
        self._side_by_side = QSplitter(Qt.Orientation.Horizontal)
        self._side_by_side.setChildrenCollapsible(False)
        self._side_by_side.setMinimumHeight(_LOWEST)
        across = QSizePolicy.Policy.Expanding
        self._side_by_side.setSizePolicy(across, QSizePolicy.Policy.Ignored)
        self._arrange()
        self.classes.chosen.connect(self.classes_chosen)
        self.classes.class_wanted.connect(self._show_class)
        self.findings.images_wanted.connect(self._show_samples)
        self.findings.counted.connect(self._say_findings)
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

    def say_problem(self, problem: str, *, unread: bool = False) -> None:
        """Say what is wrong with the data, or that it is `unread` so far; empty: nothing is."""
        self.problem.say(problem, wrong=not unread)
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
        self._progress.setRange(0, 0 if fraction is None else STEPS)
        if fraction is not None:
            self._progress.setValue(round(fraction * STEPS))

    def as_csv(self) -> bytes:
        """Write as CSV how many samples of each class are used, and how many are not."""
        classes = () if self._summary is None else self._summary.classes
        rows = ((one.number, one.name, one.training, one.test, one.unused) for one in classes)
        return csv_table(["number", "class", "training", "test", "not used"], rows)

    # --- drawing -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw all at once."""
        for draw in self.parts():
            draw()

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the parts stand side by side where there is room, else behind one another."""
        super().resizeEvent(event)
        self._place_parts(event.size().width() >= _WIDE)

    def show_classes(self) -> None:
        """Bring the list of classes to the front, to be ticked by keys or clicks."""
        self.tabs.setCurrentWidget(self.classes)
        self.classes.list.setFocus()

    def show_choices(self) -> None:
        """Bring the choices of the data to the front."""
        if self.tabs.indexOf(self.choices) >= 0:
            self.tabs.setCurrentWidget(self.choices)

    def _show_class(self, number: int) -> None:
        self.images.show_class(number)
        self._bring_images()

    def _show_samples(self, finding: Finding) -> None:
        self.images.show_finding(finding)
        self._bring_images()

    def _bring_images(self) -> None:
        if self.tabs.indexOf(self.images) >= 0:
            self.tabs.setCurrentWidget(self.images)

    def _say_findings(self, text: str, problems: int) -> None:
        """Say in the title of the tab how many problems there are."""
        tab = self.tabs.indexOf(self.findings)
        self.tabs.setTabText(tab, f"Findings ({problems})" if problems else "Findings")
        self.tabs.setTabToolTip(tab, text)

    def _place_parts(self, wide: bool) -> None:
        """Put choices and images beside the other pages, or among them."""
        if wide == (self.tabs.indexOf(self.images) < 0):
            return
        shown = self.tabs.currentWidget()
        if wide:
            for page in (self.choices, self.images):
                self.tabs.removeTab(self.tabs.indexOf(page))
            self._side_by_side.insertWidget(0, self.choices)
            self._side_by_side.addWidget(self.images)
            self._side_by_side.setSizes([_CHOICES, 2 * _CHOICES, 2 * _CHOICES])
            for place, stretch in enumerate((0, 1, 1)):
                self._side_by_side.setStretchFactor(place, stretch)
            self.choices.show()
            self.images.show()
        else:
            self.tabs.insertTab(1, self.images, "Images")
            self.tabs.insertTab(2, self.choices, "Choices")
            if shown is not None:
                self.tabs.setCurrentWidget(shown)

    def _arrange(self) -> None:
        self.tabs.addTab(self.classes, "Classes")
        self.tabs.addTab(self.images, "Images")
        self.tabs.addTab(self.choices, "Choices")
        self.tabs.addTab(self.findings, "Findings")
        self._side_by_side.addWidget(self.tabs)
        content = QWidget()
        content.setAccessibleName("Data")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(content))
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        column.setSpacing(GRID // 2)
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
        column.addWidget(self._side_by_side, 1)

    def _complete_source(self) -> None:
        """Put a button for files beside that for folders."""
        box = self.box
        box.button.setText("Folder…")  # there is room for the word
        box.button.setFont(small_font())
        self._file = text_button("data.file", "File…", "Choose a .npz, .csv or .zip file")
        self._file.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._file.clicked.connect(box.browse_file)
        self._source.label.setParent(self)  # for readers; the title of the panel says it
        self._source.label.hide()
        self._source.row.addWidget(self._file)

    def _state_row(self) -> QHBoxLayout:
        self.again = text_button(
            "data.again", "Read again", "Read the data anew, as it is on the disk now", flat=True
        )
        self.again.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.again.setFixedHeight(self.state.sizeHint().height() + GRID // 2)
        self.again.clicked.connect(self.reading_wanted)
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        row.addWidget(self.state, 1)
        row.addWidget(self.again)
        return row

    def _reading_row(self) -> QWidget:
        self._reading_title = ElidedLabel()
        self._reading_title.setObjectName("data.reading")
        self._progress = QProgressBar()
        self._progress.setObjectName("data.progress")
        self._progress.setAccessibleName("Progress of reading the data")
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(12 * GRID, GRID + GRID // 2)
        cancel = text_button("data.cancel", "Cancel", "Keep the data that is in use")
        cancel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        cancel.clicked.connect(self.cancelled)
        self._reading = QWidget()
        row = QHBoxLayout(self._reading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self._reading_title, 1)
        row.addWidget(self._progress)
        row.addWidget(cancel)
        self._reading.hide()
        return self._reading
