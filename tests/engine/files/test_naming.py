"""Weights by PyTorch's names: which they are, and that such files are read."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.errors import WeightsError
from engine.files.naming import named_arrays, torch_names
from engine.files.weights_file import load_weights
from engine.model.weights import initial_weights
from tests.engine.networks import MODERN, fitting

REPORT = fitting(MODERN, loss="cross_entropy")


def test_a_file_with_these_names_is_read(tmp_path: Path) -> None:
    weights = initial_weights(REPORT, 3, "normal")
    arrays = named_arrays([row.slot for row in REPORT.rows], weights)
    renamed = {name: arrays[own] for name, own in torch_names(REPORT.rows).items()}
    path = tmp_path / "w.safetensors"
    save_file(renamed, path)
    found = load_weights(path, REPORT)
    for slot_id, of_slot in weights.items():
        for name, array in of_slot.items():
            np.testing.assert_array_equal(found[slot_id][name], array)
    renamed.pop("dense1.bias")
    save_file(renamed, path)
    with pytest.raises(WeightsError, match="another network"):
        load_weights(path, REPORT)
