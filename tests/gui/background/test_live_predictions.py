"""Predictions of the samples that are shown: how often, and of which moment they are."""

import numpy as np
import pytest

from engine.array_types import Array
from engine.data.dataset import Dataset
from gui.background.mailbox import InView
from gui.background.network_inspector import PREDICT_SECONDS, WATCH_SECONDS
from tests.gui.background.inspection import Bench

EXACT = 1e-5  # batches of other sizes are added up in other orders


def same(one: Array, other: Array) -> bool:
    return bool(np.abs(one - other).max() < EXACT)


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
