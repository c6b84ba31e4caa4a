"""The presenter of the panels Kernels and Gradients: what each of them is told."""

from PySide6.QtCore import QObject, Signal, Slot

from engine.blocks import Conv
from engine.inspection.snapshot import Snapshot
from engine.inspection.unit_health import UnitHealth
from engine.model.stack import ShapeReport
from engine.training.step_statistics import StepStatistics
from gui.background.mailbox import LoadedData, Statistics
from gui.background.session import Session
from gui.background.view import View
from gui.panels.gradients import GradientsPanel
from gui.panels.kernels import KernelsPanel
from gui.widgets.empty_reasons import none_until, until_it_fits
from gui.widgets.messages import MessageBar

_TOPIC = "kernel of the past"
_PAST_KERNEL = "This kernel is of the past. To edit it, go back to now, or continue from here."


class KernelsAndGradientsPresenter(QObject):
    """Makes the panels Kernels and Gradients and passes on what the session brings.

    Steps are recorded at any time, so that they are there when the panels are looked at;
    unit health, which costs more, is checked only while one is, and when a run has come to rest.
    In a checkpoint of a kept run, its next step and its unit health are shown, while they are seen.

    `kernel_activated` carries slot id, map and channel from 0 of a kernel to edit.
    """

    kernel_activated = Signal(int, int, int)

    def __init__(
        self, view: View, session: Session, messages: MessageBar, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._session, self._messages = view, session, messages
        self.kernels = KernelsPanel()
        self.gradients = GradientsPanel()
        self._show_stack()
        view.report_changed.connect(self._on_report)
        view.stack_changed.connect(self._show_stack)
        view.stack_changed.connect(self._tell_changed)
        view.weights_changed.connect(self._tell_changed)
        view.run_started.connect(self._tell_changed)
        view.settings_changed.connect(self._count_batches)
        view.project_replaced.connect(self._on_project)
        session.state_changed.connect(self._ask)
        session.run_started.connect(self.gradients.start_run)
        view.checkpoint_changed.connect(self._on_checkpoint)
        view.snapshot_taken.connect(self._on_snapshot)
        view.kernels_taken.connect(self._on_snapshot)
        session.steps_observed.connect(self.gradients.add_steps)
        view.steps_observed.connect(self._on_steps)
        view.health_checked.connect(self._on_health)
        session.health_checked.connect(self.gradients.show_health)
        session.data_loaded.connect(self._on_data)
        view.samples_missing.connect(self._on_missing)
        session.was_reset.connect(self.gradients.start_run)
        self._snapshot: Snapshot | None = None
        self._run: str | None = None  # key of the one whose checkpoint is shown
        self.kernels.kernel_activated.connect(self._activate)
        self.kernels.visibility_changed.connect(self._ask)
        self.gradients.visibility_changed.connect(self._ask)
        self._ask()
        self._on_report(view.report)

    @Slot()
    def _ask(self) -> None:
        """Ask for steps at any time, and for unit health while that is seen.

        Unit health is asked for after a run, too.
        """
        gradients = self.gradients.isVisible()
        visible = gradients or self.kernels.isVisible()
        after = self._session.state in ("Paused", "Stopped", "Finished")
        health: Statistics = frozenset({"health"})
        steps: Statistics = frozenset({"steps"})
        self._session.want_statistics(steps | (health if visible or after else set()))
        seen: Statistics = health | (steps if gradients else set())
        self._view.want_statistics(seen if visible else frozenset())

    @Slot()
    def _show_stack(self) -> None:
        self.kernels.show_stack(self._view.stack)

    @Slot()
    def _tell_changed(self) -> None:
        """Say whether the network was changed since its last training step."""
        changed = self._view.changed_since_training
        self.kernels.set_changed(changed)
        self.gradients.set_changed(changed)

    @Slot(object)
    def _on_report(self, report: ShapeReport) -> None:
        self.gradients.set_obstacle(until_it_fits(report), len(report.front().rows))
        if report.problem is not None:  # what is known of the blocks that do not fit is over
            self.kernels.show_health(None)
            self._show_kernels()

    @Slot()
    def _count_batches(self) -> None:
        """Say in the gradients panel how many batches an epoch has."""
        self.gradients.curves.set_batches(self._session.batches_per_epoch())

    @Slot(object)
    def _on_data(self, data: LoadedData) -> None:
        self._count_batches()
        if data.test is None:
            self.gradients.show_nothing()

    @Slot()
    def _on_missing(self) -> None:
        self._snapshot = None
        self.kernels.show_snapshot(None)
        self.gradients.show_checkpoint(self._view.checkpoint is not None, self._view.problem)

    @Slot()
    def _on_checkpoint(self) -> None:
        """Forget results of another checkpoint; Gradients keeps those of the same run a while."""
        checkpoint = self._view.checkpoint
        if checkpoint is None:
            self._messages.unsay(_TOPIC)
        self.kernels.show_health(None)
        self.kernels.set_past(checkpoint is not None)
        run = None if checkpoint is None else checkpoint.run.key
        if checkpoint is not None and run == self._run and not self._view.problem:
            self.gradients.show_next_checkpoint(checkpoint.project.position)
        else:
            self.gradients.show_checkpoint(checkpoint is not None, self._view.problem)
        self._run = run
        self._tell_changed()

    @Slot(object)
    def _on_steps(self, steps: list[tuple[float, StepStatistics]]) -> None:
        if self._view.checkpoint is not None:
            self.gradients.show_step_of_checkpoint(steps[-1][1] if steps else None)

    @Slot(object)
    def _on_health(self, health: UnitHealth) -> None:
        checkpoint = self._view.checkpoint
        if checkpoint is None or health.position == checkpoint.project.position:
            self.kernels.show_health(health)
        if checkpoint is not None:
            self.gradients.show_health_of_checkpoint(health)

    @Slot(int, int, int)
    def _activate(self, slot_id: int, output: int, channel: int) -> None:
        """Have a kernel edited, if it is one of the present."""
        if self._view.checkpoint is None:
            self.kernel_activated.emit(slot_id, output, channel)
        else:
            self._messages.say(_TOPIC, _PAST_KERNEL)

    @Slot()
    def _on_project(self) -> None:
        """Forget what is known of the former project."""
        self.kernels.show_health(None)
        self.gradients.show_nothing()

    @Slot(object)
    def _on_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._show_kernels()

    def _show_kernels(self) -> None:
        """Show the kernels of the blocks that fit."""
        snapshot, report = self._snapshot, self._view.report
        if snapshot is None or report.problem is None:
            self.kernels.show_snapshot(snapshot)
            return
        snapshot = snapshot.within(report)
        waits = any(isinstance(row.slot.block, Conv) for row in report.rows[len(snapshot.blocks) :])
        if waits and all(block.kernels is None for block in snapshot.blocks):
            self.kernels.show_snapshot(None, none_until("kernels", until_it_fits(report)))
        else:
            self.kernels.show_snapshot(snapshot)
