"""The Keras folder in Keras: the outputs of its model, what it learns, and that it can be saved."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import blocks as kinds
from engine.exports.keras.folder import keras_arrays
from engine.proof import prove
from tests import peers
from tests.engine.exports.in_peers import (
    assert_outputs_are_the_engines,
    assert_proved,
    learned_here,
    write_folder,
)
from tests.engine.exports.trained import learnable, random_networks, trained, with_settings
from tests.engine.networks import BLOCKS, MODERN, POINTWISE, RESIDUAL, fitting

pytestmark = pytest.mark.peers

RANDOM_NETWORKS = 25
_TRAIN = """
import keras
import numpy as np
from model import compile_model, load_model
with np.load("training.npz") as file:
    images, targets = file["images"], file["targets"]
model = compile_model(load_model())
model.fit(images, targets, batch_size=len(images), epochs=4, verbose=0)
weights = {f"{layer.name}.{w.name}": w.numpy() for layer in model.layers for w in layer.weights}
np.savez("trained.npz", **weights)
model.save("network.keras")
again = keras.models.load_model("network.keras")
before, after = (each.predict(images, verbose=0) for each in (model, again))
assert np.array_equal(before, after)
"""


@pytest.fixture(autouse=True)
def _computed_with_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")


def test_the_outputs_of_random_networks_are_those_of_the_engine(tmp_path: Path) -> None:
    colour = fitting(MODERN, (3, 7, 9), loss="cross_entropy")
    networks = [*random_networks(RANDOM_NETWORKS), trained(colour, "cross_entropy")]
    networks.append(trained(fitting(POINTWISE, loss="mse")))
    networks.append(trained(fitting(RESIDUAL, loss="mse")))
    assert len(networks) > RANDOM_NETWORKS // 2
    assert_outputs_are_the_engines(networks, tmp_path, "keras")


def test_an_export_is_proved_by_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(peers.PYTHON))
    monkeypatch.setattr(prove, "find_spec", lambda _name: True)
    assert_proved(tmp_path / "out", "keras")


# In batches of all images their order does not matter, so both train the same.
@pytest.mark.parametrize(
    ("blocks", "loss", "changes"),
    [
        (BLOCKS, "bce", {"optimizer": "adam"}),
        (BLOCKS, "mse", {"optimizer": "adamw", "weight_decay": 0.1}),
        (
            tuple(block for block in MODERN if not isinstance(block, kinds.Dropout)),
            "cross_entropy",
            {"momentum": 0.9, "nesterov": True},
        ),
        (RESIDUAL, "cross_entropy", {"momentum": 0.9}),
    ],
    ids=["adam", "adamw", "sgd", "residual"],
)
def test_it_learns_as_the_engine_does(
    tmp_path: Path, blocks: tuple[kinds.KnownBlock, ...], loss: str, changes: dict[str, Any]
) -> None:
    network = learnable(trained(fitting(blocks, loss=loss), loss, standard=True))
    network = with_settings(
        network, **{"batch_size": 96, "epochs": 4, "learning_rate": 0.02, **changes}
    )
    folder = write_folder(network, tmp_path / "out", "keras")
    assert network.training is not None
    images = np.asarray(network.training.images).astype(np.float32) / np.float32(255)
    targets = network.training.batch_targets(slice(None))
    np.savez(folder / "training.npz", images=images, targets=targets)
    peers.run_python("-c", _TRAIN, cwd=folder)
    right, start = (
        keras_arrays(network.report, learned_here(network)),
        keras_arrays(network.report, network.weights),
    )
    with np.load(folder / "trained.npz") as file:
        found = dict(file)
    assert found.keys() == right.keys()
    share = 0.02 if "optimizer" in changes else 1e-4
    for name, array in right.items():
        if name.endswith("moving_variance"):  # which is not the unbiased one there
            continue
        difference, way = np.abs(found[name] - array), np.abs(array - start[name])
        # Keras's Adam counts ε for more in its first steps, where a gradient is next to 0.
        assert difference.mean() <= share * way.mean() + 1e-7, name
    assert max(float(np.abs(right[name] - start[name]).max()) for name in right) > 1e-3
