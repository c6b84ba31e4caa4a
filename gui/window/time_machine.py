"""TimeMachine: names the checkpoint that the panels show, and leads out of it: back or on."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from gui.document.document import LOCKED_REASON
from gui.state import Look
from gui.theme import GRID, PAST
from gui.widgets.buttons import action_button, enable, make_action
from gui.widgets.labels import ElidedLabel, FixedLabel, plain_tooltip
from gui.widgets.layouts import in_row, named
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from engine.runs.run_folder import Run

MARK = "↶"
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
_STAYS = (
    "The stage and what the network is tried on show this checkpoint, Loss the curves of its run. "
    "The list of blocks, the settings and Data are of now: whatever you edit is the present "
    "network."
)


class CheckpointBar(QWidget):
    """Which checkpoint is shown, what that means, and the ways out; hidden in the present."""

    def __init__(self, *ways_out: QAction) -> None:
        super().__init__()
        self.setObjectName("moment_bar")
        self.setAccessibleName("Moment that the panels show")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(PAST)
        mark, self.text = QLabel(MARK), named(ElidedLabel(), "moment")
        for label in (mark, self.text):
            label.setForegroundRole(QPalette.ColorRole.Window)
        buttons = [action_button(action) for action in ways_out]
        for button in buttons:
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click hides the bar: focus stays
        in_row(
            mark,
            (FixedLabel(self.text), 1),
            *buttons,
            of=self,
            gap=GRID,
            margins=(GRID, 0, GRID, 0),
        )
        self.hide()

    def show_checkpoint(self, text: str) -> None:
        """Say which checkpoint is shown; none: hide."""
        self.setVisible(bool(text))
        if text:
            self.text.setText(text)
            self.text.setToolTip(plain_tooltip(f"{text}. {_STAYS}"))
            self.text.setAccessibleName(text)


class TimeMachine(Presenter):
    """Makes the bar over the panels, and the actions Back to now and Continue from here."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        make = partial(make_action, self._window)
        self.back: QAction = make("back_to_now", "&Back to now", self._view.back_to_now)
        self.go_on: QAction = make("continue_here", "Contin&ue from here", self._continue)
        self.bar = CheckpointBar(self.go_on, self.back)
        self._view.store.watch(
            lambda s: (
                s.look and s.look.data,
                s.checkpoint,
                s.listed_runs,
                s.document.locked,
                s.run.phase,
            ),
            self._show,
        )
        self._show()

    def _show(self) -> None:
        """Name the checkpoint, what there is to know of it, and how it can be left."""
        look = self._view.state.look
        reason = _NOT_THERE if look is None else ""
        enable(self.back, _BACK, unless=reason)
        enable(
            self.go_on,
            ". ".join(filter(None, (_CONTINUE, "" if look is None else _caveat(look)))),
            unless=reason or (LOCKED_REASON if self._document.locked else ""),
        )
        self.bar.show_checkpoint("" if look is None else _BETWEEN.join(self._parts(look)))

    def _parts(self, look: Look) -> Iterator[str]:
        """Say which checkpoint it is, and what else there is to know of it."""
        checkpoint, listed = look.checkpoint, self._view.state.listed_run
        run = listed or checkpoint.run
        yield f"{checkpoint.when[0].upper()}{checkpoint.when[1:]} of “{run.short_title}”"
        if listed is None:
            yield _GONE
        yield self._what_goes_on(run)
        if look.data.stands_in:
            yield "with the open images, for its own are not here"
        elif look.data.problem and not look.data.reading:
            yield "its images are not here"

    def _what_goes_on(self, run: "Run") -> str:
        """Say what is done meanwhile, by this window or by another program that trains the run."""
        origin = self._document.learned.origin
        if run.state == "training" and (origin is None or origin.run != run.id):
            of = run.metrics[-1].epochs if run.metrics else 0
            live = f"live, epoch {run.age(run.epochs):,}"
            return f"{live} of {run.age(max(of, run.epochs)):,}" if of else live
        trains = self._session.run.phase == "Training"
        return "training goes on" if trains else "editing changes the current network"

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
        self._view.back_to_now()
        within = project.trained_part > 0
        start = f"{'within' if within else 'from'} epoch {checkpoint.age + within:,}"
        # Another network, of a run of another file, is not to be saved over what is open.
        path, of_run = self._document.path, checkpoint.run.description.file_name
        is_same = project.stack.is_same_network(self._document.stack)
        leaves = path is not None and path.stem != of_run and not is_same
        self._edits.take_checkpoint(project, f"Continue {start}", leaves_file=leaves)
        self._session.train_or_pause()


def _caveat(look: Look) -> str:
    """Say in what training on from there is not going on as the run did; empty: in nothing."""
    bare = "" if look.checkpoint.project.state is not None else _BARE
    return " ".join(filter(None, (bare, _OTHER_IMAGES if look.data.stands_in else "")))
