"""TrainingSettings: all settings of a training, in two pages that share one form."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from engine.data.known.known_sets import KNOWN_SETS, megabytes
from engine.data.sources import NAMES, why_missing
from engine.errors import SettingsError
from engine.model.settings import Settings
from engine.struct_fields import fields_of
from gui.background.latest_task import LatestTask
from gui.background.waiting import look
from gui.document.document import LIVE_SETTINGS, LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.forms.form import FieldEditor, Form, stacked, without_subject
from gui.forms.inputs import SuggestionsBox
from gui.theme import GRID, small_font
from gui.widgets.buttons import action_button
from gui.widgets.layouts import bring_into_view, in_column
from gui.widgets.messages import MessageBar

_BESIDE_BUTTON = 12 * GRID  # px of an input, at least
_TO_DOWNLOAD = "download"  # short, or the list cuts it
_SECTIONS = {
    "Training": ("learning_rate", "batch_size", "epochs", "loss"),
    "Optimizer and schedule": (
        "optimizer",
        "momentum",
        "nesterov",
        "weight_decay",
        "schedule",
        "step_epochs",
        "step_factor",
    ),
    "Initial weights and seed": ("initializer", "seed"),
    "When to stop": ("target_accuracy", "early_stopping"),
}
_OF_DATA = {
    "Classes and samples": ("classes", "limit"),
    "Test and validation": ("test_split", "validation_split", "copies"),
    "Images": ("image_size", "colour", "fit", "background", "scaling"),
    "Augmentation": ("shift", "rotate", "zoom", "noise", "flip"),
}
_AS_BEFORE = "Training goes on with what was set before."
_TOPIC = "settings"
_PATIENCE = 0.1  # s that the window may stand still while data is looked for


class TrainingSettings(QObject):
    """All settings in two pages that share one form: `more` and `of_data`.

    The data set stands in `source`, over `of_data`. `download_wanted` carries the name of a known
    data set that is not here, `taken` the path of data that was not typed into a field, such as
    what was dropped, once it is trained with, `looking` a path that is looked for while that takes
    long, and then nothing. Why such data is not to be had, and what a training that begins leaves
    out, is said until a setting is another.
    """

    download_wanted = Signal(str)
    taken = Signal(str)
    looking = Signal(str)

    def __init__(
        self,
        document: Document,
        edits: Edits,
        messages: MessageBar,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._edits, self._messages = document, edits, messages
        self._look = LatestTask(self)
        self._looked_for = ""
        self._left_out: list[str] = []  # of the training that was asked for
        self._with_test_part = ""  # data that brings its own test samples, as reading has shown
        self._form = Form(fields_of(Settings), "setting", self._commit, self)
        editors = self._form.editors
        self.source = editors["dataset"]
        self.of_data = _page(editors, _OF_DATA, "More choices of the data")
        self.more = _page(editors, _SECTIONS, "Training settings")
        self.box.list_wanted.connect(self._mark_missing)
        document.store.watch(lambda s: s.document.settings, self._on_settings)
        document.store.watch(lambda s: s.document.opened, self.stop_looking)
        document.store.watch(lambda s: s.document.locked, self._follow_lock)
        document.store.watch(lambda s: s.run.phase, self._tell_left_out)
        document.flush_requested.connect(self._form.flush)
        self._show()

    def add_action(self, field: str, action: QAction) -> None:
        """Put a button of an action beside a setting's input."""
        editor = self._form.editors[field]
        editor.input.setMinimumWidth(_BESIDE_BUTTON)  # else both are wider than a docked panel
        editor.row.addWidget(action_button(action))

    def is_of_data(self, field: str) -> bool:
        """Return whether a setting stands among those of the data."""
        return field == "dataset" or any(field in names for names in _OF_DATA.values())

    def lead_to(self, field: str) -> None:
        """Give a setting's input the focus, as its label's letter does."""
        found = self._form.editors[field].input
        bring_into_view(found)
        found.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def choose_data(self, path: str) -> None:
        """Take a folder or file as the data, as if its path was typed."""
        if self._document.locked:
            self._messages.say(_TOPIC, f"{path} was not taken. {LOCKED_REASON}")
            return
        try:
            self._find(path, self._refuse, taken=lambda: self.taken.emit(path))
        except SettingsError as error:
            self._refuse(str(error))

    @Slot()
    def stop_looking(self) -> None:
        """Look for data no longer, and show that in use."""
        self._look.give_up()
        self.looking.emit("")
        self._show_afresh()

    def say_test_part(self, data: str, *, there: bool) -> None:
        """Know whether some data that was read brings its own test samples."""
        self._with_test_part = data if there else ""
        self._say_what_works()

    def _refuse(self, why: str) -> None:
        self._messages.say(_TOPIC, without_subject(why))

    @property
    def box(self) -> SuggestionsBox:
        """The input of the data set."""
        box = self.source.input
        assert isinstance(box, SuggestionsBox)
        return box

    def _commit(self, field: str, value: object) -> None:
        """Change a setting; data that is not there is refused, and that in use stays."""
        if field == "dataset":
            self._commit_data(str(value))
        else:
            self._edits.change_setting(field, value)

    def _commit_data(self, data: str) -> None:
        """Take a data set; offer to download what can be downloaded if it is not there."""
        editor = self.source

        def missing() -> None:
            known = KNOWN_SETS.get(data)
            if known is None:
                editor.withdraw()
            else:
                text = f"Download {known.title} ({megabytes(known.size)})…"
                editor.offer(text, lambda: self.download_wanted.emit(data))

        self._find(data, editor.refuse, missing=missing)

    def _find(
        self,
        data: str,
        refuse: Callable[[str], None],
        *,
        missing: Callable[[], None] = lambda: None,
        taken: Callable[[], None] = lambda: None,
    ) -> None:
        """Take a data set if it is there.

        A drive that does not answer holds up a thread, and the window only for a moment.
        Raises SettingsError if the answer comes within that moment.
        """
        waits = False

        def done(why: str) -> None:
            if waits:
                self.looking.emit("")
            try:
                if why:
                    missing()
                    raise SettingsError(f"data: {why}")
                self._edits.change_setting("dataset", data)
                taken()
            except SettingsError as error:
                if not waits:
                    raise
                refuse(str(error))

        self._looked_for = data
        self._look.begin(lambda _: why_missing(data), done, patience=_PATIENCE)
        waits = True
        self.looking.emit(data if self._look.busy else "")

    @Slot()
    def _mark_missing(self) -> None:
        known: dict[str, str] = look(lambda: {name: why_missing(name) for name in NAMES}, {})
        for name, why in known.items():
            self.box.mark(name, _TO_DOWNLOAD if why else "", why)

    def _on_settings(self) -> None:
        self._messages.unsay(_TOPIC)
        self._show()

    def _show(self) -> None:
        self._form.show(self._document.settings)
        self._say_what_works()

    def _show_afresh(self) -> None:
        self._form.show(self._document.settings, afresh=True)
        self._say_what_works()

    def _follow_lock(self) -> None:
        if self._document.locked:  # while it trains, the form shows what it trains with
            self._left_out += self._form.drop_refused()
            if self._look.busy:
                self._left_out.append(f"{self._looked_for} was not found yet.")
                self.stop_looking()
        self._say_what_works()

    def _tell_left_out(self) -> None:
        """Say, once training goes on, which entries it is without."""
        phase = self._document.store.state.run.phase
        if phase == "Training" and self._left_out:
            self._messages.say(_TOPIC, f"{' '.join(self._left_out)} {_AS_BEFORE}")
        if phase != "Ready":  # which the network is first
            self._left_out.clear()

    def _say_what_works(self) -> None:
        """Disable what training locks, and what has no effect with the other settings."""
        reasons = idle_reasons(self._document.settings, self._with_test_part)
        for name, editor in self._form.editors.items():
            locked = self._document.locked and name not in LIVE_SETTINGS
            editor.set_locked(LOCKED_REASON if locked else reasons.get(name, ""))


def idle_reasons(settings: Settings, with_test_part: str) -> dict[str, str]:
    """Return for each setting without effect why it has none.

    `with_test_part` is data that was found to have a test part when it was read.
    """
    reasons = {}
    if settings.optimizer != "sgd":
        reasons["momentum"] = "Has no effect: Adam has a momentum of its own."
        reasons["nesterov"] = "Has no effect: only SGD can look ahead."
    elif settings.momentum == 0:
        reasons["nesterov"] = "Has no effect without momentum. Set one above 0."
    if settings.dataset in NAMES or settings.dataset == with_test_part:
        reasons["test_split"] = "Has no effect: this data brings its own test samples."
    if settings.dataset in NAMES and not settings.image_size:  # own images may be oblong
        reasons["fit"] = "Has no effect: images keep their size. Choose an image size to use it."
    has_bars = settings.image_size and settings.fit == "fit"
    moves = settings.shift or settings.rotate or settings.zoom
    if settings.dataset in NAMES and not (has_bars or moves):
        reasons["background"] = "Has no effect: these images fill their whole square."
    if settings.schedule != "step":
        for name in ("step_epochs", "step_factor"):
            reasons[name] = "Has no effect: choose the schedule Step to use it."
    return reasons


def _page(
    editors: Mapping[str, FieldEditor], fields: Mapping[str, tuple[str, ...]], name: str
) -> QWidget:
    sections = {title: [editors[each] for each in names] for title, names in fields.items()}
    page = QWidget()
    page.setAccessibleName(name)
    page.setMaximumWidth(60 * GRID)
    forms = [(title, stacked(some)) for title, some in sections.items()]
    width = max(editor.label.sizeHint().width() for some in sections.values() for editor in some)
    parts = list[QLabel | QFormLayout]()
    for title, form in forms:
        heading = QLabel(title)
        heading.setFont(small_font(bold=True))
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)  # in a narrow panel
        form.setContentsMargins(0, 0, 0, GRID)
        parts += heading, form
    for some in sections.values():
        for editor in some:
            editor.label.setMinimumWidth(width)  # so that the inputs of all sections line up
    in_column(*parts, 1, of=page, margins=GRID)
    return page
