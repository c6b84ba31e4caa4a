"""The format Keras: a folder that holds the network as code, its weights and what checks them."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np

from engine import blocks as kinds
from engine.array_types import Array, Shape, format_shape, is_vector
from engine.blocks.batch_norm import BatchNormLayer
from engine.blocks.group_norm import GroupNormLayer
from engine.data.names import LISTED, listed
from engine.exports.export_format import (
    UNPROVED,
    ExportFormat,
    Files,
    no_form,
    resource,
    resource_parts,
    with_proof,
)
from engine.exports.generated_model import (
    SHARED,
    Arrays,
    Forward,
    ModelPart,
    read_parts,
    run,
    run_module,
)
from engine.exports.trained_network import (
    TrainedNetwork,
    check_file,
    comment_text,
    markdown_text,
    model_head,
    notes_of,
)
from engine.files import tensors
from engine.files.atomic import ProgressReport
from engine.files.naming import module_names
from engine.files.tensors import with_checksums
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Row, ShapeReport
from engine.model.weights import Weights
from engine.proof import plain_numpy
from engine.proof.verdict import BlockOutputs, Way
from engine.version import version

_FIRST, _LAST = "(3, 1, 2)", "(2, 3, 1)"  # of Permute: where the channels go
# What Keras calls the arrays of a block that has a number for each map or value; others have a
# kernel and a bias.
_OF_MAPS = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_variance": "moving_variance",
}
# The axes there of an array of so many, as numbers of those here.
_AXES: dict[int, tuple[int, ...]] = {1: (0,), 2: (1, 0), 3: (1, 2, 0), 4: (2, 3, 1, 0)}
_BACKENDS = ("tensorflow", "torch", "jax")
_BLOCK = re.compile(r"[a-z]+[0-9]+")  # the names of layers that only move axes have a "_"


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
        block, shapes = row.slot.known, row.array_shapes or {}
        for parameter, shape in shapes.items():
            called = _OF_MAPS[parameter] if len(shapes["weight"]) == 1 else parameter
            module, axes = name, _AXES[len(shape)]
            if called == "weight":
                called = "kernel"
                module += "_kernels" if _has_bias_map(block) else ""
                axes = (2, 3, 0, 1) if isinstance(block, kinds.DepthwiseConv) else axes
            module += "_conv" if isinstance(block, kinds.Add) else ""
            called += "_map" if len(shape) == 3 else ""
            found[f"{module}.{called}"] = StoredArray(row.slot.id, parameter, axes)
    return found


def keras_arrays(report: ShapeReport, weights: Weights) -> dict[str, Array]:
    """Return the weights by Keras's names, in its order."""
    return {
        name: stored.to_keras(weights[stored.slot_id][stored.parameter])
        for name, stored in stored_arrays(report).items()
    }


def _layers(name: str, row: Row, names: Sequence[str]) -> Iterator[str]:
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
    call, *options = _call(row.slot, inputs)
    if _has_bias_map(block):
        kernels = f"{name}_kernels"
        arguments = ", ".join([*options, "use_bias=False", f'name="{kernels}"', *locked])
        yield f"x = {call}({arguments})(x)  # {format_shape(shape)}"
        call, options = "BiasMap", []
    taken = "x"
    if isinstance(block, kinds.Add):
        added = names[block.source_number - 1]
        if block.through == "conv":
            conv = f"{name}_conv"
            stride = [f"strides={block.stride}"] if block.stride > 1 else []
            arguments = ", ".join([f"{inputs[0]}, 1", *stride, f'name="{conv}"', *locked])
            yield f"{conv} = layers.Conv2D({arguments})({added})  # {format_shape(shape)}"
            added = conv
        taken, locked = f"[x, {added}]", []
    arguments = ", ".join([*options, f'name="{name}"', *locked])
    yield f"x = {call}({arguments})({taken})  # {comment}"


def _reshape(name: str, inputs: Shape, outputs: Shape, comment: str) -> Iterator[str]:
    """Go through the order of values that they have here: a map after the other."""
    if len(inputs) == 3:
        first = f"{name}_channels_first"
        yield f'x = layers.Permute({_FIRST}, name="{first}")(x)  # {format_shape(inputs)}'
    if len(outputs) == 3:
        maps = f"{name}_maps"
        yield f'x = layers.Reshape({outputs}, name="{maps}")(x)  # {format_shape(outputs)}'
        yield f'x = layers.Permute({_LAST}, name="{name}")(x)  # {comment}'
    elif is_vector(outputs):
        yield f'x = layers.Flatten(name="{name}")(x)  # {comment}'
    else:
        yield f'x = layers.Reshape({outputs}, name="{name}")(x)  # {comment}'


def _call(slot: BlockSlot, inputs: Shape) -> list[str]:
    """Return the class of a layer, and the arguments that it is made with."""
    axis = f"axis={-1 if len(inputs) == 3 else 1}"
    match slot.block:
        case kinds.Conv() as block:
            return ["layers.Conv2D", str(block.depth), *_course(block)]
        case kinds.DepthwiseConv() as block:
            return ["layers.DepthwiseConv2D", *_course(block)]
        case kinds.MaxPool() | kinds.AvgPool() as block:
            layer = "MaxPooling2D" if isinstance(block, kinds.MaxPool) else "AveragePooling2D"
            stride = [] if block.step == block.size else [f"strides={block.step}"]
            return [f"layers.{layer}", str(block.size), *stride]
        case kinds.GlobalAvgPool():
            return ["layers.GlobalAveragePooling2D"]
        case kinds.Dense() as block:
            return ["layers.Dense", str(block.units)]
        case kinds.BatchNorm():
            momentum = 1 - BatchNormLayer.MOMENTUM  # which is the share of the newest there
            numbers = [f"momentum={momentum:g}", f"epsilon={BatchNormLayer.EPSILON:g}"]
            return ["layers.BatchNormalization", axis, *numbers]
        case kinds.GroupNorm() as block:
            epsilon = f"epsilon={GroupNormLayer.EPSILON:g}"
            return ["layers.GroupNormalization", str(block.groups), axis, epsilon]
        case kinds.LeakyReLU() as block:
            return ["layers.LeakyReLU", f"negative_slope={block.slope!r}"]
        case kinds.Pointwise() as block:
            return ["layers.Activation", f'"{block.kind}"']
        case kinds.Add():
            return ["layers.Add"]
        case kinds.Softmax() | kinds.Dropout() as block:
            return [f"layers.{block.name}", *map(repr, msgspec.structs.astuple(block))]
    raise no_form(slot, "keras")


def _course(block: kinds.Convolutional) -> list[str]:
    options = [str(block.kernel_size)]
    if block.stride > 1:
        options.append(f"strides={block.stride}")
    if block.padding == "same":
        options.append('padding="same"')
    return options


def _has_bias_map(block: kinds.KnownBlock) -> bool:
    return isinstance(block, kinds.Conv) and block.bias == "position"


_LOSSES = {
    "bce": "keras.losses.BinaryCrossentropy()",
    "cross_entropy": "keras.losses.CategoricalCrossentropy()",
    "mse": "keras.losses.MeanSquaredError()",
}


def model_code(network: TrainedNetwork) -> str:
    """Return the text of `model.py`."""
    parts, build = resource_parts("keras-model.txt"), _build_model(network)
    classes = (text for name, text in parts.items() if f" {name}(" in build)
    functions = parts["functions"].format(
        optimizer=optimizer_code(network.settings), loss=_LOSSES[network.settings.loss]
    )
    return "".join([model_head(parts, network), *classes, build, functions])


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


def _build_model(network: TrainedNetwork) -> str:
    shape = network.report.rows[0].input_shape or ()
    last = format_shape(keras_shape(shape))
    lines = [
        "x = images = keras.Input(IMAGE_SHAPE)",
        f'x = layers.Permute((2, 3, 1), name="channels_last")(x)  # {last}, as Keras has maps',
    ]
    if network.scaling.is_standard:
        mean, deviation = network.scaling.mean, network.scaling.deviation
        variance = f"({', '.join(f'{number!r} ** 2' for number in deviation)},)"
        call = f'layers.Normalization(mean={mean}, variance={variance}, name="standardise")'
        lines.append(f"x = {call}(x)  # {last}")
    rows = network.report.rows
    names = module_names(row.slot for row in rows)
    blocks = [row.slot.block for row in rows]
    taken = {names[block.source_number - 1] for block in blocks if isinstance(block, kinds.Add)}
    for name, row in zip(names, rows, strict=True):
        *inner, last = _layers(name, row, names)
        lines += [*inner, f"x = {name} = {last.removeprefix('x = ')}" if name in taken else last]
    listed = "".join(f"    {line}\n" for line in lines)
    return f'''

def build_model():
    """Return the model as it was before training; beside each layer stands the shape it gives."""
{listed}    return keras.Model(images, x)
'''


def read_back(path: Path, images: Array) -> BlockOutputs:
    """Load the network that the notes in the file of weights describe, and run it."""
    from engine.files.weights_file import read_content
    from engine.model.network import Network
    from engine.model.weights import Weights

    content = read_content(path / "weights.npz")
    metadata = content.metadata
    if metadata is None:
        raise ValueError("weights.npz does not say which network its weights are of")
    report = metadata.read_report()
    weights: Weights = {row.slot.id: {} for row in report.rows}
    entries = {entry.name: entry for entry in content.arrays}
    for name, stored in stored_arrays(report).items():
        weights[stored.slot_id][stored.parameter] = stored.from_keras(entries[name].read())
    return Network(report, weights).activations(metadata.read_scaling().of_values(images))


def run_in_plain_numpy(path: Path, images: Array) -> BlockOutputs:
    """Read the text of `model.py` and the arrays as numpy does, and compute in plain numpy."""
    layers = read_parts((path / "model.py").read_text("utf-8"))
    with np.load(path / "weights.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name != "metadata"}
    return _of_blocks(run(layers, _KINDS, arrays, images))


def run_in_keras(path: Path, images: Array) -> BlockOutputs:
    """Run `model.py` itself, in the process that is there for it."""
    found = (name for name in _BACKENDS if find_spec(name) is not None)
    os.environ.setdefault("KERAS_BACKEND", next(found, "numpy"))
    model = run_module(path)
    return _of_blocks(model.outputs_of_layers(model.load_model(), images))


def _of_blocks(outputs: Mapping[str, Array]) -> BlockOutputs:
    """Return the outputs of the layers that are called as blocks are, with channels first."""
    found = (array for name, array in outputs.items() if _BLOCK.fullmatch(name))
    return [array.transpose(0, 3, 1, 2) if array.ndim == 4 else array for array in found]


def _run_conv(maps: Array, layer: ModelPart, arrays: Arrays) -> Array:
    *depths, size = layer.numbers
    stride = layer.options.get("strides", 1)
    pads: Sequence[int] = (0, 0, 0, 0)
    if layer.options.get("padding") == "same":
        pads = plain_numpy.same_pads(maps.shape[1], maps.shape[2], size, stride)
    kernel, depth = arrays["kernel"], depths[0] if depths else 1
    if kernel.shape != (size, size, maps.shape[3], depth):
        raise ValueError(f"{layer.name} has weights of other sizes")
    axes = (3, 2, 0, 1) if depths else (2, 3, 0, 1)
    bias = arrays["bias"] if layer.options.get("use_bias", True) else np.zeros(depth)
    return _last(plain_numpy.conv(_first(maps), kernel.transpose(axes), bias, stride, pads))


def _pool(pool: Callable[[Array, int, int], Array]) -> Forward:
    return lambda x, layer, _: _last(
        pool(_first(x), layer.numbers[0], layer.options.get("strides", layer.numbers[0]))
    )


def _dense(vectors: Array, layer: ModelPart, arrays: Arrays) -> Array:
    if arrays["kernel"].shape != (vectors.shape[1], layer.numbers[0]):
        raise ValueError(f"{layer.name} has weights of other sizes")
    return plain_numpy.dense(vectors, arrays["kernel"].T, arrays["bias"])


def _batch_norm(values: Array, layer: ModelPart, arrays: Arrays) -> Array:
    axis, epsilon = layer.options["axis"], layer.options["epsilon"]
    scale, shift = arrays["gamma"], arrays["beta"]
    mean, variance = arrays["moving_mean"], arrays["moving_variance"]
    maps = np.moveaxis(values, axis, 1)
    normal = plain_numpy.batch_norm(maps, scale, shift, mean, variance, epsilon)
    return np.moveaxis(normal, 1, axis)


def _group_norm(values: Array, layer: ModelPart, arrays: Arrays) -> Array:
    axis, epsilon = layer.options["axis"], layer.options["epsilon"]
    maps, (groups,) = np.moveaxis(values, axis, 1), layer.numbers
    normal = plain_numpy.group_norm(maps, groups, arrays["gamma"], arrays["beta"], epsilon)
    return np.moveaxis(normal, 1, axis)


def _normalise(maps: Array, layer: ModelPart, _arrays: Arrays) -> Array:
    mean, variance = (np.array(layer.options[name]) for name in ("mean", "variance"))
    return np.asarray((maps - mean) / np.sqrt(variance))


def _first(maps: Array) -> Array:
    return maps.transpose(0, 3, 1, 2)


def _last(maps: Array) -> Array:
    return maps.transpose(0, 2, 3, 1)


_KINDS: dict[str, Forward] = {
    **SHARED,
    "Permute": lambda x, layer, _: x.transpose(0, *layer.numbers[0]),
    "Normalization": _normalise,
    "Conv2D": _run_conv,
    "DepthwiseConv2D": _run_conv,
    "BiasMap": lambda x, _l, a: x + a["bias_map"],
    "MaxPooling2D": _pool(plain_numpy.max_pool),
    "AveragePooling2D": _pool(plain_numpy.avg_pool),
    "GlobalAveragePooling2D": lambda x, _l, _a: x.mean(axis=(1, 2)),
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "GroupNormalization": _group_norm,
    "LeakyReLU": lambda x, layer, _: plain_numpy.leaky_relu(x, layer.options["negative_slope"]),
    "Activation": lambda x, layer, _: plain_numpy.pointwise(layer.numbers[0], x, {}),
}


WAYS = (
    Way("read back", read_back),
    Way("numpy", run_in_plain_numpy),
    Way("keras", run_in_keras, ("keras",)),
)


def readme(network: TrainedNetwork) -> str:
    """Return the text, before the proof."""
    names, settings = network.class_names, network.settings
    return resource("keras-readme.md").format(
        version=version(),
        shape=format_shape(network.report.rows[0].input_shape or ()),
        scaling=" It standardises them itself." if network.scaling.is_standard else "",
        classes=len(names),
        names=listed([*map(markdown_text, names)], LISTED),
        batch=settings.batch_size,
        epochs=settings.epochs,
        differences=", ".join(_differences(network, settings)),
        proof=UNPROVED,
    )


def _differences(network: TrainedNetwork, settings: Settings) -> list[str]:
    """Say what of the settings and the blocks is other in Keras."""
    found = ["the order of the samples and other random numbers are Keras's"]
    kinds = {row.slot.block.kind for row in network.report.rows}
    if settings.schedule != "constant":
        found.append("the learning rate stays the same")
    if settings.weight_decay and settings.optimizer != "adamw":
        found.append("there is no weight decay, which Keras knows only apart from the gradient")
    if settings.optimizer != "sgd":
        found.append("where a gradient is next to 0, the first steps of Adam are shorter")
    if any((settings.shift, settings.rotate, settings.zoom, settings.noise, settings.flip)):
        found.append("images are not changed at random")
    if any(row.slot.locked_kernels for row in network.report.rows):
        found.append("single locked kernels learn with the others")
    if "batch_norm" in kinds:
        found.append("the variance that batch normalisation remembers is not the unbiased one")
    return found


def _files(network: TrainedNetwork, report: ProgressReport) -> Files:
    model = model_code(network).encode()
    arrays = keras_arrays(network.report, network.weights)
    report(0.2)
    weights = tensors.write_npz(arrays, with_checksums(notes_of(network), arrays))
    report(0.5)
    check = check_file(network, to_keras)
    report(0.9)
    return {
        "README.md": readme(network).encode(),
        "model.py": model,
        "weights.npz": weights,
        "check.npz": check,
    }


KERAS = ExportFormat(
    name="keras",
    title="Keras folder",
    audience="For those who go on with Keras, on TensorFlow, JAX or PyTorch.",
    contents="A folder with the network as readable code, its weights, and a check of both.",
    ending="",
    files=_files,
    ways=WAYS,
    with_verdicts=with_proof,
)
