"""TimeMachine: names the checkpoint that the panels show, and leads out of it: back or on."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu

from engine.model.project import Project
from engine.text.words import percent
from gui.background.latest_task import LatestTask
from gui.document.document import LOCKED_REASON
from gui.forms.inputs import DATA_FILTER
from gui.state import ShownCheckpoint
from gui.widgets.buttons import enable, make_action
from gui.window.checkpoint_bar import CheckpointBar
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from gui.runs.run_rows import RunRow

_TIP = "Say where the images are that this run was trained with; the open data stays"
_READS = "The images are being compared with those that the run was trained with."
_NOT_READ = "{} cannot be read as what this run was trained with."
_OTHERS = (
    "{} holds other images than those that this run was trained with, or more or fewer of them. "
    "Choose the folder or file that it was trained with."
)
_NOT_THERE = "The panels show the network as it is now. Choose an epoch of a run under Runs."
_BACK = "Show the network as it is now (Esc)"
_CONTINUE = "Make this network the present one and train it on; Undo brings the present one back"
_BARE = (
    "This run has kept weights alone: training goes on from them without what the optimizer "
    "remembered."
)
_OTHER_IMAGES = "Its own images are not here: training goes on with the open ones."
_GONE = "its run is gone from the list"
_TOPIC = "data of a run"
_BETWEEN = " · "
_NO_IMAGES = "its images are not here"
_STANDS_IN = "with the open images, for its own are not here"
_STAYS = (
    "The stage and what the network is tried on show this checkpoint, Loss the curves of its run. "
    "The list of blocks, the settings and Data are of now: whatever you edit is the present "
    "network."
)


class FindData(Presenter):
    """Offers it in the bar over the panels; what was chosen must have the run's fingerprint.

    A run of another program may tell none: then it is what the user says that it is.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._task = LatestTask(self)
        act = partial(make_action, self._window)
        self._folder = act("find_data_folder", "&Folder…", self._ask_folder)
        self._file = act("find_data_file", "F&ile…", self._ask_file)
        self.action = act("find_data", "Find its &data", lambda: None)
        self._menu = QMenu(self._window)
        self._menu.addActions([self._folder, self._file])
        self.action.setMenu(self._menu)
        enable(self._folder, "Choose a folder of images, or of IDX files")
        enable(self._file, "Choose a .npz, .csv or .zip file")
        self._view.store.watch(lambda s: (s.checkpoint, s.samples, s.problem), self._offer)
        self._offer()

    def _offer(self) -> None:
        """Offer it where the images of a checkpoint are not here, and are not being read either."""
        look = self._view.state.look
        data = None if look is None else look.data
        if look is None:
            self._task.give_up()
            self._messages.unsay(_TOPIC)
        lacks = data is not None and (data.stands_in or bool(data.problem)) and not data.reading
        self._allow()
        self.action.setVisible(lacks)

    def _allow(self) -> None:
        enable(self.action, _TIP, unless=_READS if self._task.busy else "")

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, "Data of the run")
        if folder:
            self.take(folder)

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Data of the run", "", DATA_FILTER)
        if name:
            self.take(name)

    def take(self, path: str) -> None:
        """Show the run that is looked at with the data of a folder or file, if that is its own."""
        checkpoint = self._view.state.checkpoint
        if checkpoint is None:
            return
        project = checkpoint.run.description.project
        self._task.begin(
            lambda _report: _require_own(project, path),
            lambda _result: self._on_found(project, path),
            failed=self._on_others,
        )
        self._allow()

    def _on_found(self, project: Project, path: str) -> None:
        from engine.runs.data_place import own_data

        self._view.places[own_data(project)] = path
        self._messages.unsay(_TOPIC)
        self._allow()
        self._view.look_again()

    def _on_others(self, problem: str) -> None:
        self._allow()
        self._messages.say(_TOPIC, problem)


def _require_own(project: Project, path: str) -> None:
    """Raise DataError unless a folder or file holds what a project was trained with."""
    from engine.data.dataset import fingerprint
    from engine.errors import DataError
    from engine.training.samples import data_key, load_samples

    settings = project.settings.with_changes(dataset=path)
    try:
        samples = load_samples(project, key=data_key(settings))
    except DataError as fault:
        raise DataError(f"{_NOT_READ.format(path)} {fault}") from fault
    if project.data_digest not in ("", fingerprint(*samples)):
        raise DataError(_OTHERS.format(path))


class TimeMachine(Presenter):
    """Makes the bar over the panels, and the actions Back to now and Continue from here."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._listed: RunRow | None = None  # of the run that is shown, as it was listed last
        self._gone = False  # it is no longer
        self._note = ""  # what there is to say once training goes on
        make = partial(make_action, self._window)
        self.back: QAction = make("back_to_now", "&Back to now", self._view.back_to_now)
        self.go_on: QAction = make("continue_here", "Contin&ue from here", self._continue)
        self.find_data = FindData(context)
        self.bar = CheckpointBar(self.find_data.action, self.go_on, self.back)
        self.find_data.action.visibleChanged.connect(self._on_checkpoint)
        self._view.store.watch(
            lambda s: (s.checkpoint, s.document.locked, s.run.phase), self._on_checkpoint
        )
        self._view.store.watch(lambda s: s.run.phase, self._tell)
        self._on_checkpoint()

    @Slot()
    def _on_checkpoint(self) -> None:
        checkpoint = self._view.state.checkpoint
        reason = _NOT_THERE if checkpoint is None else ""
        enable(self.back, _BACK, unless=reason)
        enable(
            self.go_on,
            ". ".join(filter(None, (_CONTINUE, self._caveat(checkpoint)))),
            unless=reason or (LOCKED_REASON if self._document.locked else ""),
        )
        if checkpoint is None:
            self.bar.show_checkpoint("", "")
            return
        listed = self._listed
        run = (
            checkpoint.run if listed is None or listed.run.key != checkpoint.run.key else listed.run
        )
        name = f"{checkpoint.when[0].upper()}{checkpoint.when[1:]} of “{run.title}”"
        right, more = _right(checkpoint), self._more(checkpoint)
        gone = f"{_BETWEEN}{_GONE}" if self._gone else ""
        text = f"{name}{right}{more}"
        self.bar.show_checkpoint(f"{name}{gone}" if gone else text, f"{text}. {_STAYS}")

    @property
    def _stands_in(self) -> bool:
        """Whether a checkpoint is shown with the open data, since its own is not here."""
        look = self._view.state.look
        return look is not None and look.data.stands_in

    @property
    def _lack(self) -> str:
        """Say what is there in the place of the data of a checkpoint; empty: that itself."""
        if self._stands_in:
            return _STANDS_IN
        return _NO_IMAGES if self.find_data.action.isVisible() else ""

    def _caveat(self, checkpoint: ShownCheckpoint | None) -> str:
        """Say in what training on from there is not going on as the run did; empty: in nothing."""
        if checkpoint is None:
            return ""
        bare = "" if checkpoint.project.state is not None else _BARE
        return " ".join(filter(None, (bare, _OTHER_IMAGES if self._stands_in else "")))

    def _more(self, checkpoint: ShownCheckpoint) -> str:
        """Say what else there is to know of it."""
        trains = self._session.run.phase == "Training"
        words, listed = (
            "training goes on" if trains else "editing changes the current network",
            self._listed,
        )
        if listed is not None and listed.is_live and listed.run.key == checkpoint.run.key:
            run = listed.run
            words = f"live, epoch {run.age(run.epochs):,}"
            if run.metrics:
                words += f" of {run.age(max(run.metrics[-1].epochs, run.epochs)):,}"
        parts = [_GONE if self._gone else "", words, self._lack]
        return "".join(f"{_BETWEEN}{part}" for part in parts if part)

    @Slot(object, bool)
    def show_listed(self, row: "RunRow | None", gone: bool) -> None:
        """Say how the run that is shown was listed last, and whether it no longer is."""
        if (row, gone) != (self._listed, self._gone):
            self._listed, self._gone = row, gone
            self._on_checkpoint()

    @Slot()
    def _tell(self) -> None:
        """Say, once it trains on, what it lacks; if it does not, there is nothing to say."""
        phase = self._session.run.phase
        if phase == "Training" and self._note:
            self._messages.done(self._note)
        if phase != "Ready":  # which the network is first
            self._note = ""

    @Slot()
    def _continue(self) -> None:
        """Take the network of the checkpoint in the place of the present one, and train it on."""
        look = self._view.state.look
        if look is None or not self._document.may_edit():
            return
        checkpoint = look.checkpoint
        from engine.runs.data_place import with_data_at

        project = checkpoint.project
        if look.data.is_present:  # its own data may be open by another name
            project = with_data_at(project, self._document.settings.dataset)
        elif look.data.train is None:
            self._session.take_over(project.settings.dataset)
        self._note = self._caveat(checkpoint)
        self._view.back_to_now()
        within = project.trained_part > 0
        start = f"{'within' if within else 'from'} epoch {checkpoint.age + within:,}"
        self._edits.take_checkpoint(project, f"Continue {start}")
        self._session.train_or_pause()


def _right(checkpoint: ShownCheckpoint) -> str:
    """Say how many of the test images were right, if that is known."""
    told = (each for each in checkpoint.run.metrics if each.epoch == checkpoint.epoch)
    metrics = next(told, None)
    return "" if metrics is None else f" · {percent(metrics.test_accuracy)} of test images right"
