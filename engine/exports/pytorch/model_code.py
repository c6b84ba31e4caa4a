"""The text of `model.py`: what a teacher would show in class."""

from engine.array_types import format_shape
from engine.exports.pytorch.modules import Module, modules_of
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import classes_code
from engine.version import version

_STANDARDISE = '''

class Standardise(nn.Module):
    """Bring each channel to mean 0 and deviation 1, as the training images had it."""

    def __init__(self, mean, deviation):
        super().__init__()
        # Numbers of the data, not weights: they move along to a GPU but are not saved.
        self.register_buffer("mean", torch.tensor(mean).reshape(-1, 1, 1), persistent=False)
        self.register_buffer(
            "deviation", torch.tensor(deviation).reshape(-1, 1, 1), persistent=False
        )

    def forward(self, images):
        return (images - self.mean) / self.deviation
'''
_BIAS_MAP = '''

class BiasMapConv2d(nn.Conv2d):
    """A convolution with a bias for each position of each map.

    PyTorch's own Conv2d has one bias for a whole map; so it does without, and the map of biases is
    added here.
    """

    def __init__(self, *sizes, map_size, **options):
        super().__init__(*sizes, bias=False, **options)
        self.bias_map = nn.Parameter(torch.zeros(self.out_channels, *map_size))

    def forward(self, maps):
        return super().forward(maps) + self.bias_map
'''
_RESHAPE = '''

class Reshape(nn.Module):
    """Give the values of each sample another shape."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def forward(self, values):
        return values.reshape(len(values), *self.shape)
'''
_FUNCTIONS = '''

def load_model(path=HERE / "weights.safetensors"):
    """Return the model with its trained weights, ready to predict."""
    model = build_model()
    model.load_state_dict(load_file(path))
    return model.eval()


def check():
    """Compare the outputs of every block with those that Layerscope computed."""
    expected = np.load(HERE / "check.npz")
    values = torch.from_numpy(expected["images"])
    with torch.no_grad():
        for name, module in load_model().named_children():
            values = module(values)
            if name in expected:
                difference = np.abs(values.numpy() - expected[name]).max()
                print(f"{name:12} largest difference {difference:.1e}")
    found, wanted = values.argmax(dim=1).numpy(), expected[name].argmax(axis=1)
    print(f"{(found == wanted).sum()} of {len(wanted)} predictions agree")


if __name__ == "__main__":
    check()
'''


def model_code(network: TrainedNetwork) -> str:
    """Return the text of `model.py`."""
    modules = modules_of(network.report)
    text = _head(network)
    for name, code in (
        ("Standardise(", _STANDARDISE if network.scaling.is_standard else ""),
        ("BiasMapConv2d(", _BIAS_MAP),
        ("Reshape(", _RESHAPE),
    ):
        if name == "Standardise(" or any(module.call.startswith(name) for module in modules):
            text += code
    return text + _build_model(network, modules) + _FUNCTIONS


def _head(network: TrainedNetwork) -> str:
    shape = network.report.rows[0].input_shape or ()
    channels = "grey" if shape[0] == 1 else "in red, green and blue"
    return f'''"""A network that was built in Layerscope {version()}, as a model of PyTorch.

It takes images (n, {", ".join(map(str, shape))}), {channels}, with values from 0 to 1, which are
bytes divided by 255. It gives a value for each class:

    from model import CLASSES, load_model
    outputs = load_model()(images)

`python model.py` compares it with what Layerscope computed.
"""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

HERE = Path(__file__).resolve().parent
IMAGE_SHAPE = {shape}
{classes_code(network.class_names)}
'''


def _build_model(network: TrainedNetwork, modules: tuple[Module, ...]) -> str:
    lines = []
    if network.scaling.is_standard:
        mean, deviation = network.scaling.mean, network.scaling.deviation
        shape = format_shape(network.report.rows[0].input_shape or ())
        lines.append(f'("standardise", Standardise({mean}, {deviation})),  # {shape}')
    lines += [f'("{each.name}", {each.call}),  # {each.comment}' for each in modules]
    listed = "".join(f"        {line}\n" for line in lines)
    return f'''

def build_model():
    """Return the model as it was before training; beside each part stands the shape it gives."""
    return nn.Sequential(OrderedDict([
{listed}    ]))
'''
