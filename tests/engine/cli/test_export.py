import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.files import open_project
from engine.runs import RunStore
from tests.engine.cli.console import Console, write_project


def test_both_formats_hold_the_trained_weights(
    console: Console, project: Path, tmp_path: Path
) -> None:
    console.run("train", project)
    trained = open_project(project).weights
    for name, read in (("w.npz", np.load), ("w.safetensors", load_file)):
        answer = console.run("export", project, tmp_path / name)
        assert (answer.code, answer.err) == (0, "")
        first, *rest = answer.out.splitlines()
        assert first == f"Wrote {tmp_path / name}."
        assert [line.split(":")[0] for line in rest] == ["read back", "numpy"]
        assert all("5 of 5 test images are predicted as by the network" in line for line in rest)
        np.testing.assert_array_equal(read(tmp_path / name)["0.conv.weight"], trained[1]["weight"])


def test_json_says_which_way_was_the_strongest(
    console: Console, project: Path, tmp_path: Path
) -> None:
    console.run("train", project)
    path = tmp_path / "w.npz"
    (found,) = console.run("export", project, path, "--json").objects
    difference = found.pop("max_difference")
    assert 0 <= difference < 1e-5
    assert found == {
        "format": "npz",
        "path": str(path),
        "verified": "numpy",
        "samples": 5,
        "agree": 5,
    }
    (found,) = console.run("export", project, path, "--json", "--no-verify").objects
    assert found == {
        "format": "npz",
        "path": str(path),
        "verified": None,
        "samples": 0,
        "agree": 0,
        "max_difference": None,
    }


def test_without_its_data_a_network_is_tried_on_noise(
    console: Console, project: Path, data: Path, tmp_path: Path
) -> None:
    console.run("train", project)
    shutil.rmtree(data)
    answer = console.run("export", project, tmp_path / "w.npz")
    assert answer.code == 0
    assert "numpy: 200 of 200 images of noise are predicted as by the network" in answer.out


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
    console: Console, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
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
