"""What differs between runs, learning rates of later epochs included."""

from dataclasses import replace

from engine.model.run_moment import RunMoment
from engine.runs.differences import differences
from engine.runs.run_differences import run_changes, run_differences
from tests.engine.runs.made_runs import made_run, with_rates

FOUR = (0.5, 0.6, 0.7, 0.8)


def test_without_changed_rates_it_is_what_differs_between_the_projects() -> None:
    runs = [made_run("a"), made_run("b", learning_rate=0.3, seed=4)]
    found = run_differences(runs)
    assert found == differences([run.description.project for run in runs])
    assert [each.key for each in found] == ["learning_rate", "seed"]


def test_changed_rates_are_told_where_the_setting_is() -> None:
    later = with_rates(made_run("a", FOUR, loss="mse", seed=1), None, 0.01, 0.01, 0.2)
    found = run_differences([later, made_run("b", FOUR), made_run("c", FOUR, learning_rate=0.5)])
    titles = [each.title for each in found]
    assert titles == [
        each.title
        for each in differences(
            [
                made_run(name, loss=loss, learning_rate=rate, seed=seed).description.project
                for name, loss, rate, seed in (("a", "mse", 0.1, 1), ("b", "bce", 0.5, 0))
            ]
        )
    ]
    (rate,) = (each for each in found if each.key == "learning_rate")
    told = "0.1, then 0.01 from epoch 2, 0.2 from epoch 4"
    assert rate.texts == (told, "0.1", "0.5")
    assert rate.values == (told, 0.1, 0.5)


def test_what_was_changed_alike_is_no_difference() -> None:
    runs = [with_rates(made_run(name, FOUR), None, None, 2.0, 2.0) for name in "ab"]
    assert run_differences(runs) == []
    other = with_rates(made_run("c", FOUR), None, 2.0, 2.0, 2.0)
    (rate,) = run_differences([*runs, other])
    assert rate.texts == ("0.1, then 2 from epoch 3",) * 2 + ("0.1, then 2 from epoch 2",)


def test_of_one_run_nothing_differs() -> None:
    assert run_differences([with_rates(made_run("a"), 1.0, 2.0)]) == []


def test_edited_weights_are_told_first_and_against_the_parent_alone() -> None:
    parent, other = made_run("a"), made_run("b")
    child = made_run("c", parent=RunMoment("a", 2), learning_rate=0.3)
    assert run_changes(parent, child) == ["learning rate 0.1 → 0.3"]
    edited = replace(child, description=replace(child.description, edited=True))
    assert run_changes(parent, edited) == ["weights edited", "learning rate 0.1 → 0.3"]
    assert run_changes(other, edited) == ["learning rate 0.1 → 0.3"]
    assert run_changes(edited, parent) == ["learning rate 0.3 → 0.1"]
