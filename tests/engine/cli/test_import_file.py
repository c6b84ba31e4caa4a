"""`import`: weights, runs and networks of ONNX come into projects."""

from pathlib import Path

import numpy as np

from engine.files import open_project
from tests.engine.cli.console import Console, write_project
from tests.engine.imports.onnx.graphs import node, random, write_graph
from tests.engine.runs.folders import weights_after, write_run
from tests.engine.training_runs import same


def test_weights_come_back_into_a_project(
    console: Console, project: Path, data: Path, tmp_path: Path
) -> None:
    fresh, weights = write_project(tmp_path / "fresh.layerscope", data), tmp_path / "w.npz"
    for command in ("train", project), ("export", project, weights), ("import", weights, fresh):
        assert console.run(*command).code == 0
    trained, found = open_project(project), open_project(fresh)
    assert found.trained_epochs == trained.trained_epochs
    assert same(found.weights, trained.weights)
    before, after = (console.run("evaluate", each, "--json").objects for each in (project, fresh))
    assert before == after


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


def test_that_no_other_program_could_run_the_file_is_said_first(
    console: Console, tmp_path: Path
) -> None:
    nodes = [node("Conv", "x w", "sums"), node("Tanh", "sums", "y")]
    arrays = {"w": random(3, 1, 3, 3)}
    file = write_graph(tmp_path / "a.onnx", nodes, ("N", 1, 6, 6), arrays, opset=5)
    answer = console.run("import", file, tmp_path / "net.layerscope")
    assert answer.code == 0
    assert answer.err.startswith("Not checked by another program: onnxruntime could not run the f")
    lines = answer.out.splitlines()
    assert any(line.startswith("numpy: 200 of 200") for line in lines)
    assert any("Could not find an implementation for Tanh(1)" in line for line in lines)
