"""DataPresenter: the data panel, and what it is told of the data and of what becomes of it."""

import os
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QTimer, Slot

from engine.advice.data_fit import offer_classes, offers_to_fit
from engine.advice.repairs import Repair
from engine.data.doctor import Examination, Finding, examine, file_findings
from engine.data.sources import NAMES, name_of
from engine.errors import DataError
from engine.inspection.data_summary import DataSummary, summarise
from engine.training.dataset_batch import Augmentation
from engine.training.samples import data_key, split_places
from gui.background.latest_task import LatestTask, Report
from gui.data.panel import DataPanel, SampleParts
from gui.document.document import LOCKED_REASON
from gui.forms.settings_form import TrainingSettings
from gui.state import LoadedData, State
from gui.storage.recent import RecentData
from gui.widgets.labels import plain_tooltip
from gui.workspace.context import Context, Presenter

_OF_AUGMENTATION = ("shift", "rotate", "zoom", "noise", "flip", "background", "seed")
_POLL = 100  # ms between two looks at how far reading is
_MOMENT = 0.05  # s that a list may wait before it opens
_PATIENCE = 300  # ms until reading is worth a word


class DataFindingsPresenter(Presenter):
    """Examines new data beside the window as soon as the data panel can be seen."""

    def __init__(self, context: Context, panel: DataPanel) -> None:
        super().__init__(context)
        self._panel, self._page = panel, panel.findings
        self._task = LatestTask(self)
        self._stale = True  # what is shown is not of the present data
        self._session.store.watch(lambda s: s.data.loaded, self._on_data)
        panel.visibility_changed.connect(self._examine)
        self._page.remedy_wanted.connect(self._take)
        self._examine()

    @Slot()
    def _on_data(self) -> None:
        self._stale = True
        self._examine()

    @Slot()
    def _examine(self) -> None:
        data = self._session.data
        if not self._stale or not self._panel.isVisible():
            return
        self._stale = False
        self._task.give_up()
        if data is None or data.parts is None:
            self._page.show_nothing()
        elif data.train is None or data.test is None:  # the files may be why
            findings = tuple(file_findings(data.parts))
            if findings:
                self._page.show_findings(findings, data.parts.refused)
            else:
                self._page.show_nothing()
        else:
            self._page.show_nothing(busy=True)
            self._begin(data)

    def _begin(self, data: LoadedData) -> None:
        limit = data.key.limit

        def work(report: Report) -> Examination:
            assert data.parts is not None
            assert data.train is not None
            assert data.test is not None
            return examine(data.parts, data.train, data.test, limit, report)

        def done(found: Examination) -> None:
            self._page.show_findings(found.findings, found.refused)

        self._task.begin(work, done, failed=lambda _: self._page.show_nothing())

    @Slot(object)
    def _take(self, finding: Finding) -> None:
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
            words = (
                "Leave a class out" if len(finding.without_classes) == 1 else "Leave classes out"
            )
            self._edits.take_offer(replace(offer, label=words))
        else:
            self._edits.change_setting("classes", classes)


class DataPresenter(Presenter):
    """Makes the panel, has its data summarised beside the window, and carries its wishes out."""

    def __init__(self, context: Context, settings: TrainingSettings) -> None:
        super().__init__(context)
        self._settings, self._recent = settings, RecentData(self._preferences)
        self._looked_for = ""  # a path, if the drive that it is on takes its time
        self._task, self._recent_looked = LatestTask(self), LatestTask(self)
        self._offers: list[Repair] = []
        self._stale = True  # what is summarised is not of the present data
        self.panel = DataPanel(settings.source, settings.of_data)
        self._poll = QTimer(self, interval=_POLL)
        self._poll.timeout.connect(self._show_reading)
        self._wait = QTimer(self, interval=_PATIENCE, singleShot=True)
        self._wait.timeout.connect(self._poll.start)
        store = self._session.store
        store.watch(lambda s: s.data.loaded, self._on_data)
        store.watch(lambda s: s.data.loading, self._on_loading)
        store.watch(_augmentation, self._preview)
        store.watch(
            lambda s: (s.document.settings.validation_split, s.document.settings.seed),
            self._summarise_anew,
        )
        store.watch(lambda s: (s.document.settings, s.document.report), self._offer)
        store.show(lambda s: s.document.settings.classes, self.panel.set_chosen)
        store.show(lambda s: LOCKED_REASON if s.document.locked else "", self.panel.set_locked)
        store.show(lambda s: s.data.place, self.panel.images.set_pinned)  # not that of a checkpoint
        self.panel.visibility_changed.connect(self._summarise)
        self.panel.images.pinned.connect(self._view.pin_of)
        self.panel.classes.chosen.connect(partial(self._edits.change_setting, "classes"))
        self.panel.offer_taken.connect(self._take_offer)
        self.panel.findings.setting_wanted.connect(self._lead_to)
        self.panel.cancel.clicked.connect(self._cancel)
        self.panel.again.clicked.connect(self._session.read_again)
        settings.looking.connect(self._on_looking)
        settings.box.list_wanted.connect(self._offer_recent)
        settings.box.offer_recent(self._recent.paths())
        self._on_data()
        self._on_loading()
        self._preview()

    @Slot()
    def _offer_recent(self) -> None:
        """Offer the data that was used lately, but what is gone; a drive may be slow to say so."""
        paths = self._recent.paths()
        self._recent_looked.begin(
            lambda _: [path for path in paths if os.path.exists(path)],
            self._settings.box.offer_recent,
            patience=_MOMENT,
        )
        self._recent_looked.give_up()  # nothing moves in a list that is open

    # --- what comes ----------------------------------------------------------------------------

    @Slot()
    def _on_data(self) -> None:
        data = self._session.data
        if data is None:
            return
        if not data.problem and data.key.data not in NAMES:
            self._recent.add(data.key.data)
            self._settings.box.offer_recent(self._recent.paths())
        if data.parts is not None:
            self._settings.say_test_part(data.key.data, there=data.parts.test is not None)
        unread = data.key.data in self._session.unread
        self.panel.say_problem(data.problem, wrong=not (unread or data.unfit), unread=unread)
        self.panel.set_chosen(self._document.settings.classes)
        self._summarise_anew()
        self._offer()

    def _summarise_anew(self) -> None:
        self._stale = True
        self._summarise()

    @Slot()
    def _summarise(self) -> None:
        """Have the data summarised, if that can be seen and is not done yet."""
        data = self._session.data
        if not self._stale or not self.panel.isVisible():
            return
        self._stale = False
        parts = self._parts_of(data)
        self.panel.images.set_samples(parts)
        self.panel.dirty = True
        if data is None or data.parts is None:
            self._task.give_up()
            self.panel.set_summary(None)
            return
        held = 0 if parts is None else len(parts.held)

        def work(report: Report) -> DataSummary:
            assert data is not None
            assert data.parts is not None
            drawn = [drawing.class_name for drawing in data.key.drawings]
            return summarise(data.parts, data.train, data.test, held, drawn, report)

        def failed(problem: str) -> None:
            self.panel.say_problem(problem)
            self.panel.set_summary(None)

        self._task.begin(work, self.panel.set_summary, failed=failed)

    def _preview(self) -> None:
        """Show how augmentation changes images."""
        settings = self._document.settings
        augmented = Augmentation.of(settings, 1) is not None
        self.panel.classes.set_augmented(augmented)
        self.panel.images.set_augmented(settings if augmented else None)

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
        if data is None or data.key != data_key(document.settings):
            self.panel.outdate_offers()
            return
        self._offers = (
            offers_to_fit(document.stack, document.settings, data.parts) if data.parts else []
        )
        labels = [offer.label for offer in self._offers]
        tips = [plain_tooltip("\n".join((offer.label, *offer.steps))) for offer in self._offers]
        self.panel.offer(labels, tips)

    @Slot(int)
    def _take_offer(self, number: int) -> None:
        self._edits.take_offer(self._offers[number])

    @Slot(str)
    def _lead_to(self, setting: str) -> None:
        self.panel.show_choices()
        self._settings.lead_to(setting)

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
            self.panel.show_reading("")

    @Slot()
    def _show_reading(self) -> None:
        loading = self._session.loading
        if self._looked_for:
            self.panel.show_reading(f"Looking for {self._looked_for}…")
        elif loading is not None:
            name = name_of(loading.key.data)
            self.panel.show_reading(f"Reading {name}…", loading.fraction)

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


def _augmentation(state: State) -> tuple[object, ...]:
    """Select the settings that change images while they are trained on."""
    return tuple(getattr(state.document.settings, name) for name in _OF_AUGMENTATION)
