"""Explanations of a class score against captum's, and the layer map against openTSNE's."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.array_types import Array
from engine.data.sources import load
from engine.explain.attribution import class_gradient, grad_cam, integrated_gradients, occlusion
from engine.explain.class_score import scoring_layers
from engine.explain.layer_map import t_sne
from engine.exports.trained_network import TrainedNetwork
from engine.files.naming import module_names
from engine.model.network import Network
from engine.model.templates import lenet
from engine.model.weights import Weights
from tests import peers
from tests.engine.explain.nearness import trustworthiness
from tests.engine.exports.in_peers import write_folder
from tests.engine.exports.trained import trained
from tests.engine.networks import BLOCKS, MODERN, RESIDUAL, fitting

pytestmark = pytest.mark.peers

TARGET, GREY = 1, 0.25
SQUARES = ((1, 1), (2, 1), (3, 2), (4, 4))  # size and stride
_IN_CAPTUM = """
import json
import sys
from pathlib import Path
import numpy as np
import torch
from captum.attr import IntegratedGradients, LayerGradCam, Occlusion, Saliency
from engine.exports.generated_model import run_module

for folder in map(Path, sys.argv[1:]):
    asked = json.loads((folder / "asked.json").read_text())
    target = asked["target"]
    model = run_module(folder).load_model().double()
    model[-1] = torch.nn.Identity()  # the scores come before what closes the model
    image = torch.from_numpy(np.load(folder / "image.npy"))[None]
    found = {
        "gradient": Saliency(model).attribute(image, target, abs=False),
        "integrated": IntegratedGradients(model).attribute(
            image, torch.zeros_like(image), target, n_steps=50, method="gausslegendre"
        ),
    }
    for size, stride in asked["squares"]:
        found[f"occlusion {size} {stride}"] = Occlusion(model).attribute(
            image,
            sliding_window_shapes=(len(image[0]), size, size),
            strides=(len(image[0]), stride, stride),
            baselines=asked["value"],
            target=target,
        )[:, :1]
    for layer in asked["layers"]:
        maps = LayerGradCam(model, getattr(model, layer))
        found[layer] = maps.attribute(image, target, relu_attributions=False)
    np.savez(folder / "found.npz", **{name: each[0].detach() for name, each in found.items()})
"""
_IN_OPENTSNE = """
import numpy as np
from openTSNE import TSNE
from sklearn.manifold import trustworthiness

values, ours = np.load("values.npy"), np.load("points.npy")
theirs = TSNE(n_jobs=1, random_state=0).fit(values)
print(*(trustworthiness(values, np.asarray(each), n_neighbors=10) for each in (ours, theirs)))
"""


def _networks() -> dict[str, TrainedNetwork]:
    """Return networks of all kinds of blocks that a score goes back through."""
    digits = lenet().stack
    blocks = [slot.known for slot in digits]
    return {
        "sigmoid": trained(fitting(BLOCKS)),
        "softmax": trained(fitting(MODERN, loss="cross_entropy")),
        "colour": trained(fitting(MODERN, (3, 9, 7), loss="cross_entropy")),
        "residual": trained(fitting(RESIDUAL, (2, 8, 8), loss="cross_entropy")),
        "lenet": trained(fitting(blocks, digits.input_shape, 10, "cross_entropy")),
    }


def _layers_of_maps(network: Network) -> dict[str, int]:
    """Return the positions of the layers before the scores that give maps, by their names."""
    names = module_names([layer.slot for layer in network.layers])
    return {
        name: position
        for position, name in enumerate(names[: scoring_layers(network)])
        if len(network.layers[position].output_shape) == 3
    }


def _explained(network: Network, image: Array) -> dict[str, Array]:
    squares = {
        f"occlusion {size} {stride}": occlusion(
            network, image, TARGET, size=size, stride=stride, value=GREY
        ).lost[np.newaxis]
        for size, stride in SQUARES
    }
    maps = {
        name: grad_cam(network, image, TARGET, position).total[np.newaxis]
        for name, position in _layers_of_maps(network).items()
    }
    return {
        "gradient": class_gradient(network, image, TARGET).gradient,
        "integrated": integrated_gradients(network, image, TARGET).attributions,
        **squares,
        **maps,
    }


def test_explanations_of_a_score_are_those_of_captum(tmp_path: Path) -> None:
    networks = _networks()
    folders, images = [], {}
    for name, network in networks.items():
        folders.append(folder := write_folder(network, tmp_path / name, "pytorch"))
        shape = network.report.rows[0].input_shape
        images[name] = np.random.default_rng(38).uniform(0, 1, shape)
        np.save(folder / "image.npy", images[name])
        layers = list(_layers_of_maps(network.network()))
        asked = {"target": TARGET, "squares": SQUARES, "value": GREY, "layers": layers}
        (folder / "asked.json").write_text(json.dumps(asked))
    peers.run_python("-c", _IN_CAPTUM, *folders, cwd=tmp_path)
    for name, network in networks.items():
        with np.load(tmp_path / name / "found.npz") as held:
            wanted = dict(held)
        found = _explained(_double(network), images[name])
        assert found.keys() == wanted.keys()
        for each, right in wanted.items():
            assert found[each].shape == right.shape
            # What occlusion loses, captum adds up in single precision.
            assert np.abs(found[each] - right).max() <= 1e-6 * np.abs(right).max(), (name, each)


def _double(network: TrainedNetwork) -> Network:
    weights: Weights = {
        slot: {name: array.astype(np.float64) for name, array in own.items()}
        for slot, own in network.weights.items()
    }
    return Network(network.report, weights, np.float64)


def test_neighbours_are_as_near_as_in_the_map_of_opentsne(tmp_path: Path) -> None:
    digits = load("mnist")[1]
    values = digits.batch_inputs(slice(0, 500)).reshape(500, -1).astype(np.float64)
    *_, (_, points) = t_sne(values)
    np.save(tmp_path / "values.npy", values)
    np.save(tmp_path / "points.npy", points)
    said = peers.run_python("-c", _IN_OPENTSNE, cwd=tmp_path)
    ours, theirs = map(float, said.splitlines()[-1].split())
    assert trustworthiness(values, points) == pytest.approx(ours, abs=1e-4)
    assert ours >= theirs - 0.01
