"""Which epochs have led to a moment of a run, and which of those that are kept is the best."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.errors import RunError
from engine.model.project import CheckpointRef, Project
from engine.runs.rewinding import best_kept, epochs_up_to
from engine.runs.run_folder import Run
from tests.engine.runs.made_runs import made_run

# The test accuracies tell which epochs are good: after epoch 3 of this run it was ruined.
RUINED = made_run("ruined", (0.5, 0.9, 0.8, 0.1))
CHILD = made_run("child", (0.1, 0.2), epochs_before=4, parent=CheckpointRef("ruined", 4))
GRANDCHILD = made_run("grandchild", (0.1,), epochs_before=6, parent=CheckpointRef("child", 2))


def among(*runs: Run) -> Callable[[str], Run]:
    def find(run_id: str) -> Run:
        for run in runs:
            if run.id == run_id:
                return run
        raise RunError("gone")

    return find


def anything(_project: Project) -> bool:
    return True


def found(last: CheckpointRef, *runs: Run) -> tuple[str, int] | None:
    best = best_kept(epochs_up_to(last, among(*runs), anything))
    return None if best is None else (best.run.id, best.done.epoch)


@pytest.mark.parametrize(
    ("kept", "last", "expected"),
    [
        ((0, 1, 2, 3, 4), 4, 2),
        ((0, 1, 3, 4), 4, 3),
        ((0, 1, 2, 3, 4), 1, 1),
        ((0, 4), 4, 4),
        ((0,), 4, None),
        ((), 4, None),
        ((0, 1, 2, 3, 4), 0, None),
    ],
)
def test_of_one_run(kept: tuple[int, ...], last: int, expected: int | None) -> None:
    run = replace(RUINED, kept_epochs=kept)
    best = found(CheckpointRef("ruined", last), run)
    assert best == (None if expected is None else ("ruined", expected))


@pytest.mark.parametrize("last", [CheckpointRef("child", 2), CheckpointRef("grandchild", 1)])
def test_what_continues_a_ruined_run_goes_back_into_that(last: CheckpointRef) -> None:
    assert found(last, RUINED, CHILD, GRANDCHILD) == ("ruined", 2)


def test_the_epochs_come_in_their_order() -> None:
    epochs = epochs_up_to(
        CheckpointRef("grandchild", 1), among(RUINED, CHILD, GRANDCHILD), anything
    )
    assert [(each.run.id, each.done.epoch) for each in epochs] == [
        *(("ruined", epoch) for epoch in range(1, 5)),
        ("child", 1),
        ("child", 2),
        ("grandchild", 1),
    ]


def test_what_came_after_the_moment_that_was_gone_on_from_does_not_count() -> None:
    early = made_run("early", (0.1, 0.2), epochs_before=1, parent=CheckpointRef("ruined", 1))
    assert found(CheckpointRef("early", 2), RUINED, early) == ("ruined", 1)


def test_of_equally_good_epochs_the_nearest_is_taken() -> None:
    as_good = made_run("as good", (0.9, 0.2), epochs_before=4, parent=CheckpointRef("ruined", 4))
    assert found(CheckpointRef("as good", 2), RUINED, as_good) == ("as good", 1)


def test_a_run_that_is_gone_ends_the_search() -> None:
    assert found(CheckpointRef("grandchild", 1), RUINED, GRANDCHILD) == ("grandchild", 1)
    with pytest.raises(RunError):
        found(CheckpointRef("grandchild", 1), RUINED)


def test_runs_of_other_networks_or_data_are_passed_over() -> None:
    tanh = made_run("child", (0.1, 0.95), loss="mse", parent=CheckpointRef("ruined", 4))
    of_loss = among(RUINED, tanh, GRANDCHILD)
    epochs = epochs_up_to(
        CheckpointRef("grandchild", 1), of_loss, lambda project: project.settings.loss == "bce"
    )
    assert {each.run.id for each in epochs} == {"ruined", "grandchild"}


def test_runs_that_continue_each_other_end_the_search() -> None:
    one = made_run("one", (0.3,), parent=CheckpointRef("other", 1))
    other = made_run("other", (0.4,), parent=CheckpointRef("one", 1))
    assert found(CheckpointRef("one", 1), one, other) == ("other", 1)
