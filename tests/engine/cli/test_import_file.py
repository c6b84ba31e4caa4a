from pathlib import Path

import numpy as np
import pytest

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.files import open_project
from tests.engine.cli.console import Console, write_project
from tests.engine.runs.folders import weights_after, write_run


@pytest.fixture
def exported(console: Console, project: Path, tmp_path: Path) -> Path:
    """Weights that a trained project was exported to."""
    console.run("train", project)
    path = tmp_path / "w.npz"
    assert console.run("export", project, path).code == 0
    return path


def test_weights_come_back_into_a_project(
    console: Console, exported: Path, project: Path, data: Path, tmp_path: Path
) -> None:
    fresh = write_project(tmp_path / "fresh.layerscope", data)
    answer = console.run("import", exported, fresh)
    assert (answer.code, answer.err) == (0, "")
    assert [line.split()[-1] for line in answer.out.splitlines()[1:3]] == ["taken", "taken"]
    assert answer.out.endswith(f"2 of 2 blocks that learn take weights. They are in {fresh}.\n")
    trained, found = open_project(project), open_project(fresh)
    assert found.trained_epochs == trained.trained_epochs
    for slot_id in (1, 3):
        for name, array in trained.weights[slot_id].items():
            np.testing.assert_array_equal(found.weights[slot_id][name], array)
    before, after = (console.run("evaluate", each, "--json").objects for each in (project, fresh))
    assert before == after


def test_trained_weights_are_replaced_only_when_asked(
    console: Console, exported: Path, project: Path
) -> None:
    assert console.run("import", exported, project, "--overwrite").code == 0


def test_what_matches_is_taken_and_the_rest_named(
    console: Console, exported: Path, data: Path, tmp_path: Path
) -> None:
    other = write_project(
        *(tmp_path / "other.layerscope", data, Conv(depth=2), Reshape()),
        *(Dense(units=5), Dense(units=2), Sigmoid()),
    )
    found = console.run("import", exported, other, "--json").objects
    assert [(row["block"], row["arrays"], row["taken"]) for row in found] == [
        (1, "0.conv", True),
        (3, "2.dense", False),
        (4, "", False),
    ]
    assert found[1]["note"] == "its weight is 2×72, that of the block 5×72"
    assert open_project(other).weights.keys() == {1}


def test_a_run_becomes_a_new_project(console: Console, tmp_path: Path) -> None:
    run, project = tmp_path / "run", tmp_path / "new.layerscope"
    write_run(run)
    answer = console.run("import", run, project)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"Wrote {project}, with the weights of {run} after 6 epochs.\n"
    found = open_project(project)
    np.testing.assert_array_equal(found.weights[1]["weight"], weights_after(2)[1]["weight"])
    assert "exists already" in console.refused("import", run, project)
    assert console.run("import", run, project, "--overwrite").code == 0
