from pathlib import Path

import numpy as np

from engine.runs import RunStore
from tests.engine.cli.console import Console, write_project


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
