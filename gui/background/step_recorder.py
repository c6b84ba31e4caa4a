"""StepRecorder: statistics of training steps and unit health, while they are looked at."""

import time

from engine.data.dataset import Dataset
from engine.inspection.unit_health import check_health, health_samples
from engine.machine.throttle import Throttle
from engine.model.network import Network
from engine.training.events import BatchDone
from engine.training.run import Training
from gui.background.mailbox import Outbox, Statistics

# All together take at most 2 % of the time.
SHARE = 0.005
STEP_SECONDS = 0.1
COUNT_SECONDS = HEALTH_SECONDS = 0.3


class StepRecorder:
    """Has steps observed and unit health checked, each at its pace, while the window wants them."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._wanted: Statistics = frozenset()
        self.start_at(0.0)
        self._stale = False
        self._health_pace = Throttle(least=HEALTH_SECONDS, share=SHARE)

    @property
    def due(self) -> bool:
        """Return whether unit health is wanted that is newer than the last."""
        return self._stale and "health" in self._wanted

    def want(self, wanted: Statistics) -> None:
        """Take what the window wants from now on."""
        self._stale = self._stale or "health" in wanted - self._wanted
        self._wanted = wanted

    def start_at(self, position: float) -> None:
        """Begin with another network, so many epochs old, of which the first step is observed.

        A short run may be over before the last one's costs let another step be observed.
        """
        self.position, self._stale = position, True
        self._step_pace = Throttle(least=STEP_SECONDS, share=SHARE)
        self._count_pace = Throttle(least=COUNT_SECONDS, share=SHARE)

    def renew(self) -> None:
        """Have the last unit health replaced: the network has changed, or rests now."""
        self._stale = True

    def give_up(self) -> None:
        """Try no more until there is something new: what failed would fail again."""
        self._stale = False

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
        self._stale = False
        if network is None or samples is None or samples.input_shape != network.input_shape:
            return
        inputs = health_samples(samples, network)
        started = time.thread_time()  # what other programs take is not taken from the training
        self._outbox.show(health=check_health(network, inputs, self.position))
        self._health_pace.spend(time.thread_time() - started)
