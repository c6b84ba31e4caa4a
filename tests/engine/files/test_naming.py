"""Weights by PyTorch's names: which they are, and that such files are read."""

from pathlib import Path

import pytest
from safetensors.numpy import save_file

from engine.errors import WeightsError
from engine.files.naming import named_arrays, torch_names
from engine.files.weights_file import load_weights
from engine.model.weights import initial_weights
from tests.engine.networks import MODERN, fitting
from tests.engine.training_runs import same

REPORT = fitting(MODERN, loss="cross_entropy")


def test_a_file_with_these_names_is_read(tmp_path: Path) -> None:
    weights = initial_weights(REPORT, 3, "normal")
    arrays = named_arrays([row.slot for row in REPORT.rows], weights)
    renamed = {name: arrays[own] for name, own in torch_names(REPORT.rows).items()}
    path = tmp_path / "w.safetensors"
    save_file(renamed, path)
    found = load_weights(path, REPORT)
    assert same(found, weights)
    renamed.pop("dense1.bias")
    save_file(renamed, path)
    with pytest.raises(WeightsError, match="another network"):
        load_weights(path, REPORT)
