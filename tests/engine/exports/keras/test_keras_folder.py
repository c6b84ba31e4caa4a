"""The Keras folder without Keras: its texts, names and order of axes, and its proof by numpy."""

from pathlib import Path

import numpy as np
import pytest

from engine.blocks import BatchNorm, Conv, Dense, ReLU, Reshape
from engine.errors import ExportError
from engine.exports.export import export
from engine.exports.formats import FORMATS
from tests.engine.exports.test_model_folders import arrays_of, files_of
from tests.engine.exports.trained import trained
from tests.engine.networks import fitting

KERAS = FORMATS["keras"]


def test_the_weights_have_the_names_and_the_order_of_keras() -> None:
    stack = (Conv(depth=4), BatchNorm(), ReLU(), Conv(depth=2, bias="channel"), Reshape())
    network = trained(fitting((*stack, Dense(units=5), ReLU(), Dense(units=3)), loss="mse"))
    arrays = arrays_of(files_of(network, "keras")["weights.npz"])
    kernels = network.weights[network.project.stack.slots[3].id]["weight"]
    for i, j, row, column in np.ndindex(kernels.shape):
        assert arrays["conv2.kernel"][row, column, j, i] == kernels[i, j, row, column]
    biases = network.weights[network.project.stack.slots[0].id]["bias"]
    for i, row, column in np.ndindex(biases.shape):
        assert arrays["conv1.bias_map"][row, column, i] == biases[i, row, column]


def test_a_folder_with_wrong_weights_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The classic mistake: kernels of the right shape whose rows and columns are mixed up."""
    from engine.exports.keras import folder

    wrong = {**folder._ARRAYS["conv"], "weight": ("kernel", (3, 2, 1, 0))}
    monkeypatch.setitem(folder._ARRAYS, "conv", wrong)
    with pytest.raises(ExportError, match=r"Block 1 \(Conv 3, 2×2\) is the first that differs"):
        export(trained(fitting()), tmp_path / "out", KERAS)
    assert not list(tmp_path.iterdir())
