"""Looking: what is shown of the network, how often, and of which moment it is."""

import dataclasses

import numpy as np
import pytest

from engine.blocks import BatchNorm, Conv, Dense, Dropout, MaxPool, ReLU, Reshape, Softmax
from engine.inspection.snapshot import Sample
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.templates import notebook
from engine.training.events import BatchDone
from engine.training.executor import Executor
from gui.background.live_predictions import PREDICT_SECONDS
from gui.background.mailbox import InView, Pin
from tests.gui.background.inspection import Bench


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
