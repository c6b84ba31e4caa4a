"""Compared runs: they are told apart by their names, and by shades of one colour."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.runs.run_folder import Run
from gui.runs.comparison_table import RunGroup, compared, groups_of, names_of
from tests.engine.runs.made_runs import called, made_run

BLUE = "#0072B2"


def named(*names: str) -> list[Run]:
    return [called(made_run(f"id-{n}"), name) for n, name in enumerate(names)]


def grouped(*runs: Run) -> list[RunGroup]:
    return groups_of(compared([(run, BLUE) for run in runs]))


def test_equal_names_have_their_seeds_or_a_number() -> None:
    assert names_of(named("slow", "fast")) == ["slow", "fast"]
    first, second = called(made_run("a", seed=1), "net"), called(made_run("b", seed=2), "net")
    assert names_of([first, second]) == ["net, seed 1", "net, seed 2"]
    assert names_of(named("net", "other", "net")) == ["net (1)", "other", "net (2)"]
    numbered = replace(first, description=replace(first.description, number=3, name=""))
    assert names_of([numbered, second]) == ["Run 3", "net"]


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("ab")), max_size=12), st.randoms())
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


def test_runs_with_fewer_than_half_the_epochs_of_the_longest_are_by_themselves() -> None:
    epochs = {"none": 0, "below": 9, "half": 10, "longest": 20}
    runs = [made_run(name, [0.5] * n, seed=n) for name, n in epochs.items()]
    assert [[each.run.id for each in group.runs] for group in grouped(*runs)] == [
        ["none"],
        ["below"],
        ["half", "longest"],
    ]
    assert len(grouped(*(made_run(str(n), (), seed=n) for n in range(2)))) == 1


def test_a_mean_is_of_different_seeds_and_called_without_them() -> None:
    runs = [
        called(made_run(f"{n}", seed=seed), f"net, seed {seed}") for n, seed in enumerate((1, 2, 1))
    ]
    first, other = grouped(*runs)
    assert [each.run.id for each in first.runs] == ["0", "1"]
    assert (first.name, first.has_mean, other.has_mean) == ("net: mean of 2 seeds", True, False)
    own = [called(made_run(str(n), seed=n, digest=f"a{n}"), f"net, seed {n}") for n in range(3)]
    (group,) = grouped(*own)
    assert group.name == "net: mean of 3 seeds, each tested on images of its own"
