"""TrainingRun: one run of the worker, with its clock; it puts the losses into the outbox."""

import time
from dataclasses import replace

from engine.model.project import Project, RunMoment
from engine.model.training_state import TrainingState
from engine.model.weights import Weights
from engine.training.events import BatchDone, EpochDone, Event
from engine.training.run import Training
from gui.background.mailbox import Inbox, LoadedData, Mode, Outbox
from gui.background.run_clock import RunClock
from gui.background.run_keeper import RunKeeper
from gui.background.step_recorder import StepRecorder


class TrainingRun:
    """A run from its start, or from where it was stopped, up to its end.

    A run that goes on from its own state keeps the losses that are shown.
    """

    def __init__(
        self,
        project: Project,
        data: LoadedData,
        recorder: StepRecorder,
        keeper: RunKeeper,
        inbox: Inbox,
        outbox: Outbox,
    ) -> None:
        self._recorder, self._inbox, self._outbox = recorder, inbox, outbox
        assert data.train is not None
        assert data.test is not None
        self.training = Training(
            project.check(),
            project.settings,
            data.train,
            data.test,
            project.weights,  # of the moment of the state
            first_epoch=project.trained_epochs,
            state=project.state,
            interrupted=inbox.urgent,
        )
        self._events = self.training.run()
        begun, position = self.training.begun, self.training.position
        self._begun_at = self.training.epochs_done, self.training.trained_part
        self._part_before = project.trained_part
        self.clock = RunClock(begun.first_epoch, begun.last_epoch - begun.first_epoch, position)
        if position == 0:
            outbox.start_run()
        self._kept = keeper.begin(project, self.training, data.digest)

    @property
    def moment(self) -> RunMoment | None:
        """The last whole epoch of the run as it is kept, or else what it goes on from."""
        return self._kept.moment

    @property
    def _trained_part(self) -> float:
        """The share of the epoch after those that are done which has led to the weights."""
        training = self.training
        is_at_start = (training.epochs_done, training.trained_part) == self._begun_at
        return self._part_before if is_at_start else training.trained_part

    def learned(self, project: Project, weights: Weights, state: TrainingState | None) -> Project:
        """Return a project with what the run has led to: these weights, and what goes with them."""
        return replace(
            project,
            weights=weights,
            trained_epochs=self.training.epochs_done,
            trained_part=self._trained_part,
            state=state,
            origin=self.moment,
        )

    def touch(self, project: Project, weights: Weights) -> None:
        """Go on with edited weights and locks, from the next step on."""
        self.training.replace_weights(weights)
        self.training.lock(project.stack)
        self._kept.stack = project.stack

    def end(self, state: str, reason: str = "") -> None:
        """Keep how the run ended, and why."""
        self._kept.end(state, reason)

    def _steps_to_rest(self, mode: Mode) -> int:
        """Return how many steps there are until training rests by itself: after an epoch or all."""
        left = self.training.steps_left
        return (left - 1) % self.training.steps + 1 if mode == "epoch" else left

    def advance(self, moment: float, mode: Mode, *, stepwise: bool) -> Event:
        """Train for a moment, in s, or up to an event that asks for more than showing its loss.

        The moment is over after a step if that is all that is to be done, or `stepwise`, or when a
        wish waits. A step after which training rests is observed, where that is known before it.
        Return the last event. What is done for every step is kept small: a step may take a tenth
        of a millisecond.
        """
        single = mode == "batch" or stepwise
        end = time.perf_counter() + moment
        positions: list[float] = []
        losses: list[float] = []
        samples = 0
        last: BatchDone | None = None
        left = self._steps_to_rest(mode)
        self._recorder.before_step(self.training, alone=single or left == 1)
        try:
            while True:
                event = next(self._events)
                if not isinstance(event, BatchDone):
                    if isinstance(event, EpochDone):
                        self._kept.after_epoch(event)
                    return event
                last = event
                positions.append(event.position)
                losses.append(event.loss)
                samples += event.samples
                if event.statistics is not None:
                    self._recorder.after_step(event)
                if single or self._inbox.waiting or time.perf_counter() >= end:
                    return event
                left -= 1
                if left == 1:
                    self._recorder.before_step(self.training, alone=True)
        finally:
            if last is not None:
                self._recorder.position = self.training.epochs_done + self._trained_part
                self.clock.count(samples)
                self._outbox.add_losses(positions, losses, self.clock.progress(last))
