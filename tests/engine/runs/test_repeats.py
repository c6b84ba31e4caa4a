"""Repeats: which runs differ in their seed alone, and how far they lie apart."""

import random
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.blocks import Dense, Reshape, Softmax
from engine.model.project import CheckpointRef
from engine.model.stack import Stack
from engine.runs.repeats import (
    MetricCurve,
    has_own_images,
    mean_curve,
    metric_curve,
    one_of_each_seed,
    repeats,
    seeds_trained_again,
)
from tests.engine.runs.made_runs import made_run, with_rates

VALUES = st.floats(0, 1) | st.just(float("nan"))


def curve(values: list[float]) -> MetricCurve:
    epochs = np.arange(1.0, len(values) + 1)
    return MetricCurve(epochs, np.array(values))


def test_runs_that_differ_in_their_seed_alone_go_together() -> None:
    first, other, again = made_run("a", seed=1), made_run("b", batch_size=2), made_run("c", seed=9)
    assert repeats([first, other, again]) == [(first, again), (other,)]


def test_other_blocks_and_runs_that_go_on_are_no_repeats() -> None:
    stack = Stack().appended(Reshape(), Dense(units=2), Softmax())
    runs = [
        made_run("a"),
        made_run("b", stack=stack, seed=1),
        made_run("c", parent=CheckpointRef("a", 2), epochs_before=2, seed=2),
        made_run("d", epochs_before=2, seed=3),
    ]
    assert [len(group) for group in repeats(runs)] == [1, 1, 1, 1]


def test_runs_whose_rates_were_changed_otherwise_are_no_repeats() -> None:
    three = [0.5, 0.6, 0.7]
    runs = [
        with_rates(made_run("a", three, seed=1), None, None, 2.0),
        with_rates(made_run("b", three, seed=2), None, 2.0, 2.0),
        with_rates(made_run("c", three, seed=3), None, 0.1, 2.0),
        made_run("d", three[:2], seed=4),  # it may still grow
        made_run("e", three, seed=5),
    ]
    groups = [[run.id for run in group] for group in repeats(runs)]
    assert groups == [["a", "c", "d"], ["b"], ["e"]]


@pytest.mark.parametrize(
    ("data", "groups", "own_images"),
    [
        ("1a 2b 3c", ["1a 2b 3c"], True),  # the seed divides it
        ("1a 2b 2b 3c", ["1a 2b 2b 3c"], True),
        ("1a 2a 3a", ["1a 2a 3a"], False),  # it has a test part
        ("1a 3b 2a", ["1a 2a", "3b"], False),  # it was changed
        ("1a 1b", ["1a", "1b"], False),
        ("1a 2b 2c", ["1a", "2b", "2c"], False),
        ("1a 2", ["1a", "2"], False),  # of one it is not known
    ],
)
def test_repeats_are_on_the_same_data_which_the_seed_may_divide(
    data: str, groups: list[str], own_images: bool
) -> None:
    runs = [
        made_run(f"{place} {each}", digest=each[1:], seed=int(each[0]), dataset="/apples")
        for place, each in enumerate(data.split())
    ]
    found = repeats(runs)
    assert [" ".join(run.title.split()[1] for run in group) for group in found] == groups
    assert has_own_images(found[0]) == own_images


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1), st.randoms())
def test_each_seed_counts_once_by_its_longest_run(
    told: list[tuple[int, int]], random: random.Random
) -> None:
    runs = [made_run(str(n), [0.5] * epochs, seed=seed) for n, (seed, epochs) in enumerate(told)]
    random.shuffle(runs)
    chosen = one_of_each_seed(runs)
    longest: dict[int, int] = {}
    for seed, epochs in told:
        longest[seed] = max(epochs, longest.get(seed, 0))
    found = {run.description.project.settings.seed: run.epochs for run in chosen}
    assert (found, len(chosen)) == (longest, len(longest))
    assert [run for run in runs if run in chosen] == list(chosen)
    seeds = [seed for seed, _ in told]
    assert seeds_trained_again(runs) == tuple(n for n in range(4) if seeds.count(n) > 1)


def test_of_equally_long_runs_of_a_seed_the_same_one_counts_whatever_the_order() -> None:
    first, again = made_run("a"), made_run("b")
    assert one_of_each_seed([first, again]) == one_of_each_seed([again, first]) == (first,)


def test_a_curve_counts_the_age_of_the_network_and_the_time_of_the_run() -> None:
    found = metric_curve(made_run("a", (0.25, 0.5), epochs_before=3, seconds=2.0), "test_accuracy")
    assert found.epochs.tolist() == [4, 5]
    assert found.values.tolist() == [0.25, 0.5]


def test_a_run_without_epochs_has_an_empty_curve() -> None:
    assert len(metric_curve(made_run("a", ()), "loss").values) == 0


@given(st.lists(st.lists(VALUES, max_size=6), min_size=2, max_size=5))
def test_means_are_those_of_a_plain_loop(runs: list[list[float]]) -> None:
    found = mean_curve([curve(values) for values in runs])
    expected = {}
    for epoch in range(1, 7):
        known = [run[epoch - 1] for run in runs if len(run) >= epoch]
        known = [value for value in known if value == value]
        if len(known) >= 2:
            expected[epoch] = known
    assert found.epochs.tolist() == list(expected)
    for place, known in enumerate(expected.values()):
        assert found.mean[place] == pytest.approx(statistics.fmean(known))
        assert found.deviation[place] == pytest.approx(statistics.stdev(known), abs=1e-7)
