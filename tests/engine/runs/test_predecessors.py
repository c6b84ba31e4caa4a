"""Which run each is compared with."""

from dataclasses import replace
from datetime import UTC, datetime

from engine.model.project import CheckpointRef
from engine.runs.differences import continues, predecessors
from engine.runs.run_folder import Run
from tests.engine.runs.made_runs import made_run


def of(run: Run, **described: object) -> Run:
    """Return a run that is described otherwise."""
    return replace(run, description=replace(run.description, **described))  # type: ignore[arg-type]  # any field


def test_a_run_is_compared_with_its_parent_or_with_the_one_before_it() -> None:
    first, second = made_run("first"), made_run("second")
    child = made_run("child", parent=CheckpointRef("first", 2))
    last = made_run("last")
    assert predecessors([last, child, second, first]) == [child, first, first, None]


def test_a_run_whose_parent_is_gone_is_compared_with_none() -> None:
    orphan = made_run("orphan", parent=CheckpointRef("gone", 2))
    assert predecessors([orphan, made_run("first")]) == [None, None]
    assert predecessors([orphan], [gone := made_run("gone")]) == [gone]


def test_two_projects_that_train_by_turns_are_each_compared_with_themselves() -> None:
    """As in two windows, or in a window and a terminal."""
    names = ["digits", "colours", "digits", "colours"]
    data = {"digits": "mnist", "colours": "/home/ada/colours"}
    runs = [
        of(made_run(f"{place}", dataset=data[name]), file_name=name)
        for place, name in enumerate(names)
    ]
    assert predecessors(runs) == [runs[2], runs[3], None, None]
    unsaved = [of(run, file_name="") for run in runs]
    assert predecessors(unsaved) == [unsaved[2], unsaved[3], None, None]


def test_other_data_of_the_same_file_is_a_difference_and_that_of_no_file_is_not() -> None:
    old, new = made_run("old", dataset="mnist"), made_run("new", dataset="cifar10")
    assert predecessors([new, old]) == [None, None]
    old, new = of(old, file_name="net"), of(new, file_name="net")
    assert predecessors([new, old]) == [old, None]


def test_other_classes_of_the_same_data_are_other_data() -> None:
    some, all_of_them = made_run("some", classes=(0, 1)), made_run("all", classes=(0, 1, 2))
    assert predecessors([some, all_of_them]) == [None, None]
    cats = of(some, project=replace(some.description.project, class_names=("cat", "dog")))
    assert predecessors([cats, some]) == [None, None]


def test_a_first_run_of_a_file_is_compared_with_the_last_one_with_its_data() -> None:
    """As after Save as."""
    runs = [of(made_run(name), file_name=name) for name in ("b", "a")]
    assert predecessors(runs) == [runs[1], None]


def test_a_run_of_a_series_is_compared_with_the_last_one_of_it() -> None:
    """Its window may train meanwhile."""
    other = of(made_run("other", dataset="fashion"), group="2 seeds of the same")
    first, second = (of(made_run(name), group="2 seeds of the same") for name in ("1", "2"))
    between, after = made_run("between"), made_run("after")
    runs = [after, second, between, other, first]
    assert predecessors(runs) == [second, first, first, None, None]


def test_runs_are_compared_by_when_they_began_in_whichever_order_they_are_given() -> None:
    times = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]
    one, two, three = (of(made_run(f"{time.day}"), started=time) for time in times)
    assert predecessors([one, three, two]) == [None, two, one]
    assert predecessors([three, one], [two]) == [two, None]


def test_a_parent_that_began_later_is_one_too() -> None:
    """The clocks of two machines differ."""
    child, parent = made_run("child", parent=CheckpointRef("parent", 1)), made_run("parent")
    assert predecessors([parent, child]) == [child, parent]


def test_without_others_there_is_none() -> None:
    assert predecessors([]) == []
    assert predecessors([made_run("only", parent=CheckpointRef("gone", 1))]) == [None]


def test_it_is_said_which_run_another_continues() -> None:
    parent = of(made_run(""), number=36)
    child = made_run("child", parent=CheckpointRef(parent.id, 5), epochs_before=5)
    assert continues(child, parent) == "continues Run 36 from epoch 5"
    assert continues(child, None) == "continues a run that is not here from epoch 5"
    assert continues(parent, child) == ""
