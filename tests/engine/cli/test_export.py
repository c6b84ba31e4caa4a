from pathlib import Path

import numpy as np

from engine.exports.formats import FORMATS
from engine.files import open_project
from engine.runs import RunStore
from tests.engine.cli.console import Console, write_project
from tests.engine.networks import RESIDUAL
from tests.engine.training_runs import same


def test_a_scaling_goes_along_and_is_not_guessed(
    console: Console, project: Path, data: Path, tmp_path: Path
) -> None:
    console.run("train", project, "--scaling", "standard", "--out", tmp_path / "t.npz")
    console.run("export", project, tmp_path / "w.npz")
    mean = np.load(tmp_path / "w.npz")["input.mean"]
    np.testing.assert_array_equal(mean, np.load(tmp_path / "t.npz")["input.mean"])
    fresh = write_project(tmp_path / "fresh.layerscope", data)
    command = ("export", fresh, tmp_path / "x.npz", "--weights", tmp_path / "w.npz")
    assert "5 of 5 test images" in console.run(*command).out
    np.testing.assert_array_equal(mean, np.load(tmp_path / "x.npz")["input.mean"])


def test_a_report_has_the_curves_of_the_run_that_the_project_comes_from(
    console: Console, project: Path, tmp_path: Path
) -> None:
    console.run("train", project)
    assert console.run("export", project, tmp_path / "r.html").code == 0
    written = (tmp_path / "r.html").read_text("utf-8")
    (run,) = RunStore().runs()
    for each in run.metrics:
        assert f"{each.loss:.4g}</td>" in written
    assert "Accuracy, measured likewise" in written
    RunStore().delete(run)
    assert console.run("export", project, tmp_path / "s.html").code == 0
    assert "The curves are not known here" in (tmp_path / "s.html").read_text("utf-8")


def test_skip_connections_go_through_every_command(
    console: Console, data: Path, tmp_path: Path
) -> None:
    project, fresh = (
        write_project(tmp_path / f"{name}.layerscope", data, *RESIDUAL, classes=[3, 5, 8])
        for name in ("net", "fresh")
    )
    told = console.run("check", project, "--json").objects[8]
    assert told["title"] == "Add block 6, 1×1 Conv, stride 2"
    assert (told["kind"], told["output_shape"], told["parameters"]) == ("add", [4, 4, 4], 16)
    assert "All gradients are right." in console.run("check", project, "--gradients").out
    assert console.run("train", project, "--loss", "cross_entropy").code == 0
    answers = console.run("evaluate", project, "--json").objects
    for name, kind in FORMATS.items():
        path = tmp_path / f"{name}{kind.ending}"
        answer = console.run("export", project, path, "--format", name)
        assert (answer.code, "6 of 6 test images" in answer.out) == (0, bool(kind.ways)), name
    for file, into in (
        ("onnx.onnx", tmp_path / "a.layerscope"),
        ("pytorch/weights.safetensors", fresh),
    ):
        assert console.run("import", tmp_path / file, into).code == 0
        found, trained = open_project(into), open_project(project)
        assert same(found.weights, trained.weights)
        assert [slot.block for slot in found.stack] == [slot.block for slot in trained.stack]
    again = console.run("evaluate", project, "--weights", tmp_path / "npz.npz", "--json")
    assert again.objects == answers
