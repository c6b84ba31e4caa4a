"""The text of `model.py`: the network for Keras, to be read."""

from engine.array_types import format_shape
from engine.exports.keras.layers import keras_shape, layers_of
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import classes_code
from engine.model.settings import Settings
from engine.version import version

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
    lines += [f"{each.call},  # {each.comment}" for each in layers_of(network.report)]
    listed = "".join(f"        {line}\n" for line in lines)
    return f'''

def build_model():
    """Return the model as it was before training; beside each layer stands the shape it gives."""
    return keras.Sequential([
{listed}    ])
'''
