"""The PyTorch folder without PyTorch: its texts, names and numbers, and its proof by numpy."""

import ast
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.exports import trained_network
from engine.exports.pytorch import folder
from engine.exports.trained_network import TrainedNetwork
from engine.model.settings import Settings
from engine.struct_fields import fields_of
from tests.engine.exports.test_model_folders import arrays_of, files_of
from tests.engine.exports.trained import trained, with_settings
from tests.engine.networks import fitting


def text_of(network: TrainedNetwork, name: str) -> str:
    return files_of(network, "pytorch")[name].decode()


def function_text(network: TrainedNetwork, name: str) -> str:
    """Return a function of train.py without its docstring."""
    tree = ast.parse(text_of(network, "train.py"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = functions[name]
    found.body = found.body[1:]
    return ast.unparse(found)


def test_schedules_are_those_of_the_project() -> None:
    from engine.training.optimizers import learning_rate_factor

    (schedule,) = (each for each in fields_of(Settings) if each.name == "schedule")
    for name in schedule.choices:
        network = with_settings(trained(fitting()), schedule=name, step_epochs=2)
        found: dict[str, Callable[[float, int], float]] = {}
        exec("import math\n" + function_text(network, "rate_factor"), found)
        for gone in (0.0, 0.5, 1.99, 2.0, 4.5, 9.75):
            expected = learning_rate_factor(network.settings, gone, 10)
            assert found["rate_factor"](gone, 10) == pytest.approx(expected, rel=1e-12)


def test_the_data_is_that_of_the_project() -> None:
    network = with_settings(trained(fitting()), validation_split=25.0)
    assert network.training is not None
    training = replace(network.training, classes=(3, 5, 8))
    arrays = arrays_of(files_of(replace(network, training=training), "pytorch")["data.npz"])
    assert {name: len(array) for name, array in arrays.items()} == {
        "x_train": 15,
        "y_train": 15,
        "x_valid": 5,
        "y_valid": 5,
        "x_test": 20,
        "y_test": 20,
    }
    assert arrays["x_train"].dtype == np.uint8
    assert set(arrays["y_train"].tolist()) | set(arrays["y_valid"].tolist()) == {3, 5, 8}
    np.testing.assert_array_equal(arrays["x_test"], np.asarray(network.test.images))  # type: ignore[union-attr]


def test_large_data_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "DATA_BYTES", 100)
    files = files_of(trained(fitting()), "pytorch")
    assert "data.npz" not in files
    assert "--data" in files["README.md"].decode()
    without = replace(trained(fitting()), training=None, test=None)
    assert "data.npz" not in files_of(without, "pytorch")


def test_outputs_of_large_blocks_stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained_network, "_CHECK_BYTES", 100)
    check = arrays_of(files_of(trained(fitting()), "pytorch")["check.npz"])
    assert list(check) == ["images", "sigmoid3"]
    assert len(check["images"]) == 1


def test_no_folder_of_the_users_is_told() -> None:
    network = with_settings(trained(fitting()), dataset="/home/anna/äpfel")
    for name, content in files_of(network, "pytorch").items():
        assert b"/home/anna" not in content, name
    described = json.loads(files_of(network, "pytorch")["network.json"])
    assert described["data"]["name"] == described["settings"]["dataset"] == "äpfel"
