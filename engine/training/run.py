"""Training: the loop over epochs and mini-batches, as a plain generator of frozen events."""

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import is_finite, quiet_overflow
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.pass_context import PassContext
from engine.compute.plain_numerics import Numerics
from engine.data.dataset import Dataset
from engine.errors import InterruptedWorkError, TrainingError
from engine.machine.heap import give_back_memory
from engine.model.network import Network
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, ShapeReport
from engine.model.training_state import EpochPart, TrainingState, next_state
from engine.model.weights import Weights, initial_weights
from engine.text.letters import printable
from engine.training.captured_step import StepResult
from engine.training.dataset_batch import Augmentation, DatasetBatch
from engine.training.evaluation import Evaluation, evaluate
from engine.training.events import BatchDone, EpochDone, Event, Exploded, Finished, Interrupted
from engine.training.executor import Executor
from engine.training.optimizers import Locks, Optimizer, learning_rate_factor, make_rule
from engine.training.samples import check_data, epoch_order, split
from engine.training.step_statistics import StepStatistics, StepWatch
from engine.training.warm_up import loops_of


class Stopper:
    """Decides after each epoch whether a run has reached its target, or learns nothing more."""

    def __init__(
        self, settings: Settings, best_loss: float = math.inf, best_epoch: int = 0
    ) -> None:
        self._target = settings.target_accuracy / 100
        self._patience = settings.early_stopping
        self.best_loss, self.best_epoch = best_loss, best_epoch

    def look(self, epoch: int, test: Evaluation, validation: Evaluation | None) -> str:
        """Return the reason to stop now, after an epoch, or an empty text."""
        watched, name = (test, "test") if validation is None else (validation, "validation")
        if self._target and watched.accuracy >= self._target:
            return (
                f"The {name} accuracy of {watched.accuracy * 100:.2f} % reached the target in "
                f"epoch {epoch}."
            )
        if watched.loss < self.best_loss:
            self.best_loss, self.best_epoch = watched.loss, epoch
        if self._patience and epoch - self.best_epoch >= self._patience:
            return (
                f"The {name} loss was lowest in epoch {self.best_epoch} ({self.best_loss:.4g}) and "
                f"not lower in the {self._patience} epochs since."
            )
        return ""


_logger = logging.getLogger(__name__)
CHECKPOINT_SECONDS = 2.0


class Training:
    """One training run over a fitting stack.

    Whoever pulls the events sets the pace: not pulling is a pause, closing the generator is a stop,
    and between two events the weights are whole. `learning_rate` may be set at any time.
    `interrupted` is asked between blocks of work. From the kept weights and the `state` of one
    checkpoint it goes on exactly as if it had not stopped (see `next_state`); without a state a run
    begins after `first_epoch` epochs. It computes by `numerics`, or else as new networks do.
    `begun` is the state that it began with. `note` is a sentence where another twin computed what
    came before.

    Raises TrainingError if the stack does not fit or kept weights are not finite, DataError if the
    data does not suit it.
    """

    def __init__(
        self,
        report: ShapeReport,
        settings: Settings,
        train: Dataset,
        test: Dataset,
        kept: Weights | None = None,
        *,
        first_epoch: int = 0,
        state: TrainingState | None = None,
        threads: int | None = None,
        numerics: Numerics | None = None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        if report.problem is not None:  # one too large must not draw its weights first
            raise TrainingError(report.problem.text)
        for dataset in (train, test):
            check_data(report, dataset)
        give_back_memory()  # of a training before this one
        weights = initial_weights(report, settings.seed, settings.initializer, kept=kept)
        numerics = numerics or usual_numerics(network=loops_of(report, settings))
        self.network = Network(report, weights, numerics=numerics)
        broken = self.network.find_non_finite(train.batch_inputs(slice(0, 1)))
        if broken is not None:
            raise TrainingError(
                f"Training cannot start: {broken} are not all finite. Reset the network, or load "
                "other weights."
            )
        self.settings = settings
        self.learning_rate = settings.learning_rate
        self.train, self.validation = split(train, settings)
        self.data = train, test  # as it was given
        self.test = test
        begun = next_state(state, report, settings, len(train), first_epoch)
        title = self.network.numerics.TITLE
        self.note = ""
        if begun.numerics not in ("", title):
            self.note = (
                f"So far this network was trained in {printable(begun.numerics)}, from here on in "
                f"{title}: the last digits will differ from those of a training in one piece."
            )
        self.begun = begun = msgspec.structs.replace(begun, numerics=title)
        self.epochs_done, self.last_epoch = begun.epochs_done, begun.last_epoch
        self._part = begun.part
        self.executor = Executor(
            self.network, settings.loss, threads=threads, interrupted=interrupted
        )
        try:  # each of these takes memory, and may find none
            self._optimizer = Optimizer(
                make_rule(settings),
                self.network.parameters,
                self.executor.pool,
                self.network.numerics,
            )
            if begun.updates:
                self._optimizer.recall(begun.updates, begun.memories)
            self.lock(row.slot for row in report.rows)
            self._checkpoint = self.network.copy_weights()
            self._checkpoint_part = self._part
        except BaseException:
            self.close()
            raise
        self._checkpoint_time = time.perf_counter()
        self._stopper = Stopper(settings, begun.best_loss, begun.best_epoch)
        self._context = PassContext(seed=settings.seed)
        self._over = ""  # why the run ended before its goal
        self._exploded = False
        self._observing = self._counting = False
        self._statistics: StepStatistics | None = None

    @property
    def position(self) -> float:
        """How far training is, in epochs, such as 2.35."""
        return self.epochs_done + self.trained_part

    @property
    def trained_part(self) -> float:
        """The share of the epoch after those that is done."""
        return self._part.steps / self.steps

    @property
    def steps(self) -> int:
        """How many steps an epoch has."""
        return math.ceil(len(self.train) / self.settings.batch_size)

    @property
    def steps_left(self) -> int:
        """How many steps there are to the last epoch, unless the run is over before."""
        return (self.last_epoch - self.epochs_done) * self.steps - self._part.steps

    def lock(self, slots: Iterable[BlockSlot]) -> None:
        """Let the locked blocks and kernels of these slots stay as they are, from the next step on.

        Where a lock is taken off, the optimizer goes on with what it remembers from before.
        """
        self._locks = Locks(self.network, slots)
        self.executor.lock(self._locks.blocks)

    def replace_weights(self, weights: Weights) -> None:
        """Go on from other weights, such as those of an edited kernel, with the next step."""
        self.network.set_weights(weights)
        self.checkpoint()

    def observe(self, *, counts: bool = False) -> None:
        """Let the next step tell how large its gradients and its update are; it stays the same.

        With `counts`, it also tells how often which sizes occur among its gradients.
        """
        self._observing, self._counting = True, counts

    def close(self) -> None:
        """End the executor's threads."""
        self.executor.close()

    def run(self) -> Iterator[Event]:
        """Train to the last epoch; yield what happens."""
        self._over, outcome = "", "stopped"
        _logger.info("A run begins at epoch %.2f, up to epoch %d", self.position, self.last_epoch)
        try:
            for event in self.events():
                if isinstance(event, Exploded):
                    outcome = "exploded"
                elif isinstance(event, Finished):
                    outcome = event.reason or "finished"
                yield event  # after the last one no other may be pulled
        finally:  # also where it is closed
            _logger.info("The run ended at epoch %.2f: %s", self.position, outcome)

    def events(self) -> Iterator[Event]:
        """Do what `run` does, without a word of it in the log."""
        while self.epochs_done < self.last_epoch and not self._over:
            for event in self._epoch(self.epochs_done + 1):
                yield event
                if isinstance(event, Exploded):
                    _logger.warning("%s", event.fault)
                    return
        yield Finished(self.epochs_done, self._over)

    def weights(self) -> Weights:
        """Copy the weights as they are between two steps."""
        return self.network.copy_weights()

    def checkpoint(self) -> Weights | None:
        """Copy the weights to go back to them after an explosion; None if they are not finite.

        The copies are not to be written to.
        """
        if not all(map(is_finite, self.network.arrays.values())):
            return None
        self._checkpoint = self.network.copy_weights()
        self._checkpoint_part = self._part
        self._checkpoint_time = time.perf_counter()
        return self._checkpoint

    @property
    def finite_weights(self) -> Weights:
        """The last copy that an explosion would go back to, not to be written to.

        After the event of an epoch it is of that checkpoint.
        """
        return self._checkpoint

    def state(self) -> TrainingState | None:
        """Copy, between two steps, what besides the weights it takes to go on later.

        None if there is no going on: the run has exploded, a memory is not finite, or there is no
        room for the copies; the weights alone are worth keeping then.
        """
        try:
            memories = self._optimizer.memories()
        except MemoryError:
            return None
        if self._exploded or not all(map(is_finite, memories.values())):
            return None
        state = msgspec.structs.replace(
            self.begun,
            epochs_done=self.epochs_done,
            part=self._part,
            updates=self._optimizer.steps,
            memories=memories,
            best_loss=self._stopper.best_loss,
            best_epoch=self._stopper.best_epoch,
        )
        if self._over:  # whoever trains on gives it the whole patience again
            goal = self.epochs_done
            return msgspec.structs.replace(state, last_epoch=goal, best_loss=math.inf, best_epoch=0)
        return state

    def _epoch(self, epoch: int) -> Iterator[Event]:
        order = epoch_order(len(self.train), self.settings.seed, epoch)
        size = self.settings.batch_size
        steps = math.ceil(len(order) / size)
        change = Augmentation.of(self.settings, epoch)
        for step in range(self._part.steps + 1, steps + 1):
            batch = self._batch(order[(step - 1) * size : step * size], change)
            started = self._seconds_training()
            while (result := self._step(batch, epoch, step, steps)) is None:
                yield Interrupted()
                started = self._seconds_training()
            seconds = self._seconds_training() - started
            if not math.isfinite(result.loss_sum) or not self._finite():
                yield self._explosion(epoch, step, batch)
                return
            part = self._part
            self._part = EpochPart(
                step,
                part.loss_sum + result.loss_sum,
                part.correct + result.correct,
                part.seconds + seconds,
                min(part.lowest_rate, self.learning_rate),
                max(part.highest_rate, self.learning_rate),
            )
            yield BatchDone(
                epoch,
                step,
                steps,
                epoch - 1 + step / steps,
                result.loss_sum / len(batch),
                len(batch),
                self._statistics,
            )
        while (test := self._evaluate(self.test)) is None:
            yield Interrupted()
        validation = None
        while self.validation is not None and validation is None:
            if (validation := self._evaluate(self.validation)) is None:
                yield Interrupted()
        losses = [each.loss for each in (test, validation) if each is not None]
        if not all(map(math.isfinite, losses)) or self.checkpoint() is None:
            last = self._batch(order[(steps - 1) * size :], change)
            yield self._explosion(epoch, steps, last)
            return
        part, rate = self._part, self.learning_rate
        if not part.highest_rate:  # all steps were made before, and kept without their rates
            part = msgspec.structs.replace(part, lowest_rate=rate, highest_rate=rate)
        self._part = self._checkpoint_part = EpochPart()
        self.epochs_done = epoch
        event = EpochDone(
            epoch,
            self.last_epoch,
            part.loss_sum / len(order),
            part.correct / len(order),
            test.loss,
            test.accuracy,
            len(order) / max(part.seconds, 1e-9),
            part.seconds,
            test,
            part.highest_rate,
            part.lowest_rate,
            validation,
        )
        _logger.debug("Epoch %d: loss %.4g, test loss %.4g", epoch, event.loss, test.loss)
        # Before anyone can stop and ask for the state.
        self._over = self._stopper.look(epoch, test, validation)
        yield event

    def _step(self, batch: DatasetBatch, epoch: int, step: int, steps: int) -> StepResult | None:
        """Do one whole step; give None and change nothing if it is interrupted."""
        begun = self.begun
        start = begun.origin if self.settings.schedule == "step" else begun.first_epoch
        gone, whole = epoch - 1 - start + (step - 1) / steps, begun.last_epoch - begun.first_epoch
        rate = self.learning_rate * learning_rate_factor(self.settings, gone, whole)
        try:
            self._context.counters[0], self._context.counters[1] = epoch, step
            result = self.executor.gradients(batch, self._context)
            if math.isfinite(result.loss_sum):
                watch = None
                if self._observing:
                    watch = StepWatch(self.network, result.gradients, counts=self._counting)
                self._locks.update(self._optimizer, result.gradients, rate, steady=result.steady)
                self._statistics = watch.finish() if watch is not None else None
                self._observing = False
                self.executor.settle()
        except InterruptedWorkError:
            return None
        return result

    def _seconds_training(self) -> float:
        """Return a time in s that stands still while loops are compiled or loaded."""
        return time.perf_counter() - self.network.numerics.seconds_preparing()

    def _batch(self, indices: NDArray[np.int64], change: Augmentation | None) -> DatasetBatch:
        return DatasetBatch(self.train, indices, change, self.network.numerics)

    def _evaluate(self, dataset: Dataset) -> Evaluation | None:
        try:
            with quiet_overflow():
                return evaluate(self.executor, dataset)
        except InterruptedWorkError:
            return None

    def _finite(self) -> bool:
        """Return whether the weights are finite, as far as that was due to be looked at."""
        recent = time.perf_counter() - self._checkpoint_time < CHECKPOINT_SECONDS
        return recent or self.checkpoint() is not None

    def _explosion(self, epoch: int, step: int, batch: DatasetBatch) -> Exploded:
        inputs = batch.inputs(slice(0, 256), self.network.dtype)
        where = self.network.find_non_finite(inputs) or "the loss"
        self.network.set_weights(self._checkpoint)
        self._part = self._checkpoint_part
        self._exploded = True
        return Exploded(
            epoch,
            step,
            f"Training stopped in epoch {epoch}, batch {step}, at a learning rate of "
            f"{self.learning_rate:g}: {where} became infinite or not a number.",
        )


def observe_next_step(
    project: Project,
    train: Dataset,
    test: Dataset,
    interrupted: Callable[[], bool] = lambda: False,
) -> tuple[float, StepStatistics] | None:
    """Return where the step is, in epochs, and what it does to every block of a project.

    It is the step with which training would go on from the project, which stays as it is. None if
    the numbers grow without end in it, or `interrupted` says so before it is done. Raises
    TrainingError if the network does not fit, DataError if the data does not suit it.
    """
    training = Training(
        project.check(),
        project.settings,
        train,
        test,
        project.weights,
        first_epoch=project.trained_epochs,
        state=project.state,
        threads=1,
        interrupted=interrupted,
    )
    try:
        training.observe(counts=True)
        event = next(training.events())
    finally:
        training.close()
    if not isinstance(event, BatchDone) or event.statistics is None:
        return None
    return event.position, event.statistics
