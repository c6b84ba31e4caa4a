"""Damage anywhere in a recorded run folder is one error type, or is passed over in the list."""

import random
from pathlib import Path

import pytest

from engine.errors import RunError
from engine.inputs.drawings import Drawing
from engine.runs import RunStore, open_run, read_run
from engine.runs.run_folder import Run
from tests.engine.files.mutants import damage
from tests.engine.runs.recordings import record, untrained, weights_after
from tests.engine.training_runs import SETTINGS, same


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run with drawings among its data, and with all that a user says of one."""
    folder = tmp_path_factory.mktemp("runs")
    drawing = Drawing("1", (1, 6, 6), bytes(range(36)))
    made = record(folder, untrained(SETTINGS.with_changes(drawings=(drawing,), optimizer="adam")))
    said = {"note": "a note", "pinned": True, "colour": "#123456", "bookmarks": (1, 2)}
    return made.store.edit(made.store.find(made.run_id), name="mine", **said)


def check(run: Run, count: int) -> int:
    """Damage a file of the folder, so many times; return how often the last epoch was the same."""
    truth = [weights_after(run, epoch) for epoch in run.kept_epochs]
    files = [path for path in sorted(run.folder.rglob("*")) if path.is_file()]
    whole = 0
    for number in range(count):
        dice = random.Random(number)
        path = dice.choice(files)
        content = path.read_bytes()
        path.write_bytes(damage(content, dice) if content else b"\0")
        try:
            weights = open_run(run.folder).weights
        except RunError as fault:
            said = str(fault)
        else:
            said = ""
            learned = {slot_id: arrays for slot_id, arrays in weights.items() if arrays}
            whole += any(same(learned, one) for one in truth if one.keys() == learned.keys())
        assert "\n" not in said
        look_at_all(run.folder)
        path.write_bytes(content)
    return whole


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


def test_a_mutant_is_refused_in_one_way_or_is_sound(recorded: Run) -> None:
    assert 0 < check(recorded, 200) <= 200
    assert read_run(recorded.folder).metrics == recorded.metrics


@pytest.mark.soak
def test_ten_thousand_mutants_of_a_recorded_run(recorded: Run) -> None:
    assert 0 < check(recorded, 10_000) <= 10_000
