"""Compared runs: they are told apart by their names, and by shades of one colour."""

from dataclasses import replace

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
    assert [[each.run.id for each in group] for group in groups] == [
        ["none"],
        ["below"],
        ["half", "longest"],
    ]


def test_runs_without_an_epoch_go_together() -> None:
    groups = groups_of(compared([(made_run(str(n), (), seed=n), "#0072B2") for n in range(2)]))
    assert [len(group) for group in groups] == [2]


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
