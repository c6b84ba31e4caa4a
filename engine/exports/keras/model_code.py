"""The text of `model.py`: the network for Keras, to be read."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine import blocks as kinds
from engine.array_types import Array, Shape, format_shape, is_vector
from engine.blocks.batch_norm import BatchNormLayer
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import classes_code, comment_text, option_values
from engine.files.naming import module_names
from engine.model.settings import Settings
from engine.model.stack import Row, ShapeReport
from engine.model.weights import Weights
from engine.version import version

_FIRST, _LAST = "(3, 1, 2)", "(2, 3, 1)"  # of Permute: where the channels go

# Keras's name of an array, and its axes there, as numbers of those here.
_ARRAYS: dict[str, dict[str, tuple[str, tuple[int, ...]]]] = {
    "conv": {"weight": ("kernel", (2, 3, 1, 0)), "bias": ("bias", (0,))},
    "dense": {"weight": ("kernel", (1, 0)), "bias": ("bias", (0,))},
    "batch_norm": {
        "weight": ("gamma", (0,)),
        "bias": ("beta", (0,)),
        "running_mean": ("moving_mean", (0,)),
        "running_variance": ("moving_variance", (0,)),
    },
}
_BIAS_MAP_AXES = (1, 2, 0)


@dataclass(frozen=True)
class StoredArray:
    """Which array of a slot has a name in Keras, and the order of its axes there."""

    slot_id: int
    parameter: str
    axes: tuple[int, ...]

    def to_keras(self, array: Array) -> Array:
        """Bring an array into the order of Keras."""
        return array.transpose(self.axes)

    def from_keras(self, array: Array) -> Array:
        """Bring an array of Keras back into the order that it has here."""
        return np.ascontiguousarray(array.transpose(np.argsort(self.axes)))


def keras_shape(shape: Shape) -> Shape:
    """Return the shape that one sample has in Keras."""
    if len(shape) == 3:
        return (*shape[1:], shape[0])
    return shape[:1] if is_vector(shape) else shape


def to_keras(outputs: Array) -> Array:
    """Bring the outputs (n, ...) of a block into the form that they have in Keras."""
    if outputs.ndim == 4:
        return outputs.transpose(0, 2, 3, 1)
    return outputs.reshape(len(outputs), *keras_shape(outputs.shape[1:]))


def stored_arrays(report: ShapeReport) -> dict[str, StoredArray]:
    """Return what each of Keras's arrays is here, by its name: `conv1.kernel`, `bn1.gamma`."""
    names = module_names(row.slot for row in report.rows)
    found = {}
    for name, row in zip(names, report.rows, strict=True):
        for parameter, (called, axes) in _ARRAYS.get(row.slot.known.kind, {}).items():
            full_name = f"{name}.{called}"
            if _has_bias_map(row.slot.known):
                full_name, axes = {
                    "weight": (f"{name}_kernels.kernel", axes),
                    "bias": (f"{name}.bias_map", _BIAS_MAP_AXES),
                }[parameter]
            found[full_name] = StoredArray(row.slot.id, parameter, axes)
    return found


def keras_arrays(report: ShapeReport, weights: Weights) -> dict[str, Array]:
    """Return the weights by Keras's names, in its order."""
    return {
        name: stored.to_keras(weights[stored.slot_id][stored.parameter])
        for name, stored in stored_arrays(report).items()
    }


def _layers(name: str, row: Row) -> Iterator[str]:
    """Write the lines of a block; the last of its layers has its name."""
    inputs, outputs = row.input_shape or (), row.output_shape or ()
    shape = keras_shape(outputs)
    title = comment_text(row.slot.title)
    comment = f"{format_shape(shape)}, {title}" if title else format_shape(shape)
    block = row.slot.known
    if isinstance(block, kinds.Reshape):
        yield from _reshape(name, inputs, outputs, comment)
        return
    locked = ["trainable=False"] if row.slot.locked else []
    call, *options = _call(block, inputs)
    if _has_bias_map(block):
        kernels = f"{name}_kernels"
        arguments = ", ".join([*options, "use_bias=False", f'name="{kernels}"', *locked])
        yield f"{call}({arguments}),  # {format_shape(shape)}"
        call, options = "BiasMap", []
    arguments = ", ".join([*options, f'name="{name}"', *locked])
    yield f"{call}({arguments}),  # {comment}"


def _reshape(name: str, inputs: Shape, outputs: Shape, comment: str) -> Iterator[str]:
    """Go through the order of values that they have here: a map after the other."""
    if len(inputs) == 3:
        first = f"{name}_channels_first"
        yield f'layers.Permute({_FIRST}, name="{first}"),  # {format_shape(inputs)}'
    if len(outputs) == 3:
        maps = f"{name}_maps"
        yield f'layers.Reshape({outputs}, name="{maps}"),  # {format_shape(outputs)}'
        yield f'layers.Permute({_LAST}, name="{name}"),  # {comment}'
    elif is_vector(outputs):
        yield f'layers.Flatten(name="{name}"),  # {comment}'
    else:
        yield f'layers.Reshape({outputs}, name="{name}"),  # {comment}'


def _call(block: kinds.KnownBlock, inputs: Shape) -> list[str]:
    """Return the class of a layer, and the arguments that it is made with."""
    match block:
        case kinds.Conv():
            return _conv(block)
        case kinds.MaxPool() | kinds.AvgPool():
            layer = "MaxPooling2D" if isinstance(block, kinds.MaxPool) else "AveragePooling2D"
            stride = [] if block.step == block.size else [f"strides={block.step}"]
            return [f"layers.{layer}", str(block.size), *stride]
        case kinds.GlobalAvgPool():
            return ["layers.GlobalAveragePooling2D"]
        case kinds.Dense():
            return ["layers.Dense", str(block.units)]
        case kinds.BatchNorm():
            axis = -1 if len(inputs) == 3 else 1
            momentum = 1 - BatchNormLayer.MOMENTUM  # which is the share of the newest there
            numbers = [f"momentum={momentum:g}", f"epsilon={BatchNormLayer.EPSILON:g}"]
            return ["layers.BatchNormalization", f"axis={axis}", *numbers]
        case kinds.LeakyReLU():
            return ["layers.LeakyReLU", f"negative_slope={block.slope!r}"]
        case kinds.Pointwise():
            return ["layers.Activation", f'"{block.kind}"']
    return [f"layers.{block.name}", *map(repr, option_values(block))]


def _conv(block: kinds.Conv) -> list[str]:
    options = [str(block.depth), str(block.kernel_size)]
    if block.stride > 1:
        options.append(f"strides={block.stride}")
    if block.padding == "same":
        options.append('padding="same"')
    return ["layers.Conv2D", *options]


def _has_bias_map(block: kinds.KnownBlock) -> bool:
    return isinstance(block, kinds.Conv) and block.bias == "position"


_BIAS_MAP = '''

@keras.saving.register_keras_serializable("layerscope")
class BiasMap(layers.Layer):
    """Add a bias for each position of each map.

    Keras's own Conv2D has one bias for a whole map; so it does without, and this comes after it.
    """

    def build(self, input_shape):
        self.bias_map = self.add_weight(name="bias_map", shape=input_shape[1:])

    def call(self, maps):
        return maps + self.bias_map
'''
_FUNCTIONS = '''

def load_model(path=HERE / "weights.npz"):
    """Return the model with its trained weights, ready to predict."""
    model = build_model()
    with np.load(path) as weights:
        for layer in model.layers:
            for variable in layer.weights:
                variable.assign(weights[f"{{layer.name}}.{{variable.name}}"])
    return model


def compile_model(model):
    """Make a model ready for `fit`, by the settings of the project."""
    model.compile(
        optimizer={optimizer},
        loss={loss},
        metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
    )
    return model


def check():
    """Compare the outputs of every block with those that Layerscope computed."""
    with np.load(HERE / "check.npz") as file:
        expected = dict(file)
    values = expected["images"]
    for layer in load_model().layers:
        values = layer(values)
        if layer.name in expected:
            found = keras.ops.convert_to_numpy(values)
            difference = np.abs(found - expected[layer.name]).max()
            print(f"{{layer.name:12}} largest difference {{difference:.1e}}")
    right, wanted = found.argmax(axis=1), expected[layer.name].argmax(axis=1)
    print(f"{{(right == wanted).sum()}} of {{len(wanted)}} predictions agree")


if __name__ == "__main__":
    check()
'''
_LOSSES = {
    "bce": "keras.losses.BinaryCrossentropy()",
    "cross_entropy": "keras.losses.CategoricalCrossentropy()",
    "mse": "keras.losses.MeanSquaredError()",
}


def model_code(network: TrainedNetwork) -> str:
    """Return the text of `model.py`."""
    text = _head(network)
    build = _build_model(network)
    if "BiasMap(" in build:
        text += _BIAS_MAP
    functions = _FUNCTIONS.format(
        optimizer=optimizer_code(network.settings), loss=_LOSSES[network.settings.loss]
    )
    return text + build + functions


def optimizer_code(settings: Settings) -> str:
    """Return the call that makes the optimizer, as far as Keras has its options."""
    rate = f"{settings.learning_rate!r}"
    if settings.optimizer == "sgd":
        options = [f"momentum={settings.momentum!r}"] if settings.momentum else []
        options += ["nesterov=True"] if settings.momentum and settings.nesterov else []
        return f"keras.optimizers.SGD({', '.join([rate, *options])})"
    if settings.optimizer == "adamw":
        decay = f"weight_decay={settings.weight_decay!r}"
        return f"keras.optimizers.AdamW({rate}, {decay}, epsilon=1e-8)"
    return f"keras.optimizers.Adam({rate}, epsilon=1e-8)"


def _head(network: TrainedNetwork) -> str:
    shape = network.report.rows[0].input_shape or ()
    channels = "grey" if shape[0] == 1 else "in red, green and blue"
    return f'''"""A network that was built in Layerscope {version()}, as a model of Keras 3.

It takes images (n, {", ".join(map(str, shape))}), {channels}, with values from 0 to 1, which are
bytes divided by 255. It gives a value for each class:

    from model import CLASSES, load_model
    outputs = load_model().predict(images)

`python model.py` compares it with what Layerscope computed. Where TensorFlow is not installed,
KERAS_BACKEND=torch or KERAS_BACKEND=jax before it says what Keras computes with.
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).resolve().parent
IMAGE_SHAPE = {shape}
{classes_code(network.class_names)}
'''


def _build_model(network: TrainedNetwork) -> str:
    shape = network.report.rows[0].input_shape or ()
    last = format_shape(keras_shape(shape))
    lines = [
        "keras.Input(IMAGE_SHAPE),",
        f'layers.Permute((2, 3, 1), name="channels_last"),  # {last}, as Keras has maps',
    ]
    if network.scaling.is_standard:
        mean, deviation = network.scaling.mean, network.scaling.deviation
        variance = f"({', '.join(f'{number!r} ** 2' for number in deviation)},)"
        lines.append(
            f'layers.Normalization(mean={mean}, variance={variance}, name="standardise"),  # {last}'
        )
    rows = network.report.rows
    for name, row in zip(module_names(row.slot for row in rows), rows, strict=True):
        lines += _layers(name, row)
    listed = "".join(f"        {line}\n" for line in lines)
    return f'''

def build_model():
    """Return the model as it was before training; beside each layer stands the shape it gives."""
    return keras.Sequential([
{listed}    ])
'''
