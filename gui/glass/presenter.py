"""GlassPresenter: Under glass with its views, and the frozen copies that are laid into it."""

from functools import partial

import numpy as np
from PySide6.QtCore import Slot

from engine.blocks import Convolutional
from engine.explain.convolution import Equation
from engine.explain.training_step import Phase
from engine.inspection.snapshot import Snapshot
from gui.background.jobs import Job, ReportProgress
from gui.glass.check_view import CheckView
from gui.glass.convolution_view import ConvolutionView
from gui.glass.panel import GlassPanel
from gui.glass.specimen import Front, Specimen, Subject
from gui.glass.step_view import StepView
from gui.widgets.empty_state import none_until, until_it_fits, when_there_is_data
from gui.widgets.sample_names import NOT_FINITE, image_title, one_of
from gui.workspace.context import Context, Presenter

_WHOLE, _FRONT = "Work out a training step", "Work out the blocks that fit"  # titles of jobs


class GlassPresenter(Presenter):
    """Works out a training step of the pinned sample, beside the window, while that is seen.

    While training runs, the copy under glass stays until a new one is wanted; else it follows.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.convolution = ConvolutionView()
        self.step = StepView()
        self.check = CheckView(self._jobs, lambda: self._view.state.samples)
        self.panel = GlassPanel(
            [
                ("Convolution", self.convolution),
                ("Training step", self.step),
                ("Gradient check", self.check),
            ]
        )
        self._subject: Subject | None = None  # of what is shown, or worked out, or was given up
        self._running = self._awaits_weights = False
        # Slot id of a block that is to be shown, and a cell of it (map, row, column).
        self._wanted: tuple[int, tuple[int, int, int] | None] | None = None
        self.panel.visibility_changed.connect(self._follow)
        self.panel.drawn.connect(self._show_wanted)
        self.panel.fresh.clicked.connect(self._take_present)
        self.step.convolution_wanted.connect(self._show_convolution)
        store = self._view.store
        store.watch(lambda s: s.document.opened, self._show_none)
        store.watch(lambda s: s.checkpoint, self._take_another)
        store.watch(lambda s: s.document.learned, self._on_weights)
        store.watch(
            lambda s: (s.stack, s.settings, s.trains, s.seen.snapshot, s.sees_nothing, s.problem),
            self._follow,
        )
        store.show(lambda s: s.trains, self.panel.set_training)
        self._jobs.changed.connect(self._take_turn)
        self._follow()

    def show_equation(self, position: int, equation: Equation) -> bool:
        """Show an equation of a Conv block. False: the newest copy is not drawn yet."""
        if self.panel.dirty:
            return False
        self.panel.tabs.setCurrentWidget(self.convolution)
        self.convolution.show_equation(position, equation)
        return True

    def show_frame(self, phase: Phase) -> bool:
        """Show the first frame of a phase of the training step. False: it is not drawn yet."""
        if self.panel.dirty or self.panel.specimen is None:
            return False
        self.panel.tabs.setCurrentWidget(self.step)
        frames = self.panel.specimen.step.frames
        number = next((n for n, frame in enumerate(frames) if frame.phase == phase), None)
        if number is not None:
            self.step.go_to(number)
        return True

    def show_block(self, slot_id: int, cell: tuple[int, int, int] | None = None) -> None:
        """Show what a block does, as soon as there is a step: a Conv by its cells."""
        self._wanted = slot_id, cell
        if not self.panel.dirty and not self._running:
            self._show_wanted()

    def _take_another(self) -> None:
        """Work out a step of another network."""
        self._subject = None
        self._follow()

    @Slot()
    def _on_weights(self) -> None:
        """Copy the weights that were asked for, even while they change all the time."""
        if self._awaits_weights:
            self._awaits_weights, self._subject = False, None
        self._follow()

    @Slot()
    def _follow(self) -> None:
        """Work out what is there now, unless it is shown or being worked out.

        While the weights change all the time, what is shown of the pinned sample stays.
        """
        state, project = self._view.state, self._view.project()
        snapshot, report = state.seen.snapshot, state.report
        if report.problem is not None and not report.front().rows:
            self._show_none(self._why_none())
            return
        if state.sees_nothing or (report.problem is not None and self.panel.specimen is not None):
            self._show_none(self._why_none())
        if snapshot is None or snapshot.sample.image.shape != project.stack.input_shape:
            return  # it is of the project before this one; the next is on its way
        if report.problem is None:
            if _target(snapshot) is None and snapshot.outputs is not None:
                self._show_none(NOT_FINITE)  # no class to bring out in a drawing
                return
            if snapshot.classes != project.settings.classes or _target(snapshot) is None:
                return  # as above
        subject, shown = Subject(project, snapshot.sample, _caption(snapshot)), self._subject
        if shown is not None and (
            shown.has_sample_of(subject) if state.trains else shown.is_like(subject)
        ):
            return
        if not self._running and self.panel.isVisible():
            self._work_out(subject, snapshot)

    @Slot()
    def _show_wanted(self) -> None:
        """Show the block that is wanted, once the step that has it is drawn."""
        if self._wanted is None or self.panel.specimen is None:
            return
        blocks, frames = self.panel.specimen.step.blocks, self.panel.specimen.step.frames
        slot_id, cell = self._wanted
        place = next((b.position for b in blocks if b.slot.id == slot_id), None)
        if place is None:
            return
        self._wanted = None
        if isinstance(blocks[place].slot.block, Convolutional):
            self._show_convolution(place)
            if cell is not None:
                self.convolution.show_cell(*cell)
            return
        self.panel.tabs.setCurrentWidget(self.step)
        self.step.go_to(next(n for n, frame in enumerate(frames) if frame.position == place))

    @Slot(int)
    def _show_convolution(self, position: int) -> None:
        """Show a Conv block cell by cell."""
        self.panel.tabs.setCurrentWidget(self.convolution)
        self.convolution.show_block(position)

    def _why_none(self) -> str:
        until = until_it_fits(self._view.state.report)
        if until:
            return none_until("training step", until)
        if self._view.state.problem:
            return self._view.state.problem
        return when_there_is_data("A training step")

    @Slot()
    def _take_present(self) -> None:
        """Take a step with the weights as they are now; while training, when these have come."""
        if self._view.state.trains:
            self._awaits_weights = True
            self._session.want_weights()
        else:
            self._take_another()

    def _show_none(self, *why: str) -> None:
        """Show nothing, and of what is being worked out nothing either."""
        self._subject = None
        self.panel.show_specimen(None, *why)

    def _work_out(self, subject: Subject, snapshot: Snapshot) -> None:
        """Work out a step beside the window, or the blocks that fit."""
        self._subject, self._running = subject, True
        if self._view.state.report.problem is not None:
            work = partial(_work_out_front, subject, self._why_none())
            self._jobs.start(Job(_FRONT, work, self._front_done, self._ended))
            return
        if self.panel.specimen is None:
            self.panel.show_specimen(None)  # whatever kept it from being worked out is over
        step = partial(_work_out_step, subject, _target(snapshot))
        self._jobs.start(Job(_WHOLE, step, self._done, self._ended))

    @Slot()
    def _take_turn(self) -> None:
        """Have a run give way while a step is worked out: it would take the time of both cores."""
        self._session.set_throttle("glass", self._jobs.title in (_WHOLE, _FRONT))

    def _front_done(self, front: Front) -> None:
        if self._view.state.report.problem is not None and self._subject is not None:
            self.panel.show_front(front)
        self._settle()

    def _done(self, specimen: Specimen) -> None:
        # Or else an edit came in between, or the data went.
        if self._view.state.report.problem is None and self._subject is not None:
            self.panel.show_specimen(specimen)
        self._settle()

    def _ended(self, problem: str) -> None:
        self.panel.show_specimen(None, problem or "Choose “Refresh”, or select another image.")
        self._settle()

    def _settle(self) -> None:
        """Go on with what has come meanwhile."""
        self._running = False
        self._follow()


def _target(snapshot: Snapshot) -> int | None:
    """Return the class that a step is to bring out: the true one, or of a drawing the predicted."""
    return snapshot.predicted if snapshot.label is None else snapshot.label


def _caption(snapshot: Snapshot) -> str:
    """Say which sample is pinned, and what the step takes it for."""
    sample, target = snapshot.sample, _target(snapshot)
    known = sample.label is not None
    title = image_title(sample.index, snapshot.class_name, sample.part)
    name = sample.name_of(target)
    return title if known or name is None else f"{title}, as {one_of(name)}"


def _work_out_front(subject: Subject, why: str, _report: ReportProgress) -> Front:
    """Run the blocks that fit, in the thread of a job."""
    from engine.explain.training_step import trace_front

    project, image = subject.project, subject.sample.inputs(np.float64)
    blocks = trace_front(project.check(), project.weights, project.settings, image)
    return Front(blocks, subject.caption, why)


def _work_out_step(subject: Subject, target: int | None, report: ReportProgress) -> Specimen:
    """Make a specimen, in the thread of a job."""
    from engine.explain.training_step import take_step

    project, sample, shapes = subject.project, subject.sample, subject.project.check()
    assert target is not None
    step = take_step(
        shapes,
        project.weights,
        project.settings,
        sample.inputs(np.float64),
        sample.classes.index(target),
        names=sample.class_names,
        scaling=sample.scaling,
        report_progress=report,
    )
    return Specimen(sample, step, project, shapes, subject.caption)
