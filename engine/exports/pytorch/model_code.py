"""The text of `model.py`: what a teacher would show in class."""

from collections.abc import Iterator

from engine import blocks as kinds
from engine.array_types import Shape, format_shape, is_vector
from engine.compute.convolution import Axis
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import classes_code, comment_text, option_values
from engine.files.naming import module_names
from engine.model.stack import Row
from engine.version import version


def torch_shape(shape: Shape) -> Shape:
    """Return the shape that one sample has in PyTorch."""
    return shape[:1] if is_vector(shape) else shape


def _modules(name: str, row: Row) -> Iterator[str]:
    """Write the lines of a block; the last of its modules has its name.

    Columns (n, 1), which PyTorch's layers do not take, are vectors there.
    """
    assert row.input_shape is not None
    assert row.output_shape is not None
    block = row.slot.known
    number = name.lstrip("abcdefghijklmnopqrstuvwxyz")
    shape = torch_shape(row.output_shape)
    title = comment_text(row.slot.title)
    comment = f"{format_shape(shape)}, {title}" if title else format_shape(shape)
    if isinstance(block, kinds.Conv) and (padding := _padding(block, row.input_shape)):
        channels, height, width = row.input_shape
        left, right, top, bottom = padding
        padded = format_shape((channels, height + top + bottom, width + left + right))
        yield f'("pad{number}", nn.ZeroPad2d({padding})),  # {padded}'
    if isinstance(block, kinds.GlobalAvgPool):
        pooled = format_shape((*shape, 1, 1))
        yield f'("mean{number}", nn.AdaptiveAvgPool2d(1)),  # {pooled}'
    yield f'("{name}", {_call(block, row.input_shape, row.output_shape)}),  # {comment}'


def _padding(block: kinds.Conv, maps: Shape) -> tuple[int, int, int, int] | None:
    """Return the zeros left, right, above and below that PyTorch's Conv2d does not count itself."""
    if block.padding == "valid" or block.stride == 1:
        return None
    rows, columns = (Axis(size, block.kernel_size, block.stride, same=True) for size in maps[1:])
    return (*columns.padding, *rows.padding)


def _call(block: kinds.KnownBlock, inputs: Shape, outputs: Shape) -> str:
    match block:
        case kinds.Conv():
            return _conv(block, inputs, outputs)
        case kinds.MaxPool() | kinds.AvgPool():
            layer = "MaxPool2d" if isinstance(block, kinds.MaxPool) else "AvgPool2d"
            stride = "" if block.step == block.size else f", stride={block.step}"
            return f"nn.{layer}({block.size}{stride})"
        case kinds.GlobalAvgPool():
            return "nn.Flatten()"
        case kinds.Dense():
            return f"nn.Linear({torch_shape(inputs)[0]}, {block.units})"
        case kinds.Reshape():
            shape = torch_shape(outputs)
            return "nn.Flatten()" if len(shape) == 1 else f"Reshape({shape})"
        case kinds.BatchNorm():
            layer = "BatchNorm2d" if len(inputs) == 3 else "BatchNorm1d"
            return f"nn.{layer}({inputs[0]})"
        case kinds.Softmax():
            return "nn.Softmax(dim=1)"
    return f"nn.{block.name}({', '.join(map(repr, option_values(block)))})"


def _conv(block: kinds.Conv, inputs: Shape, outputs: Shape) -> str:
    options = f"{inputs[0]}, {block.depth}, kernel_size={block.kernel_size}"
    if block.stride > 1:
        options += f", stride={block.stride}"
    elif block.padding == "same":
        options += ', padding="same"'
    if block.bias == "position":
        return f"BiasMapConv2d({options}, map_size={outputs[1:]})"
    return f"nn.Conv2d({options})"


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
    build, text = _build_model(network), _head(network)
    for call, code in (
        (" Standardise(", _STANDARDISE),
        (" BiasMapConv2d(", _BIAS_MAP),
        (" Reshape(", _RESHAPE),
    ):
        if call in build:
            text += code
    return text + build + _FUNCTIONS


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


def _build_model(network: TrainedNetwork) -> str:
    lines = []
    if network.scaling.is_standard:
        mean, deviation = network.scaling.mean, network.scaling.deviation
        shape = format_shape(network.report.rows[0].input_shape or ())
        lines.append(f'("standardise", Standardise({mean}, {deviation})),  # {shape}')
    rows = network.report.rows
    for name, row in zip(module_names(row.slot for row in rows), rows, strict=True):
        lines += _modules(name, row)
    listed = "".join(f"        {line}\n" for line in lines)
    return f'''

def build_model():
    """Return the model as it was before training; beside each part stands the shape it gives."""
    return nn.Sequential(OrderedDict([
{listed}    ]))
'''
