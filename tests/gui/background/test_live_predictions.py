"""Predictions of the samples that are shown: how often, and of which moment they are."""

from typing import Any

import numpy as np
import pytest

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.inspection.snapshot import Snapshot, take_snapshot
from engine.model.templates import notebook
from engine.training.executor import Executor
from gui.background.mailbox import VisibleSamples
from gui.background.network_inspector import PREDICT_SECONDS, WATCH_SECONDS
from gui.state import Predictions
from tests.gui.background.inspection import Bench
from tests.gui.finding import not_none

EXACT = 1e-5  # batches of other sizes are added up in other orders


def same(one: Array, other: Array) -> bool:
    return bool(np.abs(one - other).max() < EXACT)


def test_predictions_are_of_the_moment_that_they_name(bench: Bench) -> None:
    position = bench.train(50)
    first = not_none(bench.keep_pace(0))
    assert (first.position, first.watched_position) == (position, None)
    assert position == 0.25
    assert same(first.outputs, bench.outputs())
    bench.train(10)
    assert bench.keep_pace(PREDICT_SECONDS - 0.01) is None
    later = not_none(bench.keep_pace(0.02))
    assert later.position == 0.3
    assert same(later.outputs, bench.outputs())
    assert not same(first.outputs, later.outputs)


def test_samples_in_view_are_predicted_between_times_and_the_others_stay(bench: Bench) -> None:
    bench.train(20)
    first = not_none(bench.keep_pace(0))
    seen = np.array([3, 200, 7])
    bench.inspector.watch(VisibleSamples(bench.test, seen))
    bench.train(20)
    assert bench.keep_pace(WATCH_SECONDS - 0.01) is None
    newer = not_none(bench.keep_pace(0.02))
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
    whole = not_none(bench.keep_pace(PREDICT_SECONDS))
    assert (whole.position, whole.watched_position) == (0.3, None)
    assert same(whole.outputs, bench.outputs())


def test_the_first_snapshot_of_each_network_puts_off_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = iter([0.06, 0.06, 0.001])  # the first of each loads what the others find there

    def take(*given: Any) -> Snapshot:
        bench.now += next(costs)
        return take_snapshot(*given)

    monkeypatch.setattr("gui.background.network_inspector.take_snapshot", take)
    for looks in (1, 2):
        bench.inspector.use_network(bench.training.executor, 0)
        for _ in range(looks):
            bench.keep_pace(0.2)
    assert next(costs, None) is None


def test_what_is_of_other_samples_is_void(bench: Bench) -> None:
    bench.inspector.watch(VisibleSamples(bench.test, np.array([0])))
    others = Dataset(bench.test.images[:5], bench.test.labels[:5], bench.test.classes)
    bench.inspector.use_samples(others)
    assert bench.keep_pace(0) is not None
    assert bench.keep_pace(2 * WATCH_SECONDS) is None
    bench.inspector.watch(VisibleSamples(others, np.array([4])))
    assert bench.keep_pace(0) is not None
    bench.inspector.show_epoch(bench.end_epoch())
    assert bench.outbox.take() is None, "the test after an epoch is of the others"


def test_the_test_after_an_epoch_is_shown_and_puts_the_next_predictions_off(bench: Bench) -> None:
    assert bench.keep_pace(0) is not None
    event = bench.end_epoch()
    bench.now += PREDICT_SECONDS + 1
    bench.inspector.show_epoch(event)
    updates = not_none(bench.outbox.take())
    assert updates.predictions is not None
    assert updates.predictions.outputs is event.test.outputs
    assert (updates.predictions.position, updates.predictions.watched_position) == (1.0, None)
    assert same(event.test.outputs, bench.outputs())
    assert bench.keep_pace(PREDICT_SECONDS / 2) is None
    assert bench.keep_pace(PREDICT_SECONDS) is not None


def test_at_rest_the_test_of_an_epoch_stays_until_the_network_is_another(bench: Bench) -> None:
    def at_rest(*, stepped: bool) -> Predictions | None:
        bench.inspector.renew(stepped=stepped)
        bench.inspector.catch_up()
        updates = not_none(bench.outbox.take())
        assert updates.snapshot is not None
        return updates.predictions

    assert at_rest(stepped=True) is not None, "nothing was predicted before"
    bench.inspector.show_epoch(bench.end_epoch())
    shown = not_none(at_rest(stepped=True))
    assert shown.position == 1.0
    assert same(shown.outputs, bench.outputs())
    assert at_rest(stepped=True) is None
    position = bench.train(1)
    shown = not_none(at_rest(stepped=True))
    assert shown.position == position
    assert at_rest(stepped=False) is not None, "it may have been edited since"


def test_another_network_forgets_what_the_last_one_said(bench: Bench) -> None:
    bench.inspector.watch(VisibleSamples(bench.test, np.array([0])))
    assert bench.keep_pace(0) is not None
    project = notebook()
    executor = Executor(project.network(), project.settings.loss)
    bench.inspector.use_network(executor, 2)
    assert bench.keep_pace(2 * WATCH_SECONDS) is None, "the others have nothing to stay at"
    bench.inspector.renew()
    bench.inspector.catch_up()
    assert not_none(not_none(bench.outbox.take()).predictions).position == 2.0
    executor.close()


def test_health_is_due_when_it_is_wanted_and_the_network_is_newer(bench: Bench) -> None:
    recorder, network = bench.inspector.recorder, bench.training.network
    recorder.start_at(3.0)
    assert not recorder.due
    recorder.want(frozenset({"health"}))
    assert recorder.due
    recorder.check_health(network, bench.test)
    assert not recorder.due
    assert not_none(not_none(bench.outbox.take()).health).position == 3.0
    recorder.stale = True
    assert recorder.due
    recorder.want(frozenset())
    assert not recorder.due
    recorder.want(frozenset({"health"}))
    recorder.stale = False
    assert not recorder.due
    recorder.stale = True
    recorder.check_health(None, bench.test)
    assert not recorder.due, "without a network there is nothing to wait for"
    assert bench.outbox.take() is None
