from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from engine.files import open_project
from tests.engine.cli.console import Console, write_project


def test_both_formats_hold_the_trained_weights(
    console: Console, project: Path, tmp_path: Path
) -> None:
    console.run("train", project)
    trained = open_project(project).weights
    for name, read in (("w.npz", np.load), ("w.safetensors", load_file)):
        answer = console.run("export", project, tmp_path / name)
        assert (answer.code, answer.out) == (0, f"Wrote {tmp_path / name}.\n")
        np.testing.assert_array_equal(read(tmp_path / name)["0.conv.weight"], trained[1]["weight"])


def test_weights_from_a_file_can_be_turned_into_the_other_format(
    console: Console, project: Path, tmp_path: Path, data: Path
) -> None:
    console.run("train", project, "--out", tmp_path / "w.npz")
    fresh = write_project(tmp_path / "fresh.layerscope", data)
    out = tmp_path / "w.safetensors"
    assert console.run("export", fresh, out, "--weights", tmp_path / "w.npz").code == 0
    arrays, wanted = load_file(out), np.load(tmp_path / "w.npz")
    assert arrays.keys() == set(wanted)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, wanted[name])


def test_what_cannot_be_exported_is_refused(
    console: Console, project: Path, tmp_path: Path
) -> None:
    words = console.refused("export", project, tmp_path / "w.npz")
    assert "holds no trained weights" in words
    console.run("train", project)
    words = console.refused("export", project, tmp_path / "w.h5")
    assert "has '.h5', which names no format of weights. End it in .safetensors or .npz." in words
    words = console.refused("export", project, tmp_path / "w.npz", "--weights", tmp_path / "x.npz")
    assert "x.npz does not exist" in words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "small.layerscope"]
