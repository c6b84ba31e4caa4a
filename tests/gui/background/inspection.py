"""A training with an inspector beside it, whose clock stands until a test lets time pass."""

import itertools

import pytest

from engine.array_types import Array
from engine.data.sources import load
from engine.model.project import Project
from engine.model.templates import notebook
from engine.training.events import BatchDone, EpochDone
from engine.training.run import Training
from gui.background.mailbox import Outbox
from gui.background.network_inspector import NetworkInspector
from gui.state import Predictions
from tests.engine.networks import predict


class Bench:
    """A training, an inspector beside it, and a clock that stands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, project: Project | None = None) -> None:
        self.now = 100.0
        monkeypatch.setattr("engine.machine.throttle.time.perf_counter", lambda: self.now)
        project = project or notebook()
        settings = project.settings
        train, self.test = load(settings.dataset, settings.classes, settings.limit)
        self.training = Training(project.check(), settings, train, self.test)
        self.events = self.training.run()
        self.outbox = Outbox()
        self.inspector = NetworkInspector(self.outbox)
        self.inspector.use_network(self.training.executor, 0)
        self.inspector.use_test(self.test)

    def train(self, batches: int) -> float:
        """Train so many batches; return the time in epochs."""
        for event in itertools.islice(self.events, batches):
            assert isinstance(event, BatchDone)
            self.inspector.recorder.after_step(event)
            position = event.position
        return position

    def end_epoch(self) -> EpochDone:
        for event in self.events:
            if isinstance(event, BatchDone):
                self.inspector.recorder.after_step(event)
            elif isinstance(event, EpochDone):
                return event
        raise AssertionError

    def keep_pace(self, seconds: float) -> Predictions | None:
        """Let time pass, inspect, and give what is new."""
        self.now += seconds
        self.inspector.keep_pace()
        updates = self.outbox.take()
        return updates.predictions if updates is not None else None

    def outputs(self) -> Array:
        """What the network as it is now says of all test samples."""
        return predict(self.training.network, self.test.batch_inputs(slice(None)))
