"""NetworkInspector: looks into the network for the panels, beside a training and at rest."""

from engine.array_types import Array, Shape
from engine.data.dataset import Dataset
from engine.inspection.snapshot import Sample, copy_kernels, take_snapshot
from engine.machine.throttle import Throttle
from engine.model.network import Network
from engine.training.events import EpochDone
from engine.training.executor import Executor
from gui.background.live_predictions import LivePredictions
from gui.background.mailbox import InView, Outbox, Pin
from gui.background.step_recorder import StepRecorder

SHARE = 0.006  # of a training's time
SNAPSHOT_SECONDS = 0.08


class NetworkInspector:
    """Takes snapshots, has predictions and unit health renewed: each at its pace, all at rest."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.recorder = StepRecorder(outbox)
        self._predictions = LivePredictions(outbox)
        self._executor: Executor | None = None
        self._input_shape: Shape = ()
        self._first_kernels: dict[int, Array] = {}
        self._start_known = True
        self._test: Dataset | None = None
        self._samples: Dataset | None = None
        self._pinned: Sample | None = None  # what snapshots are of
        self._snapshot_due = False
        self._snapshot_throttle = Throttle(least=SNAPSHOT_SECONDS, share=SHARE)

    @property
    def due(self) -> bool:
        """Return whether something that is shown is older than the network or the samples."""
        return self._snapshot_due or self._predictions.due or self.recorder.due

    # --- what there is to see ----------------------------------------------------------------

    def use_network(
        self, executor: Executor | None, position: float | None = 0.0, input_shape: Shape = ()
    ) -> None:
        """Look at another network by the executor that runs it, or at none.

        `position` is how long it was trained, in epochs, None if that is not known. Without a
        network, a sample of the input shape is seen alone.
        """
        self._executor = executor
        self._predictions.use_executor(executor)
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
        self._samples = samples
        self._predictions.use_samples(samples)
        self._pinned = Sample.of(samples, 0) if samples is not None and len(samples) else None
        self._snapshot_due = True

    def pin(self, pin: Pin) -> None:
        """Take snapshots of another sample, or of a drawing."""
        if pin.samples is self._samples:
            self._pinned, self._snapshot_due = pin.sample, True

    def watch(self, watched: InView) -> None:
        """Predict some samples more often than the others, for they are in view."""
        self._predictions.watch(watched)

    # --- when it is shown --------------------------------------------------------------------

    def keep_pace(self, *, every_step: bool = False) -> None:
        """Show, between two steps, what is due by its pace, or what can be seen of every step."""
        if every_step or self._snapshot_due or self._snapshot_throttle.due():
            self._take_snapshot()
        self._predictions.keep_pace(self._position, self.recorder.position, every_step)
        self.recorder.keep_pace(self._network, self._test)

    def catch_up(self) -> None:
        """Show, at rest, what is older than the network or the samples."""
        if self._snapshot_due:
            self._take_snapshot()
        if self._predictions.due:
            self._predictions.predict(self._position)
        if self.recorder.due:
            self.recorder.check_health(self._network, self._test)

    def renew(self, *, stepped: bool = False) -> None:
        """Have all that is shown replaced; where steps are all that changed it, what is older."""
        self._snapshot_due = True
        if not (stepped and self._predictions.are_of(self._position)):
            self._predictions.due = True
        self.recorder.renew()

    def give_up(self) -> None:
        """Try no more until there is something new: what failed would fail again."""
        self._snapshot_due = self._predictions.due = False
        self.recorder.give_up()

    def show_epoch(self, event: EpochDone) -> None:
        """Show what the test after an epoch has found, and put the next predictions off."""
        self._predictions.show_epoch(event, self._test)

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
