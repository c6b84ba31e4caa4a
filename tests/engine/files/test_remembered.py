"""Files of networks of every kind of block, with what BatchNorm remembers and no optimizer sees."""

from pathlib import Path

import numpy as np
import pytest

from engine.blocks import BatchNorm, Conv, Reshape
from engine.errors import WeightsError
from engine.files import export_weights, load_weights
from engine.files.weights_file import ENDINGS
from engine.model.stack import Stack
from engine.model.weights import initial_weights
from tests.engine.files.test_weights_file import READERS, WRITERS


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_batch_norm_remembers_is_exported_and_comes_back(ending: str, tmp_path: Path) -> None:
    stack = Stack(input_shape=(1, 6, 6)).appended(Conv(depth=2), BatchNorm(), Reshape())
    checked = stack.check(32, "mse")
    assert checked.problem is None
    weights = initial_weights(checked, 3, "normal")
    weights[2]["running_mean"][...] = (0.25, -7.5)
    weights[2]["running_variance"][...] = (1e-6, 300)
    path = tmp_path / f"w{ending}"
    export_weights(path, stack, weights)
    arrays = READERS[ending](path)
    names = ["weight", "bias", "running_mean", "running_variance"]
    assert sorted(arrays) == sorted(
        ["0.conv.weight", "0.conv.bias", *(f"1.batch_norm.{name}" for name in names)]
    )
    assert arrays["1.batch_norm.running_mean"].tolist() == [0.25, -7.5]
    loaded = load_weights(path, checked)
    assert list(loaded[2]) == names
    for slot_id, own in weights.items():
        for name, array in own.items():
            np.testing.assert_array_equal(loaded[slot_id][name], array)
    del weights[2]["running_variance"]
    with pytest.raises(WeightsError, match=r"block 2 \(BatchNorm\) has no trained weights"):
        export_weights(path, stack, weights)
    WRITERS[ending](path, {n: a for n, a in arrays.items() if n != "1.batch_norm.running_mean"})
    with pytest.raises(WeightsError, match=r"block 2 \(BatchNorm\) has a running_mean of 2"):
        load_weights(path, checked)
