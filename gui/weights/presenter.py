"""The presenter of the panels Kernels and Gradients: what each of them is told."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Slot

from engine.model.stack import ShapeReport
from gui.background.mailbox import Statistics
from gui.weights.gradients import GradientsPanel
from gui.weights.kernels import KernelsPanel
from gui.widgets.empty_state import none_until, until_it_fits
from gui.workspace.context import Context, Presenter
from gui.workspace.panel import BasePanel

_TOPIC = "kernel of the past"
_PAST_KERNEL = "This kernel is of the past. To edit it, go back to now, or continue from here."


class KernelsAndGradientsPresenter(Presenter):
    """Makes the panels Kernels and Gradients and passes on what the session brings.

    Steps are recorded at any time, so that they are there when the panels are looked at;
    unit health, which costs more, is checked only while one is, and when a run has come to rest.
    In a checkpoint of a kept run, its next step and its unit health are shown, while they are seen.
    `edit_kernel` is given slot id, map and channel from 0 of a kernel to edit.
    """

    def __init__(self, context: Context, edit_kernel: Callable[[int, int, int], object]) -> None:
        super().__init__(context)
        self._edit_kernel = edit_kernel
        self.kernels = KernelsPanel()
        self.gradients = GradientsPanel()
        store = self._view.store
        store.show(lambda s: s.stack, self.kernels.show_stack)
        store.show(lambda s: s.selected, self.kernels.show_selected)
        store.show(lambda s: s.report, self._on_report)
        store.show(lambda s: s.changed_since_training, self.kernels.set_changed)
        store.show(lambda s: s.changed_since_training, self.gradients.set_changed)
        store.watch(lambda s: (s.document.settings, s.data.loaded), self._count_batches)
        store.watch(lambda s: s.document.opened, self._forget)
        store.watch(lambda s: s.document.resets, self.gradients.start_run)
        store.watch(lambda s: (s.checkpoint, s.problem), self._on_checkpoint)
        store.watch(lambda s: (s.sees_nothing, s.look is None), self._on_nothing)
        store.watch(lambda s: s.seen.kernels, self._show_kernels)
        store.watch(lambda s: s.seen.health, self._on_health)
        store.watch(lambda s: s.now.health, self._show_health_of_units)
        store.watch(lambda s: s.look and s.look.seen.steps, self._show_step_of_checkpoint)
        store.watch(lambda s: s.run.phase, self._ask)
        self._session.run_started.connect(self.gradients.start_run)
        self._session.steps_observed.connect(self.gradients.add_steps)
        self._run: str | None = None  # key of the one whose checkpoint is shown
        self.kernels.kernel_activated.connect(self._activate)
        self._seen = {self.kernels: False, self.gradients: False}
        for panel in self._seen:
            panel.visibility_changed.connect(partial(self._on_seen, panel))
        self._ask()

    def _on_seen(self, panel: BasePanel, seen: bool) -> None:
        self._seen[panel] = seen  # in a window that is taken apart, nobody can be asked any more
        self._ask()

    @Slot()
    def _ask(self) -> None:
        """Ask for steps at any time, and for unit health while that is seen.

        Unit health is asked for after a run, too.
        """
        gradients, visible = self._seen[self.gradients], any(self._seen.values())
        after = self._session.run.phase in ("Paused", "Stopped", "Finished")
        health: Statistics = frozenset({"health"})
        steps: Statistics = frozenset({"steps"})
        self._session.want_statistics(steps | (health if visible or after else set()))
        seen: Statistics = health | (steps if gradients else set())
        self._view.want_statistics(seen if visible else frozenset())

    def _on_report(self, report: ShapeReport) -> None:
        self.gradients.set_obstacle(until_it_fits(report))
        if report.problem is not None:  # what is known of the blocks that do not fit is over
            self.kernels.show_health(None)
            self._show_kernels()

    @Slot()
    def _count_batches(self) -> None:
        """Say in the gradients panel how many batches an epoch has."""
        self.gradients.curves.set_batches(self._session.batches_per_epoch())

    def _on_nothing(self) -> None:
        """Show no kernels, and no gradients of the present, where there is no data."""
        state = self._view.state
        if state.sees_nothing:
            self._show_kernels()
            if state.look is None:
                self.gradients.show_nothing()
            self.gradients.show_checkpoint(state.look is not None, state.problem)

    @Slot()
    def _on_checkpoint(self) -> None:
        """Forget results of another checkpoint; Gradients keeps those of the same run a while."""
        checkpoint = self._view.state.checkpoint
        if checkpoint is None:
            self._messages.unsay(_TOPIC)
        self.kernels.show_health(None)
        run = None if checkpoint is None else checkpoint.run.key
        problem, is_past = self._view.state.problem, checkpoint is not None
        of_same = is_past and run == self._run and not problem
        self.gradients.show_checkpoint(is_past, problem, of_same=of_same)
        self._run = run

    def _show_step_of_checkpoint(self) -> None:
        look = self._view.state.look
        steps = None if look is None else look.seen.steps
        if steps is not None:
            self.gradients.show_step_of_checkpoint(steps[-1][1] if steps else None)

    def _show_health_of_units(self) -> None:
        health = self._view.state.now.health
        if health is not None:
            self.gradients.show_health(health)

    def _on_health(self) -> None:
        checkpoint, health = self._view.state.checkpoint, self._view.state.seen.health
        if health is None:
            return
        if checkpoint is None or health.position == checkpoint.project.position:
            self.kernels.show_health(health)
        if checkpoint is not None:
            self.gradients.show_health_of_checkpoint(health)

    @Slot(int, int, int)
    def _activate(self, slot_id: int, output: int, channel: int) -> None:
        """Have a kernel edited, if it is one of the present."""
        if self._view.state.checkpoint is None:
            self._edit_kernel(slot_id, output, channel)
        else:
            self._messages.say(_TOPIC, _PAST_KERNEL)

    def _forget(self) -> None:
        """Forget what is known of the former project."""
        self.kernels.show_health(None)
        self.gradients.show_nothing()

    def _show_kernels(self) -> None:
        """Show the kernels of the blocks that fit; while none are known, those from before."""
        state = self._view.state
        snapshot, report = state.seen.kernels, state.report
        if snapshot is None:
            if state.sees_nothing:
                self.kernels.show_snapshot(None)
            return
        if report.problem is None:
            self.kernels.show_snapshot(snapshot)
            return
        snapshot = snapshot.within(report)
        waits = any(row.slot.block.most_kernels() for row in report.rows[len(snapshot.blocks) :])
        if waits and all(block.kernels is None for block in snapshot.blocks):
            self.kernels.show_snapshot(None, none_until("kernels", until_it_fits(report)))
        else:
            self.kernels.show_snapshot(snapshot)
