"""Compared runs: they are told apart by their names, and by shades of one colour."""

from dataclasses import replace

from engine.runs.run_folder import Run
from gui.runs.compared_runs import RunGroup, compared, groups_of, names_of
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
