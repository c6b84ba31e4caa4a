"""NetworkInspector: looks into the network for the panels, beside a training and at rest."""

import time

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.data.dataset import Dataset
from engine.inspection.snapshot import Sample, copy_kernels, take_snapshot
from engine.inspection.unit_health import check_health, health_samples
from engine.machine.throttle import Throttle
from engine.model.network import Network
from engine.training.dataset_batch import DatasetBatch
from engine.training.events import BatchDone, EpochDone
from engine.training.executor import Executor
from engine.training.run import Training
from gui.background.mailbox import Outbox, Pin, Statistics, VisibleSamples
from gui.state import Predictions

# All together take at most 2 % of the time.
STEP_SHARE = 0.005
STEP_SECONDS = 0.1
COUNT_SECONDS = HEALTH_SECONDS = 0.3


class StepRecorder:
    """Has steps observed and unit health checked, each at its pace, while the window wants them."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._wanted: Statistics = frozenset()
        self.start_at(0.0)
        self.stale = False  # whether the network is another than that of the last unit health
        self._health_pace = Throttle(least=HEALTH_SECONDS, share=STEP_SHARE)

    @property
    def due(self) -> bool:
        """Return whether unit health is wanted that is newer than the last."""
        return self.stale and "health" in self._wanted

    def want(self, wanted: Statistics) -> None:
        """Take what the window wants from now on."""
        self.stale = self.stale or "health" in wanted - self._wanted
        self._wanted = wanted

    def start_at(self, position: float) -> None:
        """Begin with another network, so many epochs old, of which the first step is observed.

        A short run may be over before the last one's costs let another step be observed.
        """
        self.position, self.stale = position, True
        self._step_pace = Throttle(least=STEP_SECONDS, share=STEP_SHARE)
        self._count_pace = Throttle(least=COUNT_SECONDS, share=STEP_SHARE)

    def before_step(self, training: Training, *, alone: bool) -> None:
        """Have the next step observed if it is time, or if it stands alone."""
        if "steps" in self._wanted and (alone or self._step_pace.due()):
            training.observe(counts=alone or self._count_pace.due())

    def after_step(self, event: BatchDone) -> None:
        """Show what the step told."""
        self.position = event.position
        if event.statistics is not None:
            self._step_pace.spend(event.statistics.seconds)
            if event.statistics.counting_seconds:
                self._count_pace.spend(event.statistics.counting_seconds)
            self._outbox.add_step(event.position, event.statistics)

    def keep_pace(self, network: Network | None, samples: Dataset | None) -> None:
        """Check the unit health between two steps if it is time."""
        if "health" in self._wanted and self._health_pace.due():
            self.check_health(network, samples)

    def check_health(self, network: Network | None, samples: Dataset | None) -> None:
        """Check the health of all units and show it."""
        self.stale = False
        if network is None or samples is None or samples.input_shape != network.input_shape:
            return
        inputs = health_samples(samples, network)
        started = time.thread_time()  # what other programs take is not taken from the training
        self._outbox.show(health=check_health(network, inputs, self.position))
        self._health_pace.spend(time.thread_time() - started)


SHARE = 0.006  # of a training's time; half of that for the samples in view
SNAPSHOT_SECONDS = 0.08
PREDICT_SECONDS = 1.0
WATCH_SECONDS = 0.2


class NetworkInspector:
    """Takes snapshots, predicts samples, has unit health renewed: each at its pace, all at rest.

    To predict all samples can take long, so those that are in view are predicted anew more often.
    What the test after an epoch has found is shown, and not computed again.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.recorder = StepRecorder(outbox)
        self._executor: Executor | None = None
        self._input_shape: Shape = ()
        self._first_kernels: dict[int, Array] = {}
        self._start_known = True
        self._test: Dataset | None = None
        self._samples: Dataset | None = None
        self._pinned: Sample | None = None  # what snapshots are of
        self._watched: VisibleSamples | None = None
        self._last: Predictions | None = None  # by the present network
        self._snapshot_due = self._predictions_due = False
        self._snapshot_throttle = Throttle(least=SNAPSHOT_SECONDS, share=SHARE)
        self._throttle = Throttle(least=PREDICT_SECONDS, share=SHARE)
        self._in_view_throttle = Throttle(least=WATCH_SECONDS, share=SHARE / 2)

    @property
    def due(self) -> bool:
        """Return whether something that is shown is older than the network or the samples."""
        return self._snapshot_due or self._predictions_due or self.recorder.due

    # --- what there is to see ----------------------------------------------------------------

    def use_network(
        self, executor: Executor | None, position: float | None = 0.0, input_shape: Shape = ()
    ) -> None:
        """Look at another network by the executor that runs it, or at none.

        `position` is how long it was trained, in epochs, None if that is not known. Without a
        network, a sample of the input shape is seen alone.
        """
        self._executor, self._last = executor, None
        self._snapshot_throttle = Throttle(least=SNAPSHOT_SECONDS, share=SHARE)
        self._input_shape = input_shape if executor is None else executor.network.input_shape
        if executor is not None:
            self._first_kernels = copy_kernels(executor.network)
            self._start_known = position is not None
            self.recorder.start_at(position or 0.0)

    def use_test(self, test: Dataset | None) -> None:
        """Take other test samples: for the unit health, and to be shown until others are."""
        self._test = test
        self.use_samples(test)

    def use_samples(self, samples: Dataset | None) -> None:
        """Show other samples; the first of them is pinned."""
        self._samples, self._last = samples, None
        self._pinned = Sample.of(samples, 0) if samples is not None and len(samples) else None
        self._snapshot_due = self._predictions_due = True

    def pin(self, pin: Pin) -> None:
        """Take snapshots of another sample, or of a drawing."""
        if pin.samples is self._samples:
            self._pinned, self._snapshot_due = pin.sample, True

    def watch(self, watched: VisibleSamples) -> None:
        """Predict some samples more often than the others, for they are in view."""
        self._watched = watched

    # --- when it is shown --------------------------------------------------------------------

    def keep_pace(self, *, every_step: bool = False) -> None:
        """Show, between two steps, what is due by its pace, or what can be seen of every step."""
        if every_step or self._snapshot_due or self._snapshot_throttle.due():
            self._take_snapshot()
        if self._predictions_due or self._throttle.due():
            self._predict()
        elif every_step or self._in_view_throttle.due():
            self._predict_watched()
        self.recorder.keep_pace(self._network, self._test)

    def catch_up(self) -> None:
        """Show, at rest, what is older than the network or the samples."""
        if self._snapshot_due:
            self._take_snapshot()
        if self._predictions_due:
            self._predict()
        if self.recorder.due:
            self.recorder.check_health(self._network, self._test)

    def renew(self, *, stepped: bool = False) -> None:
        """Have all that is shown replaced; where steps are all that changed it, what is older."""
        self._snapshot_due = True
        newest, position = self._last, self._position
        is_new = newest is not None and position is not None and newest.position == position
        if not (stepped and is_new):
            self._predictions_due = True
        self.recorder.stale = True

    def give_up(self) -> None:
        """Try no more until there is something new: what failed would fail again."""
        self._snapshot_due = self._predictions_due = self.recorder.stale = False

    def show_epoch(self, event: EpochDone) -> None:
        """Show what the test after an epoch has found, and put the next predictions off."""
        if self._samples is not None and self._samples is self._test:
            self._show(Predictions(self._samples, event.test.outputs, float(event.epoch)))
            self._throttle.put_off()

    # --- how it is found ---------------------------------------------------------------------

    @property
    def _network(self) -> Network | None:
        return self._executor.network if self._executor is not None else None

    @property
    def _position(self) -> float | None:
        """How long the network was trained; None if that is not known, until a step is taken."""
        position = self.recorder.position
        return position if position or self._start_known else None

    def _take_snapshot(self) -> None:
        network, sample, self._snapshot_due = self._network, self._pinned, False
        if sample is None or sample.image.shape != self._input_shape:
            return
        kernels, position = self._first_kernels, self._position
        self._snapshot_throttle.timed(
            lambda: self._outbox.show(snapshot=take_snapshot(network, sample, kernels, position))
        )

    def _predict(self) -> None:
        """Predict all samples now, if there is a network that can."""
        samples, executor = self._samples, self._executor
        if executor is not None and executor.network.report.predicts and samples is not None:
            outputs = self._outputs(executor, samples, np.arange(len(samples)), self._throttle)
            self._show(Predictions(samples, outputs, self._position))
        self._predictions_due = False

    def _predict_watched(self) -> None:
        """Predict the samples in view alone; the others stay as they were."""
        last, watched, executor = self._last, self._watched, self._executor
        if executor is None or last is None or watched is None or not watched.indices.size:
            return
        if watched.samples is not last.samples:
            return
        newer = self._outputs(executor, last.samples, watched.indices, self._in_view_throttle)
        outputs = last.outputs.copy()
        outputs[watched.indices] = newer
        self._show(Predictions(last.samples, outputs, last.position, self.recorder.position))

    def _outputs(
        self, executor: Executor, samples: Dataset, indices: NDArray[np.intp], throttle: Throttle
    ) -> Array:
        return throttle.timed(
            lambda: executor.outputs(DatasetBatch(samples, indices, numerics=executor.numerics))
        )

    def _show(self, predictions: Predictions) -> None:
        predictions.outputs.setflags(write=False)
        self._last = predictions
        self._outbox.show(predictions=predictions)
        self._in_view_throttle.put_off()
