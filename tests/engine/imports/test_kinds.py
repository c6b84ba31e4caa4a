"""What can be imported is told from data and from what nobody should open."""

from pathlib import Path

import numpy as np

from engine.files.tensors import write_npz
from engine.imports.kinds import is_import, kind_of
from tests.engine.runs.folders import write_run


def test_files_are_told_by_their_endings(tmp_path: Path) -> None:
    for name, kind in {"a.NPZ": "weights", "a.safetensors": "weights", "b.onnx": "onnx"}.items():
        assert kind_of(tmp_path / name) == kind
    assert kind_of(tmp_path) == "run"
    assert kind_of(tmp_path / "run.json") == "run"


def test_weights_and_runs_are_told_from_data(tmp_path: Path) -> None:
    (tmp_path / "weights.npz").write_bytes(write_npz({"0.conv.weight": np.zeros(3, np.float32)}))
    np.savez(tmp_path / "data.npz", x_train=np.zeros(3), y_train=np.zeros(3))
    np.savez(tmp_path / "other.npz", images=np.zeros(3), labels=np.zeros(3))
    (tmp_path / "broken.npz").write_bytes(b"PK")
    found = {path.name for path in tmp_path.iterdir() if is_import(path)}
    assert found == {"weights.npz"}
    assert not is_import(tmp_path / "missing.npz")
    assert not is_import(tmp_path)
    assert is_import(tmp_path / "net.onnx")
    assert not is_import(tmp_path / "net.pt")
    run = tmp_path / "run"
    write_run(run)
    assert is_import(run)
    assert is_import(run / "run.json")
