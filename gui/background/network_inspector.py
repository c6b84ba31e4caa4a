"""NetworkInspector: takes snapshots and predictions, throttled beside a training, or at rest."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.data.dataset import Dataset
from engine.inspection.snapshot import Sample, copy_kernels, take_snapshot
from engine.machine.throttle import Throttle
from engine.model.network import Network
from engine.training.dataset_batch import DatasetBatch
from engine.training.executor import Executor
from engine.training.run import EpochDone
from gui.background.mailbox import InView, Outbox, Pin, Predictions
from gui.background.step_recorder import StepRecorder

# Snapshots and predictions together take at most 1.5 % of a training's time.
SHARE = 0.006
SNAPSHOT_SECONDS = 0.08
PREDICT_SECONDS = 1.0
WATCH_SECONDS = 0.2


class NetworkInspector:
    """Takes snapshots, predicts, checks unit health: each at its pace in training, all at rest.

    To predict all samples can take long, so those that are in view are predicted anew more
    often. What the test after an epoch has found is shown, and not computed again.
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
        self._watched: InView | None = None
        self._predictions: Predictions | None = None  # the last by the present network
        self._snapshot_due = self._predict_due = False
        self._snapshot_throttle = Throttle(least=SNAPSHOT_SECONDS, share=SHARE)
        self._predict_throttle = Throttle(least=PREDICT_SECONDS, share=SHARE)
        self._in_view_throttle = Throttle(least=WATCH_SECONDS, share=SHARE / 2)

    @property
    def due(self) -> bool:
        """Return whether something that is shown is older than the network or the samples."""
        return self._snapshot_due or self._predict_due or self.recorder.due

    # --- what there is to see ----------------------------------------------------------------

    def use_network(
        self, executor: Executor | None, position: float | None = 0.0, input_shape: Shape = ()
    ) -> None:
        """Look at another network by the executor that runs it, or at none.

        `position` is how long it was trained, in epochs, None if that is not known. Without a
        network, a sample of the input shape is seen alone.
        """
        self._executor, self._predictions = executor, None
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
        self._samples, self._predictions = samples, None
        self._pinned = Sample.of(samples, 0) if samples is not None and len(samples) else None
        self._snapshot_due = self._predict_due = True

    def pin(self, pin: Pin) -> None:
        """Take snapshots of another sample, or of a drawing."""
        if pin.samples is self._samples:
            self._pinned, self._snapshot_due = pin.sample, True

    def watch(self, watched: InView) -> None:
        """Predict some samples more often than the others, for they are in view."""
        self._watched = watched

    # --- when it is shown --------------------------------------------------------------------

    def keep_pace(self, *, every_step: bool = False) -> None:
        """Show, between two steps, what is due by its pace, or what can be seen of every step."""
        if every_step or self._snapshot_due or self._snapshot_throttle.due():
            self._take_snapshot()
        if self._predict_due or self._predict_throttle.due():
            self._predict()
        elif every_step or self._in_view_throttle.due():
            self._predict_watched()
        self.recorder.keep_pace(self._network, self._test)

    def catch_up(self) -> None:
        """Show, at rest, what is older than the network or the samples."""
        if self._snapshot_due:
            self._take_snapshot()
        if self._predict_due:
            self._predict()
        if self.recorder.due:
            self.recorder.check_health(self._network, self._test)

    def renew(self) -> None:
        """Have all that is shown replaced."""
        self._snapshot_due = self._predict_due = True
        self.recorder.renew()

    def give_up(self) -> None:
        """Try no more until there is something new: what failed would fail again."""
        self._snapshot_due = self._predict_due = False
        self.recorder.give_up()

    def show_epoch(self, event: EpochDone) -> None:
        """Show what the test after an epoch has found, and put the next predictions off."""
        if self._samples is not None and self._samples is self._test:
            self._show(Predictions(self._samples, event.test.outputs, float(event.epoch)))
            self._predict_throttle.put_off()

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
        samples, network = self._samples, self._network
        if network is not None and network.report.predicts and samples is not None:
            outputs = self._outputs(samples, np.arange(len(samples)), self._predict_throttle)
            self._show(Predictions(samples, outputs, self._position))
        self._predict_due = False

    def _predict_watched(self) -> None:
        """Predict the samples in view alone; the others stay as they were."""
        last, watched = self._predictions, self._watched
        if last is None or watched is None or not watched.indices.size:
            return
        if watched.samples is not last.samples:
            return
        outputs = last.outputs.copy()
        outputs[watched.indices] = self._outputs(
            last.samples, watched.indices, self._in_view_throttle
        )
        newer = Predictions(last.samples, outputs, last.position, self.recorder.position)
        self._show(newer)

    def _outputs(self, samples: Dataset, indices: NDArray[np.intp], throttle: Throttle) -> Array:
        executor = self._executor
        assert executor is not None
        return throttle.timed(lambda: executor.outputs(DatasetBatch(samples, indices)))

    def _show(self, predictions: Predictions) -> None:
        predictions.outputs.setflags(write=False)
        self._predictions = predictions
        self._outbox.show(predictions=predictions)
        self._in_view_throttle.put_off()
