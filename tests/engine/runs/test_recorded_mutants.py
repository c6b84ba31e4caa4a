"""Damage anywhere in a run folder is one error type, or is passed over in the list."""

import random
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunError
from engine.inputs.drawings import Drawing
from engine.model.project import Project
from engine.runs import RunStore, open_run, read_run
from engine.runs.run_folder import Run
from tests.engine.files.mutants import damage
from tests.engine.runs.folders import write_run
from tests.engine.runs.recordings import record, untrained
from tests.engine.training_runs import SETTINGS, same


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run with drawings among its data, and with all that a user says of one."""
    folder = tmp_path_factory.mktemp("runs")
    drawing = Drawing("1", (1, 6, 6), bytes(range(36)))
    made = record(folder, untrained(SETTINGS.with_changes(drawings=(drawing,), optimizer="adam")))
    said = {"note": "a note", "pinned": True, "colour": "#123456", "bookmarks": (1, 2)}
    return made.store.edit(made.kept, name="mine", **said)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of another program."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    write_run(folder)
    return read_run(folder)


def check(run: Run, count: int) -> int:
    """Damage a file of the folder, so many times; return how often it opened all the same.

    What opens goes on with the numbers that were kept after an epoch, exactly, unless the checksums
    are lost by which that is told.
    """
    truth = [run.project_after(epoch) for epoch in run.kept_epochs]
    files = [path for path in sorted(run.folder.rglob("*")) if path.is_file()]
    opened = 0
    for number in range(count):
        dice = random.Random(number)
        path = dice.choice(files)
        content = path.read_bytes()
        path.write_bytes(damage(content, dice) if content else b"\0")
        try:
            found = open_run(run.folder)
        except RunError as fault:
            said = str(fault)
        else:
            said = ""
            opened += 1
            sealed = path.suffix == ".safetensors" and b'"crc32"' in path.read_bytes()
            assert found.check().problem is None
            assert not sealed or any(goes_on_alike(found, one) for one in truth)
        assert "\n" not in said
        look_at_all(run.folder)
        path.write_bytes(content)
    return opened


def goes_on_alike(one: Project, other: Project) -> bool:
    """Whether two projects go on with the same numbers."""
    memories, others = (each.state.memories if each.state else {} for each in (one, other))
    return (
        one.trained_epochs == other.trained_epochs
        and same(one.weights, other.weights)
        and memories.keys() == others.keys()
        and all(np.array_equal(array, others[key]) for key, array in memories.items())
        and one.settings == other.settings
    )


def look_at_all(folder: Path) -> None:
    """Whatever is in the folder, it is in the list, or among what is damaged."""
    store = RunStore(folder.parent)
    runs = store.runs()
    assert len(runs) + len(store.damaged) == 1
    for run in runs:
        assert run.title
        assert isinstance(run.state, str)
        assert run.age(run.epochs) >= run.epochs
        assert run.best_epoch is None or run.best_epoch <= run.epochs
        assert run.seconds == run.seconds
        assert run.started is None or run.started.tzinfo is not None
        assert (run.parent, run.note, run.pinned, run.colour, run.bookmarks) is not None


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_a_mutant_is_refused_in_one_way_or_is_sound(
    request: pytest.FixtureRequest, whose: str, count: int
) -> None:
    run: Run = request.getfixturevalue(whose)
    assert 0 < check(run, count) < count
    assert read_run(run.folder).metrics == run.metrics
