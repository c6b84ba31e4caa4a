"""Looking: what is shown of the network, how often, and of which moment it is."""

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import BatchNorm, Conv, Dense, Dropout, MaxPool, ReLU, Reshape, Softmax
from engine.data.dataset import Dataset
from engine.data.sources import load
from engine.inspection.snapshot import Sample
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.templates import notebook
from engine.training.executor import Executor
from engine.training.run import BatchDone, EpochDone, Training
from gui.background.mailbox import InView, Outbox, Pin, Predictions
from gui.background.network_inspector import PREDICT_SECONDS, WATCH_SECONDS, NetworkInspector
from tests.engine.networks import predict
from tests.gui.driving import Driver

EXACT = 1e-5  # batches of other sizes are added up in other orders


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
        news = self.outbox.take()
        return news.predictions if news is not None else None

    def outputs(self) -> Array:
        """What the network as it is now says of all test samples."""
        return predict(self.training.network, self.test.batch_inputs(slice(None)))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench(monkeypatch)
    yield bench
    bench.training.close()


def same(one: Array, other: Array) -> bool:
    return bool(np.abs(one - other).max() < EXACT)


def test_predictions_are_of_the_moment_that_they_name(bench: Bench) -> None:
    position = bench.train(50)
    first = bench.keep_pace(0)
    assert first is not None
    assert (first.position, first.watched_position) == (position, None)
    assert position == 0.25
    assert same(first.outputs, bench.outputs())
    bench.train(10)
    assert bench.keep_pace(PREDICT_SECONDS - 0.01) is None
    later = bench.keep_pace(0.02)
    assert later is not None
    assert later.position == 0.3
    assert same(later.outputs, bench.outputs())
    assert not same(first.outputs, later.outputs)


def test_samples_in_view_are_predicted_between_times_and_the_others_stay(bench: Bench) -> None:
    bench.train(20)
    first = bench.keep_pace(0)
    assert first is not None
    seen = np.array([3, 200, 7])
    bench.inspector.watch(InView(bench.test, seen))
    bench.train(20)
    assert bench.keep_pace(WATCH_SECONDS - 0.01) is None
    newer = bench.keep_pace(0.02)
    assert newer is not None
    assert newer.samples is first.samples
    assert (newer.position, newer.watched_position) == (0.1, 0.2)
    assert same(newer.outputs[seen], bench.outputs()[seen])
    others = np.setdiff1d(np.arange(len(bench.test)), seen)
    np.testing.assert_array_equal(newer.outputs[others], first.outputs[others])
    assert not same(first.outputs[seen], newer.outputs[seen]), "what was shown is not written to"
    with pytest.raises(ValueError, match="read-only"):
        newer.outputs[0] = 0
    bench.train(20)
    assert bench.keep_pace(WATCH_SECONDS / 2) is None
    whole = bench.keep_pace(PREDICT_SECONDS)
    assert whole is not None
    assert (whole.position, whole.watched_position) == (0.3, None)
    assert same(whole.outputs, bench.outputs())


def test_what_was_in_view_of_other_samples_is_void(bench: Bench) -> None:
    bench.inspector.watch(InView(bench.test, np.array([0])))
    others = Dataset(bench.test.images[:5], bench.test.labels[:5], bench.test.classes)
    bench.inspector.use_samples(others)
    assert bench.keep_pace(0) is not None
    assert bench.keep_pace(2 * WATCH_SECONDS) is None
    bench.inspector.watch(InView(others, np.array([4])))
    assert bench.keep_pace(0) is not None


def test_the_test_after_an_epoch_is_shown_and_puts_the_next_predictions_off(bench: Bench) -> None:
    assert bench.keep_pace(0) is not None
    event = bench.end_epoch()
    bench.now += PREDICT_SECONDS + 1
    bench.inspector.show_epoch(event)
    news = bench.outbox.take()
    assert news is not None
    assert news.predictions is not None
    assert news.predictions.outputs is event.test.outputs
    assert (news.predictions.position, news.predictions.watched_position) == (1.0, None)
    assert same(event.test.outputs, bench.outputs())
    assert bench.keep_pace(PREDICT_SECONDS / 2) is None
    assert bench.keep_pace(PREDICT_SECONDS) is not None


def test_the_test_after_an_epoch_is_not_shown_for_other_samples(bench: Bench) -> None:
    others = Dataset(bench.test.images[:5], bench.test.labels[:5], bench.test.classes)
    bench.inspector.use_samples(others)
    assert bench.keep_pace(0) is not None
    bench.inspector.show_epoch(bench.end_epoch())
    assert bench.outbox.take() is None


def test_another_network_forgets_what_the_last_one_said(bench: Bench) -> None:
    bench.inspector.watch(InView(bench.test, np.array([0])))
    assert bench.keep_pace(0) is not None
    project = notebook()
    executor = Executor(project.network(), project.settings.loss)
    bench.inspector.use_network(executor, 2)
    assert bench.keep_pace(2 * WATCH_SECONDS) is None, "the others have nothing to stay at"
    bench.inspector.renew()
    bench.inspector.catch_up()
    news = bench.outbox.take()
    assert news is not None
    assert news.predictions is not None
    assert news.predictions.position == 2.0
    executor.close()


def test_at_rest_all_that_is_due_is_shown_once(bench: Bench) -> None:
    assert bench.inspector.due
    bench.inspector.catch_up()
    assert not bench.inspector.due
    news = bench.outbox.take()
    assert news is not None
    assert news.snapshot is not None
    assert news.snapshot.index == 0
    bench.inspector.pin(Pin(bench.test, Sample.of(bench.test, 4)))
    bench.inspector.catch_up()
    news = bench.outbox.take()
    assert news is not None
    assert news.snapshot is not None
    assert news.snapshot.index == 4
    assert news.predictions is None
    bench.inspector.use_network(None)
    bench.inspector.renew()
    bench.inspector.catch_up()
    assert not bench.inspector.due
    assert bench.outbox.take() is None


def test_inspection_between_steps_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = (Conv(depth=4), BatchNorm(), ReLU(), MaxPool(), Dropout(), Reshape(), Dense(units=2))
    stack = Stack().appended(*blocks, Softmax())
    project = Project(stack, Settings(batch_size=24, epochs=1, loss="cross_entropy"))
    bench = Bench(monkeypatch, project)
    bench.inspector.watch(InView(bench.test, np.arange(50)))
    whole = watched = 0
    for event in bench.events:
        if isinstance(event, BatchDone):
            bench.inspector.recorder.after_step(event)
            shown = bench.keep_pace(PREDICT_SECONDS / 2)
            whole += shown is not None and shown.watched_position is None
            watched += shown is not None and shown.watched_position is not None
    assert whole >= 2
    assert watched >= 2
    alone = Bench(monkeypatch, project)
    list(alone.events)
    expected, found = alone.training.weights(), bench.training.weights()
    for slot_id, arrays in expected.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(found[slot_id][name], array, err_msg=name)
    bench.training.close()
    alone.training.close()


def test_while_training_the_window_shows_of_which_moment_its_predictions_are(
    driver: Driver,
) -> None:
    news: list[Predictions] = []
    driver.window.session.predictions_made.connect(news.append)
    driver.type_into("setting.epochs", "2")
    driver.train()
    driver.settle()
    assert news[-1].position == 2.0
    positions = [one.position for one in news if one.position is not None]
    assert positions == sorted(positions)
    assert len(positions) == len(news)


def test_of_the_front_of_a_network_there_are_snapshots_and_no_predictions(bench: Bench) -> None:
    project = notebook()
    bad = dataclasses.replace(project.stack.slots[3], block=Conv(kernel_size=40))
    project = dataclasses.replace(project, stack=project.stack.replaced(bad))
    executor = Executor(project.front(), project.settings.loss)
    bench.inspector.use_network(executor)
    bench.inspector.pin(Pin(bench.test, Sample.of(bench.test, 4)))
    bench.inspector.renew()
    bench.inspector.catch_up()
    news = bench.outbox.take()
    assert news is not None
    assert news.snapshot is not None
    assert (news.snapshot.index, len(news.snapshot.blocks), news.snapshot.outputs) == (4, 3, None)
    assert news.predictions is None
    assert not bench.inspector.due
    executor.close()


def test_without_a_block_that_fits_the_sample_alone_is_seen(bench: Bench) -> None:
    bench.inspector.use_network(None, 0, bench.test.input_shape)
    bench.inspector.renew()
    bench.inspector.catch_up()
    news = bench.outbox.take()
    assert news is not None
    assert news.snapshot is not None
    assert (news.snapshot.index, news.snapshot.blocks, news.snapshot.outputs) == (0, (), None)
    assert news.predictions is None
