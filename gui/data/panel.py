"""The data panel: what is trained on, how it is chosen, and what comes of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QTabWidget, QWidget

from engine.advice.data_fit import offer_classes, offers_to_fit
from engine.advice.repairs import Repair
from engine.array_types import format_shape
from engine.data.doctor import Examination, Finding, examine, file_findings
from engine.data.sources import NAMES, name_of
from engine.errors import DataError
from engine.inspection.data_summary import ClassSummary, DataSummary, summarise
from engine.training.samples import data_key, split_places
from gui.background.latest_task import LatestTask, Report
from gui.data.findings import FindingsPage
from gui.data.images import ImagesPage, SampleParts
from gui.document.document import LOCKED_REASON
from gui.forms.inputs import SuggestionsBox
from gui.forms.settings_form import TrainingSettings
from gui.state import LoadedData
from gui.storage.recent import RecentData
from gui.theme import GRID, colours_of, mixed, small_font
from gui.widgets.buttons import OfferButton, text_button
from gui.widgets.class_list import PALE, ClassList
from gui.widgets.csv_table import csv_table
from gui.widgets.labels import ElidedLabel, ProblemLabel, plain_tooltip
from gui.widgets.layouts import FlowLayout, in_column, in_row, named, scrolling
from gui.widgets.progress_bar import ProgressBar
from gui.widgets.segments import Segments
from gui.workspace.context import Context
from gui.workspace.panel import BasePanel

OFFERS = 2
_LOWEST = 12 * GRID  # px of what is below the source


FEWEST = 2  # classes that a network can tell apart
_TOO_FEW = "Choose at least two classes."


_POLL = 100  # ms between two looks at how far reading is
_PATIENCE = 300  # ms until reading is worth a word


class ClassesPage(QWidget):
    """The list of classes with what ticks many at once.

    `chosen` carries the numbers of the classes that a person has ticked.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes of the data")
        self.list = ClassList()
        self.all = text_button("data.all", "All", "Choose all classes", takes_focus=True)
        self.none = text_button(
            "data.none", "None", "Choose no class, to tick some then", takes_focus=True
        )
        self._legend = named(QLabel(), "data.legend", small=True)
        self._too_few = named(ProblemLabel(), "data.too_few")
        tools = QWidget()
        flow = FlowLayout(tools, gap=GRID // 2, row_gap=GRID // 4)
        for part in (self.all, self.none, self._legend):
            flow.addWidget(part)
        margins = (0, GRID // 2, 0, 0)
        in_column(tools, self._too_few, (self.list, 1), of=self, margins=margins)
        self.list.classes.ticked.connect(self._on_tick)
        self.all.clicked.connect(lambda: self._tick(self._numbers()))
        self.none.clicked.connect(lambda: self._tick(()))

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
        classes = () if summary is None else summary.classes
        self.list.classes.set_classes(classes)
        self._write_legend()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write_legend()

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
        rest = mixed(QColor(colours.text), QColor(colours.base), PALE).name()
        words = (("training", colours.train), ("test", colours.test), ("not used", rest))
        squares = [f'<span style="color:{colour}">■</span> {word}' for word, colour in words]
        self._legend.setText("&nbsp; ".join(squares))


class DataPanel(BasePanel):
    """Above the source and what became of it; below choices, classes and images.

    Data is summarised and examined beside the window, as soon as the panel can be seen. The setters
    only store; `refresh` draws when `dirty`.
    """

    def __init__(self, context: Context, settings: TrainingSettings) -> None:
        super().__init__("data", "Data")
        self._document, self._edits = context.document, context.edits
        self._session, self._view = context.session, context.view
        self._settings, self._recent = settings, RecentData(context.preferences)
        self._looked_for = ""  # a path, if the drive that it is on takes its time
        self._summarising, self._examining = LatestTask(self), LatestTask(self)
        self._offers: list[Repair] = []
        self._stale = self._unexamined = True  # what is shown is not of the present data
        self._poll = QTimer(self, interval=_POLL)
        self._wait = QTimer(self, interval=_PATIENCE, singleShot=True)
        source, choices = settings.source, settings.of_data
        self._summary: DataSummary | None = None
        self._locked = self._outdated = False
        self._source = source
        assert isinstance(source.input, SuggestionsBox)
        self.box = source.input  # which asks for folders and files
        self.state = named(ElidedLabel(), "data.state", muted=True)
        self.problem = named(ProblemLabel(), "data.problem", "What is wrong with the data")
        self.offers = [OfferButton(number, "data.offer") for number in range(OFFERS)]
        self.classes, self.images = ClassesPage(), ImagesPage()
        self.findings = FindingsPage(
            self._show_samples, self._take_remedy, self.lead_to, self._say_findings
        )
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
            button.clicked.connect(lambda _=False, b=button: self._take_offer(b.number))
        self._connect()
        self._on_data()
        self._on_loading()
        self._examine()

    # --- what is stored ----------------------------------------------------------------------

    def set_summary(self, summary: DataSummary | None) -> None:
        """Store what the data holds; None: that is not known."""
        self._summary = summary
        self.dirty = True

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
        rows = (
            (one.number, one.name, one.training, one.test, one.unused) for one in self._classes()
        )
        return csv_table(["number", "class", "training", "test", "not used"], rows)

    def _classes(self) -> tuple[ClassSummary, ...]:
        return () if self._summary is None else self._summary.classes

    # --- drawing -----------------------------------------------------------------------------

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws the newest data, words first."""
        self.dirty = False
        summary = self._summary
        return [
            self._say_state,
            lambda: self.classes.show_summary(summary),
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

    # --- what comes ----------------------------------------------------------------------------

    @Slot()
    def _examine(self) -> None:
        data = self._session.data
        if not self._unexamined or not self.isVisible():
            return
        self._unexamined = False
        self._examining.give_up()
        self.findings.show_nothing()
        if data is None or data.parts is None:
            return
        parts, train, test, limit = data.parts, data.train, data.test, data.key.limit
        if train is None or test is None:  # the files may be why
            if findings := tuple(file_findings(parts)):
                self.findings.show_findings(findings, parts.refused)
            return

        def work(report: Report) -> Examination:
            return examine(parts, train, test, limit, report)

        def done(found: Examination) -> None:
            self.findings.show_findings(found.findings, found.refused)

        self.findings.show_nothing(busy=True)
        self._examining.begin(work, done, failed=lambda _: self.findings.show_nothing())

    def _take_remedy(self, finding: Finding) -> None:
        """Change the settings, and with the classes the end of the network, in one undo step."""
        if finding.without_copies:
            self._edits.change_setting("copies", "leave_out")
            return
        document, data = self._document, self._session.data
        classes = tuple(
            each for each in document.settings.classes if each not in finding.without_classes
        )
        if data is None or data.train is None or len(classes) < 2:
            return
        offer = offer_classes(document.stack, document.settings, classes, data.train.input_shape)
        if offer is not None:
            self._edits.take_offer(replace(offer, label="Leave classes out"))
        else:
            self._edits.change_setting("classes", classes)

    def _on_data(self) -> None:
        self._unexamined = True
        self._examine()
        data = self._session.data
        if data is None:
            return
        if not data.problem and data.key.data not in NAMES:
            self._recent.add(data.key.data)
            self._settings.box.offer_recent(self._recent.paths())
        if data.parts is not None:
            self._settings.say_test_part(data.key.data, there=data.parts.test is not None)
        unread = data.key.data in self._session.unread
        self.say_problem(data.problem, wrong=not (unread or data.unfit), unread=unread)
        self.classes.set_chosen(self._document.settings.classes)
        self._summarise_anew()
        self._offer()

    def _summarise_anew(self) -> None:
        self._stale = True
        self._summarise()

    @Slot()
    def _summarise(self) -> None:
        """Have the data summarised, if that can be seen and is not done yet."""
        data = self._session.data
        if not self._stale or not self.isVisible():
            return
        self._stale = False
        parts = self._parts_of(data)
        self.images.set_samples(parts)
        self.dirty = True
        if data is None or data.parts is None:
            self._summarising.give_up()
            self.set_summary(None)
            return
        read, train, test, key = data.parts, data.train, data.test, data.key
        held = 0 if parts is None else len(parts.held)
        if parts is not None and not any(one.used for one in self._classes()):
            self.set_summary(None)  # it says that no sample is used

        def work(report: Report) -> DataSummary:
            drawn = [drawing.class_name for drawing in key.drawings]
            return summarise(read, train, test, held, drawn, report)

        def failed(problem: str) -> None:
            self.say_problem(problem)
            self.set_summary(None)

        self._summarising.begin(work, self.set_summary, failed=failed)

    def _parts_of(self, data: LoadedData | None) -> SampleParts | None:
        if data is None or data.train is None or data.test is None:
            return None
        count = len(data.train)
        try:
            kept, held = split_places(count, self._document.settings)
        except DataError:  # training will say so
            kept, held = np.arange(count), np.empty(0, dtype=np.intp)
        return SampleParts(data.train, kept, held, data.test)

    # --- offers --------------------------------------------------------------------------------

    @Slot()
    def _offer(self) -> None:
        """Offer what makes network and data fit: for the chosen classes, and for all."""
        data = self._session.data
        document = self._document
        self._outdated = data is None or data.key != data_key(document.settings)
        self._allow_offers()
        if data is None or self._outdated:  # those that are seen keep their place
            return
        self._offers = (
            offers_to_fit(document.stack, document.settings, data.parts) if data.parts else []
        )
        for button in self.offers:
            button.setVisible(button.number < len(self._offers))
        for button, offer in zip(self.offers, self._offers, strict=False):
            button.offer(offer.label)
            button.setAccessibleName(offer.label)
            button.setToolTip(plain_tooltip("\n".join((offer.label, *offer.steps))))

    def _take_offer(self, number: int) -> None:
        self._edits.take_offer(self._offers[number])

    # --- reading -------------------------------------------------------------------------------

    @Slot(str)
    def _on_looking(self, data: str) -> None:
        self._looked_for = data
        self._on_loading()

    @Slot()
    def _on_loading(self) -> None:
        if self._looked_for or self._session.loading is not None:
            self._wait.start()
        else:
            self._wait.stop()
            self._poll.stop()
            self.show_reading("")

    @Slot()
    def _show_reading(self) -> None:
        loading = self._session.loading
        if self._looked_for:
            self.show_reading(f"Looking for {self._looked_for}…")
        elif loading is not None:
            name = name_of(loading.key.data)
            self.show_reading(f"Reading {name}…", loading.fraction)

    @Slot()
    def _cancel(self) -> None:
        """Keep the data that is in use; if there is none, give up."""
        if self._looked_for:
            self._settings.stop_looking()
            return
        data, loading = self._session.data, self._session.loading
        if data is not None and not data.problem:
            self._edits.keep_data(data.key)
        elif loading is not None:
            loading.give_up()

    # --- what is shown, and where ------------------------------------------------------------

    def show_classes(self) -> None:
        """Bring the list of classes to the front, to be ticked by keys or clicks."""
        self.tabs.setCurrentWidget(self.classes)
        self.classes.list.setFocus()

    def lead_to(self, setting: str) -> None:
        """Bring a choice of the data to the front; classes are ticked in their list."""
        if setting == "classes":
            self.show_classes()
        else:
            self.tabs.setCurrentWidget(self.choices)
            self._settings.lead_to(setting)

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

    # --- building ----------------------------------------------------------------------------

    def _connect(self) -> None:
        store, settings = self._session.store, self._settings
        store.watch(lambda s: s.data.loaded, self._on_data)
        store.watch(lambda s: s.data.loading, self._on_loading)
        store.show(lambda s: s.document.settings, self.images.set_settings)
        store.watch(
            lambda s: (s.document.settings.validation_split, s.document.settings.seed),
            self._summarise_anew,
        )
        store.watch(lambda s: (s.document.settings, s.document.report), self._offer)
        store.show(lambda s: s.document.settings.classes, self.classes.set_chosen)
        store.show(lambda s: LOCKED_REASON if s.document.locked else "", self.set_locked)
        store.show(lambda s: s.data.place, self.images.set_pinned)  # not that of a checkpoint
        self._poll.timeout.connect(self._show_reading)
        self._wait.timeout.connect(self._poll.start)
        self.visibility_changed.connect(self._summarise)
        self.visibility_changed.connect(self._examine)
        self.images.pinned.connect(self._view.pin_of)
        self.classes.chosen.connect(partial(self._edits.change_setting, "classes"))
        self.cancel.clicked.connect(self._cancel)
        self.again.clicked.connect(self._session.read_again)
        settings.looking.connect(self._on_looking)
        settings.box.offer_recent(self._recent.paths())

    def _arrange(self) -> None:
        self.tabs.addTab(self.classes, "Classes")
        self.tabs.addTab(self.images, "Images")
        self.tabs.addTab(self.choices, "Preparation")
        self.tabs.addTab(self.findings, "Problems")
        self._complete_source()
        offers = QWidget()
        flow = FlowLayout(offers, gap=GRID // 2, row_gap=GRID // 4)
        for button in self.offers:
            flow.addWidget(button)
        in_column(
            *(self._source.widget, self._source.message, self._state_row(), self._reading_row()),
            *(self.problem, offers, (self.tabs, 1)),
            of=self,
            margins=(GRID, GRID // 2, GRID, GRID // 2),
        )

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
