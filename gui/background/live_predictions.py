"""LivePredictions: renews what the network says of the samples, while it trains and at rest."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.machine.throttle import Throttle
from engine.training.dataset_batch import DatasetBatch
from engine.training.events import EpochDone
from engine.training.executor import Executor
from gui.background.mailbox import InView, Outbox, Predictions

SHARE = 0.006  # of a training's time; half of that for the samples in view
PREDICT_SECONDS = 1.0
WATCH_SECONDS = 0.2


class LivePredictions:
    """Predicts the samples that are shown: at a pace beside a training, and what is due at rest.

    To predict all samples can take long, so those that are in view are predicted anew more
    often. What the test after an epoch has found is shown, and not computed again. `due` says that
    what is shown is older than the network or the samples.
    """

    def __init__(self, outbox: Outbox) -> None:
        self.due = False
        self._outbox = outbox
        self._executor: Executor | None = None
        self._samples: Dataset | None = None
        self._watched: InView | None = None
        self._last: Predictions | None = None  # by the present network
        self._throttle = Throttle(least=PREDICT_SECONDS, share=SHARE)
        self._in_view_throttle = Throttle(least=WATCH_SECONDS, share=SHARE / 2)

    def use_executor(self, executor: Executor | None) -> None:
        """Predict by another network, or by none."""
        self._executor, self._last = executor, None

    def use_samples(self, samples: Dataset | None) -> None:
        """Predict other samples."""
        self._samples, self._last = samples, None
        self.due = True

    def watch(self, watched: InView) -> None:
        """Predict some samples more often than the others, for they are in view."""
        self._watched = watched

    def are_of(self, position: float | None) -> bool:
        """Return whether all that is shown was predicted at this time, such as after an epoch."""
        return self._last is not None and position is not None and self._last.position == position

    def keep_pace(self, position: float | None, watched_position: float, every_step: bool) -> None:
        """Predict, between two steps, all samples or those in view, if it is their turn.

        The positions are the times that predictions are said to be of, in epochs: `position` is
        None if it is not known how long the network was trained.
        """
        if self.due or self._throttle.due():
            self.predict(position)
        elif every_step or self._in_view_throttle.due():
            self._predict_watched(watched_position)

    def predict(self, position: float | None) -> None:
        """Predict all samples now, if there is a network that can."""
        samples, executor = self._samples, self._executor
        if executor is not None and executor.network.report.predicts and samples is not None:
            outputs = self._outputs(executor, samples, np.arange(len(samples)), self._throttle)
            self._show(Predictions(samples, outputs, position))
        self.due = False

    def show_epoch(self, event: EpochDone, test: Dataset | None) -> None:
        """Show what the test after an epoch has found, and put the next predictions off."""
        if self._samples is not None and self._samples is test:
            self._show(Predictions(self._samples, event.test.outputs, float(event.epoch)))
            self._throttle.put_off()

    def _predict_watched(self, position: float) -> None:
        """Predict the samples in view alone; the others stay as they were."""
        last, watched, executor = self._last, self._watched, self._executor
        if executor is None or last is None or watched is None or not watched.indices.size:
            return
        if watched.samples is not last.samples:
            return
        newer = self._outputs(executor, last.samples, watched.indices, self._in_view_throttle)
        outputs = last.outputs.copy()
        outputs[watched.indices] = newer
        self._show(Predictions(last.samples, outputs, last.position, position))

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
