"""TimeMachine: says which moment the panels show, and leads out of it: back, or on from there."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.runs.run_folder import Run
from engine.text.words import percent
from gui.background.session import Session
from gui.background.shown_moment import ShownMoment
from gui.background.view import View
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.presenters.find_data import FindData
from gui.presenters.following import Following
from gui.widgets.actions import enable, make_action
from gui.window.moment_bar import MomentBar

_NOT_THERE = "The panels show the network as it is now. Choose an epoch of a run under Runs."
_BACK = "Show the network as it is now (Esc)"
_CONTINUE = "Make this network the present one and train it on; Undo brings the present one back"
_BARE = (
    "This run has kept weights alone: training goes on from them without what the optimizer "
    "remembered."
)
_OTHER_IMAGES = "Its own images are not here: training goes on with the open ones."
_GONE = "its run is gone from the list"
_BETWEEN = " · "
_NO_IMAGES = "its images are not here"
_STANDS_IN = "with the open images, for its own are not here"
_STAYS = (
    "Feature maps, Kernels, Gradients, Predictions, Confusion matrix, Draw, Under glass and Living "
    "network show this moment, Loss the curves of its run. The list of blocks, the settings and "
    "Data are of now: whatever you edit is the present network."
)


class TimeMachine(QObject):
    """Makes the bar over the panels, and the actions Back to now and Continue from here.

    `said` carries a sentence.
    """

    said = Signal(str)

    def __init__(
        self,
        view: View,
        following: Following,
        document: Document,
        edits: Edits,
        session: Session,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._following = following
        self._view, self._document, self._edits = view, document, edits
        self._session = session
        self._listed: Run | None = None  # as the run that is shown was listed last
        self._gone = False  # it is no longer
        self._note = ""  # what there is to say once training goes on
        make = partial(make_action, parent)
        self.back: QAction = make("back_to_now", "&Back to now", self._back)
        self.go_on: QAction = make("continue_here", "Contin&ue from here", self._continue)
        self.find_data = FindData(view, parent)
        self.bar = MomentBar(following.newest, self.find_data.action, self.go_on, self.back)
        self.find_data.action.visibleChanged.connect(self._on_moment)
        view.moment_changed.connect(self._on_moment)
        following.changed.connect(self._on_moment)
        session.state_changed.connect(self._on_moment)
        document.locked_changed.connect(self._on_moment)
        document.stack_changed.connect(self._on_moment)
        self._on_moment()

    @Slot()
    def _on_moment(self) -> None:
        moment = self._view.moment
        reason = _NOT_THERE if moment is None else ""
        followed = self._following.run
        enable(self.back, _BACK, unless=reason if followed is None else "")
        enable(
            self.go_on,
            ". ".join(filter(None, (_CONTINUE, self._caveat(moment)))),
            unless=reason or (LOCKED_REASON if self._document.locked else ""),
        )
        if moment is None and followed is None:
            self.bar.show_moment((), "")
            return
        title = self._title(moment)
        name, more = self._name(moment, title), self._more(moment)
        right = "" if moment is None else _right(moment)
        gone = f"{_BETWEEN}{_GONE}" if self._gone else ""
        shorter = gone or right if followed is None else more
        texts = (f"{name}{right}{more}", f"{name}{shorter}", f"{name}{gone}")
        stays = _STAYS if moment is not None else ""
        self.bar.show_moment(texts, f"{name}{right}{more}. {stays}".rstrip(), cut=f"“{title}")

    @property
    def _stands_in(self) -> bool:
        """Whether a moment is shown with the open data, since its own is not here."""
        return self._view.data is not None and self._view.data.stands_in

    @property
    def _lack(self) -> str:
        """Say what is there in the place of the data of a moment; empty: that itself."""
        if self._stands_in:
            return _STANDS_IN
        return _NO_IMAGES if self.find_data.action.isVisible() else ""

    def _caveat(self, moment: ShownMoment | None) -> str:
        """Say in what training on from there is not going on as the run did; empty: in nothing."""
        if moment is None:
            return ""
        bare = "" if moment.project.state is not None else _BARE
        return " ".join(filter(None, (bare, _OTHER_IMAGES if self._stands_in else "")))

    def _title(self, moment: ShownMoment | None) -> str:
        """Return what the run is called, that is shown or followed: a user may have renamed it."""
        followed, listed = self._following.run, self._listed
        if moment is None or self._goes_along(moment):
            assert followed is not None
            return followed.title
        run = moment.run
        return run.title if listed is None or listed.folder != run.folder else listed.title

    def _name(self, moment: ShownMoment | None, title: str) -> str:
        """Name what is shown: an epoch of a run of some title, or a run that is followed."""
        following = self._following
        run = following.run
        if moment is not None and not self._goes_along(moment):
            return f"{moment.when[0].upper()}{moment.when[1:]} of “{title}”"
        assert run is not None
        behind = moment is not None and moment.epoch < run.epochs
        shown = f", shown: {moment.when}" if moment is not None and behind else ""
        return f"Following “{title}”: {following.lack or following.words}{shown}"

    def _more(self, moment: ShownMoment | None) -> str:
        """Say what else there is to know of it."""
        following = self._following
        run = following.run
        if run is None:
            trains = self._session.state == "Training"
            words = "training goes on" if trains else "edits change the present"
            if moment is not None and not self._is_of_open(moment):
                what = "trains on" if trains else "edits change"
                words = f"not the open network, which {what}"
        elif moment is None or self._goes_along(moment):
            lacking = f"{following.words} · the panels show the open network"
            words = lacking if following.lack else ""
        elif moment.run.folder == run.folder:
            words = f"followed: {following.words}"
        else:
            lack = f", {following.lack}" if following.lack else ""
            words = f"following “{run.title}”: {following.words}{lack}"
        parts = [_GONE if self._gone else "", words, self._lack]
        return "".join(f"{_BETWEEN}{part}" for part in parts if part)

    def _goes_along(self, moment: ShownMoment) -> bool:
        """Return whether a moment is shown because it is the newest of the run that is followed."""
        run = self._following.run
        return run is not None and self._following.goes_along and moment.run.folder == run.folder

    def _is_of_open(self, moment: ShownMoment) -> bool:
        stacks = moment.project.stack, self._document.stack
        shown, open_now = ([slot.block for slot in stack] for stack in stacks)
        return shown == open_now

    @Slot(object, bool)
    def show_listed(self, run: Run | None, gone: bool) -> None:
        """Say how the run that is shown was listed last, and whether it no longer is."""
        if (run, gone) != (self._listed, self._gone):
            self._listed, self._gone = run, gone
            self._on_moment()

    @Slot()
    def _back(self) -> None:
        """Show the present, and follow no run any more."""
        self._following.end()
        self._view.back_to_now()

    @Slot(str)
    def tell(self, state: str) -> None:
        """Say, once it trains on, what it lacks; if it does not, there is nothing to say."""
        if state == "Training" and self._note:
            self.said.emit(self._note)
        if state != "Ready":  # which the network is first
            self._note = ""

    @Slot()
    def _continue(self) -> None:
        """Take the network of the moment in the place of the present one, and train it on."""
        moment = self._view.moment
        if moment is None or not self._document.may_edit():
            return
        from engine.runs.data_place import with_data_at

        project, data = moment.project, self._view.data
        if not self._view.is_elsewhere:  # its own data may be open by another name
            project = with_data_at(project, self._document.settings.dataset)
        elif data is None or data.train is None:
            self._session.take_over(project.settings.dataset)
        self._note = self._caveat(moment)
        self._view.back_to_now()
        within = project.trained_part > 0
        start = f"{'within' if within else 'from'} epoch {moment.age + within:,}"
        self._edits.take_moment(project, f"Continue {start}")
        self._session.train_or_pause()


def _right(moment: ShownMoment) -> str:
    """Say how many of the test images were right, if that is known."""
    told = (each for each in moment.run.metrics if each.epoch == moment.epoch)
    metrics = next(told, None)
    return "" if metrics is None else f" · {percent(metrics.test_accuracy)} of test images right"
