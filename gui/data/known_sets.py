"""KnownSetsPresenter: downloads known data sets beside the training, and puts them into use."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from engine.data.known.known_sets import KNOWN_SETS, KnownSet
from engine.errors import DataError
from gui.background.jobs import Job, Jobs, ReportProgress
from gui.background.waiting import look
from gui.document.document import LOCKED_REASON
from gui.widgets.buttons import make_action
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from gui.data.known_sets_window import KnownSetsWindow

_TOPIC = "download"


class KnownSetsPresenter(Presenter):
    """Opens the window of the known data sets and does what is wished there.

    `jobs` has nothing but downloads, so that none has to wait for one. What failed while nobody saw
    the window is said in the message bar, until the next download.
    """

    def __init__(self, context: Context, sets: Mapping[str, KnownSet] = KNOWN_SETS) -> None:
        super().__init__(context)
        self._sets = sets
        self._downloading = ""
        self.jobs = Jobs(self)
        self.jobs.progressed.connect(self._show_progress)
        self.action = make_action(
            self._window,
            "known_sets",
            "&Known sets…",
            self.open,
            tip="Download a known data set, such as Fashion-MNIST, and use it",
        )

    @Slot(str)
    def open(self, name: str = "") -> None:
        """Show the window, at a set if one is named."""
        self._show()
        self._list.open_at(name)

    @cached_property
    def _list(self) -> "KnownSetsWindow":
        """The window, made when it is first wanted."""
        from engine.data.known.download import addresses_of, shown
        from gui.data.known_sets_window import KnownSetsWindow

        def address(known: KnownSet) -> str:
            try:
                return "\nelse from ".join(map(shown, addresses_of(known)))
            except DataError as error:
                return str(error)

        sets = [(known, address(known)) for known in self._sets.values()]
        made = KnownSetsWindow(sets, self._window)
        made.wanted.connect(self._do)
        self._document.store.watch(lambda s: (s.document.settings, s.document.locked), self._show)
        return made

    @Slot(str, str)
    def _do(self, what: str, name: str) -> None:
        if what == "download":
            self._download(name)
        elif what == "cancel":
            self.jobs.cancel()
        else:
            self._edits.change_setting("dataset", name)

    def _download(self, name: str) -> None:
        from engine.data.known.download import download

        known = self._sets[name]

        def work(report: ReportProgress) -> Path:
            return download(known, lambda done, total: report(done / total))

        def done(_folder: Path) -> None:
            self._end("")
            self._messages.done(f"{known.title} is here.")
            if self._document.settings.dataset == name and self._session.data_problem:
                self._session.read_again()

        def ended(problem: str) -> None:
            self._end(problem)
            if problem and not self._list.isVisible():
                self._messages.say(_TOPIC, problem)

        self._downloading = name
        self._messages.unsay(_TOPIC)
        self._list.rows[name].problem.say("")
        self._show_progress(0.0)
        self._show()
        self.jobs.start(Job(f"Download {known.title}", work, done, ended))

    def _end(self, problem: str) -> None:
        """Show what became of a download."""
        self._list.rows[self._downloading].problem.say(problem)
        self._downloading = ""
        self._show()

    @Slot(float)
    def _show_progress(self, fraction: float) -> None:
        if self._downloading:
            self._list.rows[self._downloading].show_progress(fraction)

    @Slot()
    def _show(self) -> None:
        """Show of each set where it is and what can be done."""
        sets = self._sets.values()
        unknown = [""] * len(sets)  # where the disk does not answer at once
        folders = look(lambda: list(map(_folder_of, sets)), unknown)
        busy = self._sets[self._downloading].title if self._downloading else ""
        for known, folder in zip(sets, folders, strict=True):
            self._list.rows[known.name].show_state(
                folder,
                in_use=self._document.settings.dataset == known.name,
                downloading=known.name == self._downloading,
                why_no_download=f"One at a time: {busy} is being downloaded." if busy else "",
                why_no_use=LOCKED_REASON if self._document.locked else "",
            )


def _folder_of(known: KnownSet) -> str:
    """Return where a set is; empty if it is not here."""
    try:
        return str(known.find())
    except DataError:
        return ""
