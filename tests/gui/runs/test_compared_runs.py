"""Compared runs: they are told apart by their names, and by shades of one colour."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.run_folder import Run
from gui.runs.compared_runs import compared, groups_of, mean_label, mean_name, names_of
from tests.engine.runs.made_runs import called, made_run


def named(*names: str) -> list[Run]:
    return [called(made_run(f"id-{n}"), name) for n, name in enumerate(names)]


def test_different_titles_stay_as_they_are() -> None:
    assert names_of(named("slow", "fast")) == ["slow", "fast"]


def test_runs_of_one_title_have_their_seeds_or_a_number() -> None:
    first, second = called(made_run("a", seed=1), "net"), called(made_run("b", seed=2), "net")
    assert names_of([first, second]) == ["net, seed 1", "net, seed 2"]
    assert names_of(named("net", "other", "net")) == ["net (1)", "other", "net (2)"]


def test_one_colour_gets_other_shades() -> None:
    runs = [(run, "#0072B2" if n != 1 else "#D55E00") for n, run in enumerate(named(*"abc"))]
    assert [(each.colour, each.shade) for each in compared(runs)] == [
        ("#0072B2", 0),
        ("#D55E00", 0),
        ("#0072B2", 1),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from("ab")), max_size=12),
    st.randoms(),
)
def test_shades_follow_from_the_numbers_of_the_runs_in_whichever_order(
    told: list[tuple[int, str]], random: random.Random
) -> None:
    runs = []
    for place, (number, colour) in enumerate(told):
        run = made_run(f"id-{place}")
        runs.append((replace(run, description=replace(run.description, number=number)), colour))
    shades = {each.run.id: each.shade for each in compared(runs)}
    random.shuffle(runs)
    again = compared(runs)
    assert {each.run.id: each.shade for each in again} == shades
    for one in again:
        for other in again:
            if one.colour == other.colour and one is not other:
                assert one.shade != other.shade
                if one.run.description.number < other.run.description.number:
                    assert one.shade < other.shade


def test_what_all_names_have_in_common_is_left_out_where_there_is_little_room() -> None:
    found = compared([(run, "#0072B2") for run in named("net · rate 1 · a", "net · rate 2")])
    assert [each.brief for each in found] == ["rate 1 · a", "rate 2"]
    for names in (("net · a", "other · b"), ("net", "net · b"), ("net · a",)):
        found = compared([(run, "#0072B2") for run in named(*names)])
        assert tuple(each.brief for each in found) == names


def test_runs_without_names_are_labelled_by_their_numbers() -> None:
    made = [made_run(each) for each in "ab"]
    runs = [
        replace(run, description=replace(run.description, number=number, name=""))
        for number, run in enumerate(made, 3)
    ]
    assert [each.brief for each in compared([(run, "#0072B2") for run in runs])] == [
        "Run 3",
        "Run 4",
    ]
    others = [(run, "#0072B2") for run in (*runs, *named("net", "net"))]
    assert [each.brief for each in compared(others)] == ["Run 3", "Run 4", "net (1)", "net (2)"]


def test_the_mean_of_a_series_is_called_without_the_seeds() -> None:
    runs = [called(made_run(str(n), seed=n), f"net, seed {n}") for n in range(3)]
    groups = groups_of(compared([(run, "#0072B2") for run in runs]))
    assert [mean_name(group) for group in groups] == ["net: mean of 3 seeds"]
    assert [mean_label(group) for group in groups] == ["net"]


def test_runs_with_fewer_than_half_the_epochs_of_the_longest_are_by_themselves() -> None:
    epochs = {"none": 0, "below": 9, "half": 10, "longest": 20}
    runs = [made_run(name, [0.5] * n, seed=n) for name, n in epochs.items()]
    groups = groups_of(compared([(run, "#0072B2") for run in runs]))
    assert [[each.run.id for each in group.runs] for group in groups] == [
        ["none"],
        ["below"],
        ["half", "longest"],
    ]


def test_runs_without_an_epoch_go_together() -> None:
    groups = groups_of(compared([(made_run(str(n), (), seed=n), "#0072B2") for n in range(2)]))
    assert [len(group.runs) for group in groups] == [2]


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        ("112", "net: mean of 2 seeds (seed 1 counts once)"),
        ("1212", "net: mean of 2 seeds (seeds 1, 2 count once)"),
        ("12", "net: mean of 2 seeds"),
    ],
)
def test_a_mean_is_of_different_seeds_and_says_which_were_trained_again(
    seeds: str, said: str
) -> None:
    runs = [
        called(made_run(f"{n}", seed=int(seed)), f"net, seed {seed}")
        for n, seed in enumerate(seeds)
    ]
    first, *others = groups_of(compared([(run, "#0072B2") for run in runs]))
    assert [each.run.id for each in first.runs] == [str(seeds.index(s)) for s in sorted({*seeds})]
    assert mean_name(first) == said
    assert len(others) == len(seeds) - 2
    assert not any(group.has_mean for group in others)


def test_a_mean_has_the_colour_of_the_run_of_the_lowest_number() -> None:
    runs = [made_run(str(n), seed=n) for n in range(3)]
    numbered = [
        replace(run, description=replace(run.description, number=number))
        for run, number in zip(runs, (5, 3, 9), strict=True)
    ]
    (group,) = groups_of(compared([(run, "#0072B2") for run in numbered]))
    assert (group.first.run.description.number, group.first.shade) == (3, 0)


def test_a_seed_that_was_trained_twice_has_no_mean_by_itself() -> None:
    runs = [called(made_run(str(n), seed=1), "net") for n in range(2)]
    groups = groups_of(compared([(run, "#0072B2") for run in runs]))
    assert [group.has_mean for group in groups] == [False, False]


def test_a_mean_says_that_each_seed_was_tested_on_other_images() -> None:
    runs = [called(made_run(str(n), seed=n, digest=f"a{n}"), f"net, seed {n}") for n in range(3)]
    (group,) = groups_of(compared([(run, "#0072B2") for run in runs]))
    assert mean_name(group) == "net: mean of 3 seeds, each tested on images of its own"


def test_the_mean_of_values_is_called_by_its_value_where_there_is_little_room() -> None:
    runs = [
        called(made_run(f"{rate} {n}", seed=n, learning_rate=rate), f"net · rate {rate}, seed {n}")
        for rate in (0.1, 0.3)
        for n in range(2)
    ]
    groups = groups_of(compared([(run, "#0072B2") for run in runs]))
    assert [mean_label(group) for group in groups] == ["rate 0.1", "rate 0.3"]
    assert mean_name(groups[0]) == "net · rate 0.1: mean of 2 seeds"
