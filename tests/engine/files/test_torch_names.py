"""Weights by PyTorch's names: which they are, and that such files are read."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.errors import WeightsError
from engine.files.naming import named_arrays
from engine.files.torch_names import module_names, torch_names
from engine.files.weights_file import load_weights
from engine.model.weights import initial_weights
from tests.engine.networks import MODERN, fitting

REPORT = fitting(MODERN, loss="cross_entropy")


def test_modules_are_called_by_their_kind_and_number() -> None:
    assert module_names(row.slot for row in REPORT.rows) == (
        *("conv1", "bn1", "leakyrelu1", "maxpool1", "conv2", "relu1", "avgpool1"),
        *("reshape1", "dropout1", "dense1", "bn2", "tanh1", "dense2", "softmax1"),
    )


def test_names_that_differ() -> None:
    names = torch_names(REPORT.rows)
    assert names["conv1.bias"] == "0.conv.bias"
    assert names["conv2.bias_map"] == "4.conv.bias"
    assert names["bn2.running_var"] == "10.batch_norm.running_variance"
    assert len(set(names.values())) == len(names) == 16


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
