"""The format PyTorch: a folder that holds the network as code, its weights, data and training."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import blocks as kinds
from engine.array_types import Array, Shape, format_shape, is_vector
from engine.blocks import Sigmoid, Softmax
from engine.data.dataset import Dataset
from engine.data.image_form import GREY_VALUES
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
    write_arrays,
)
from engine.files import tensors
from engine.files.atomic import ProgressReport
from engine.files.naming import module_names, named_arrays, torch_names
from engine.files.tensors import with_checksums
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Row
from engine.proof import plain_numpy
from engine.proof.verdict import BlockOutputs, Way
from engine.runs.run_form import describe_start
from engine.training.samples import split
from engine.version import PROGRAM, version

SCRIPTS = Path(__file__).parent / "scripts"
_BEGIN, _END = "# -- what the project says --\n", "# -- the rest is the same for every project --\n"
_ONE_HOT = "    targets = functional.one_hot(labels, scores.shape[1]).to(scores.dtype)\n"


def read_back(path: Path, images: Array) -> BlockOutputs:
    """Load the network that `network.json` and the weights are, and run it."""
    from engine.files.weights_file import load_weights
    from engine.inputs.scaling import UNIT
    from engine.model.network import Network
    from engine.runs.run_form import read_description

    description = read_description((path / "network.json").read_bytes())
    project = description.project
    report = project.check()
    network = Network(report, load_weights(path / "weights.safetensors", report))
    return network.activations((project.scaling or UNIT).of_values(images))


def run_in_plain_numpy(path: Path, images: Array) -> BlockOutputs:
    """Read the text of `model.py` and the bytes of the weights, and compute in plain numpy."""
    modules = read_parts((path / "model.py").read_text("utf-8"))
    arrays, _ = plain_numpy.parse_safetensors((path / "weights.safetensors").read_bytes())
    outputs = run(modules, _KINDS, arrays, images)
    return [outputs[name] for name in _block_modules(path)]


def run_in_torch(path: Path, images: Array) -> BlockOutputs:
    """Run `model.py` itself, in the process that is there for it."""
    import torch

    model = run_module(path)
    outputs = model.outputs_of_parts(model.load_model(), torch.from_numpy(images))
    return [outputs[name].numpy() for name in _block_modules(path)]


def _block_modules(path: Path) -> list[str]:
    """Return the names of the modules whose outputs are those of the blocks."""
    network: dict[str, Any] = json.loads((path / "network.json").read_text("utf-8"))
    return list(network["modules"])


def _run_conv(maps: Array, module: ModelPart, arrays: Arrays) -> Array:
    stride, kernel = module.options.get("stride", 1), module.options["kernel_size"]
    pads: Sequence[int] = (0, 0, 0, 0)
    if module.options.get("padding") == "same":
        before, after = (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2
        pads = (before, before, after, after)
    channels, depth = module.numbers
    if arrays["weight"].shape[:2] != (depth, channels // module.options.get("groups", 1)):
        raise ValueError(f"{module.name} has weights of other sizes")
    bias = arrays["bias_map" if module.kind == "BiasMapConv2d" else "bias"]
    if bias.ndim == 3 and bias.shape[1:] != module.options["map_size"]:
        raise ValueError(f"{module.name} has a map of biases of another size")
    return plain_numpy.conv(maps, arrays["weight"], bias, stride, pads)


def _zero_pad(maps: Array, module: ModelPart, _arrays: Arrays) -> Array:
    left, right, top, bottom = module.numbers[0]
    return np.pad(maps, ((0, 0), (0, 0), (top, bottom), (left, right)))


def _pool(pool: Callable[[Array, int, int], Array]) -> Forward:
    return lambda x, m, _: pool(x, m.numbers[0], m.options.get("stride", m.numbers[0]))


def _linear(vectors: Array, module: ModelPart, arrays: Arrays) -> Array:
    if arrays["weight"].shape != module.numbers[::-1]:
        raise ValueError(f"{module.name} has weights of other sizes")
    return plain_numpy.dense(vectors, arrays["weight"], arrays["bias"])


def _batch_norm(values: Array, module: ModelPart, arrays: Arrays) -> Array:
    mean, variance = arrays["running_mean"], arrays["running_var"]
    return plain_numpy.batch_norm(values, arrays["weight"], arrays["bias"], mean, variance)


def _standardise(images: Array, module: ModelPart, _arrays: Arrays) -> Array:
    return plain_numpy.standardised(images, *(np.array(numbers) for numbers in module.numbers))


_KINDS: dict[str, Forward] = {
    **SHARED,
    "Standardise": _standardise,
    "ZeroPad2d": _zero_pad,
    "Conv2d": _run_conv,
    "BiasMapConv2d": _run_conv,
    "AddConv2d": _run_conv,
    "MaxPool2d": _pool(plain_numpy.max_pool),
    "AvgPool2d": _pool(plain_numpy.avg_pool),
    "AdaptiveAvgPool2d": lambda x, _m, _a: x.mean(axis=(2, 3), keepdims=True),
    "Linear": _linear,
    "BatchNorm2d": _batch_norm,
    "BatchNorm1d": _batch_norm,
    "GroupNorm": lambda x, m, a: plain_numpy.group_norm(x, m.numbers[0], a["weight"], a["bias"]),
}


WAYS = (
    Way("read back", read_back),
    Way("numpy", run_in_plain_numpy),
    Way("torch", run_in_torch, ("torch", "safetensors")),
)


def training_code(network: TrainedNetwork) -> str:
    """Return the text of `train.py`."""
    text = (SCRIPTS / "train.py").read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}{_constants(network)}{_functions(network)}\n\n{_END}{after}"


def _constants(network: TrainedNetwork) -> str:
    settings, slots = network.settings, [row.slot for row in network.report.rows]
    names = dict(zip(module_names(slots), slots, strict=True))
    locked = tuple(name for name, slot in names.items() if slot.locked)
    kernels = {
        name: list(slot.locked_kernels)
        for name, slot in names.items()
        if slot.locked_kernels and not slot.locked
    }
    return f"""EPOCHS, BATCH = {settings.epochs}, {settings.batch_size}
LEARNING_RATE, SEED = {settings.learning_rate!r}, {settings.seed}
# The numbers of the classes, as labels have them, in the order of the outputs.
CLASS_NUMBERS = {settings.classes!r}
# Blocks and kernels that learn nothing.
LOCKED, LOCKED_KERNELS = {locked!r}, {kernels!r}
# Training ends at this accuracy, or when the loss did not improve for so many epochs; 0 is off.
TARGET_ACCURACY, PATIENCE = {settings.target_accuracy / 100!r}, {settings.early_stopping}
"""


def _functions(network: TrainedNetwork) -> str:
    settings = network.settings
    optimizer = (
        '\ndef make_optimizer(parameters, rate):\n    """Return what changes the weights."""\n'
        f"    return {_optimizer(settings)}\n"
    )
    parts = resource_parts("pytorch-training.txt")
    changes = _augmentation(parts, settings)
    functions = [optimizer, _schedule(parts, settings), *_loss(parts, network), changes]
    return "\n" + "\n".join(functions)


def _optimizer(settings: Settings) -> str:
    options = f"parameters, lr=rate, weight_decay={settings.weight_decay!r}"
    if settings.optimizer == "adam":
        return f"torch.optim.Adam({options})"
    if settings.optimizer == "adamw":
        return f"torch.optim.AdamW({options})"
    if settings.momentum:
        options += f", momentum={settings.momentum!r}, nesterov={settings.nesterov!r}"
    return f"torch.optim.SGD({options})"


def _schedule(parts: Mapping[str, str], settings: Settings) -> str:
    found = parts[settings.schedule]
    if settings.schedule == "step":
        return found.format(factor=settings.step_factor, epochs=settings.step_epochs)
    return found


def _loss(parts: Mapping[str, str], network: TrainedNetwork) -> tuple[str, str]:
    """Return the functions `scorer_of` and `loss_of`."""
    kind, last = network.settings.loss, network.project.stack.slots[-1].block
    whole, without_last, text = (parts[name] for name in ("whole", "without_last", "loss"))
    over = "classes and the images"
    if kind == "mse":
        body, title = f"{_ONE_HOT}    return functional.mse_loss(scores, targets)", "squared error"
        return whole, text.format(title=title, over=over, body=body)
    if kind == "bce":
        fused = isinstance(last, Sigmoid)
        call = "binary_cross_entropy_with_logits" if fused else "binary_cross_entropy"
        body = f"{_ONE_HOT}    return functional.{call}(scores, targets)"
        scorer = without_last.format(last="Sigmoid") if fused else whole
        return scorer, text.format(title="binary cross-entropy", over=over, body=body)
    if isinstance(last, Softmax):
        scorer = without_last.format(last="Softmax")
        body = "    return functional.cross_entropy(scores, labels)"
    else:
        scorer = whole
        body = "    return functional.nll_loss(scores.clamp_min(1e-12).log(), labels)"
    return scorer, text.format(title="cross-entropy", over="images", body=body)


def _augmentation(parts: Mapping[str, str], settings: Settings) -> str:
    if not any((settings.shift, settings.rotate, settings.zoom, settings.flip, settings.noise)):
        return "\naugmented = None  # images are taken as they are\n"
    return parts["augmented"].format(
        shift=settings.shift,
        rotate=settings.rotate,
        zoom=settings.zoom / 100,
        flip=parts["flip"] if settings.flip else "",
        outside=f"{GREY_VALUES[settings.background]} / 255",
        noise=parts["noise"].format(noise=settings.noise) if settings.noise else "",
    )


def torch_shape(shape: Shape) -> Shape:
    """Return the shape that one sample has in PyTorch."""
    return shape[:1] if is_vector(shape) else shape


def _modules(name: str, row: Row, names: Sequence[str]) -> Iterator[str]:
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
    if isinstance(block, kinds.Convolutional) and (padding := _padding(block, row.input_shape)):
        channels, height, width = row.input_shape
        left, right, top, bottom = padding
        padded = format_shape((channels, height + top + bottom, width + left + right))
        yield f'("pad{number}", nn.ZeroPad2d({padding})),  # {padded}'
    if isinstance(block, kinds.GlobalAvgPool):
        pooled = format_shape((*shape, 1, 1))
        yield f'("mean{number}", nn.AdaptiveAvgPool2d(1)),  # {pooled}'
    call = _call(row.slot, row.input_shape, row.output_shape, names)
    yield f'("{name}", {call}),  # {comment}'


def _padding(block: kinds.Convolutional, maps: Shape) -> tuple[int, int, int, int] | None:
    """Return the zeros left, right, above and below that PyTorch's Conv2d does not count itself."""
    if block.padding == "valid" or block.stride == 1:
        return None
    geometry = block.geometry(maps)
    return (*geometry.columns.padding, *geometry.rows.padding)


def _call(slot: BlockSlot, inputs: Shape, outputs: Shape, names: Sequence[str]) -> str:
    match slot.block:
        case kinds.Convolutional() as block:
            return _conv(block, inputs, outputs)
        case kinds.MaxPool() | kinds.AvgPool() as block:
            layer = "MaxPool2d" if isinstance(block, kinds.MaxPool) else "AvgPool2d"
            stride = "" if block.step == block.size else f", stride={block.step}"
            return f"nn.{layer}({block.size}{stride})"
        case kinds.GlobalAvgPool():
            return "nn.Flatten()"
        case kinds.Dense() as block:
            return f"nn.Linear({torch_shape(inputs)[0]}, {block.units})"
        case kinds.Reshape():
            shape = torch_shape(outputs)
            return "nn.Flatten()" if len(shape) == 1 else f"Reshape({shape})"
        case kinds.BatchNorm():
            layer = "BatchNorm2d" if len(inputs) == 3 else "BatchNorm1d"
            return f"nn.{layer}({inputs[0]})"
        case kinds.GroupNorm() as block:
            return f"nn.GroupNorm({block.groups}, {inputs[0]})"
        case kinds.Softmax():
            return "nn.Softmax(dim=1)"
        case kinds.Add() as block:
            source = f'source="{names[block.source_number - 1]}"'
            if block.through == "identity":
                return f"Add({source})"
            stride = "" if block.stride == 1 else f", stride={block.stride}"
            sizes = f"{block.source_shape[0]}, {inputs[0]}, kernel_size=1{stride}"
            return f"AddConv2d({sizes}, {source})"
        case kinds.Pointwise() | kinds.Dropout() as block:
            return f"nn.{block.name}({', '.join(map(repr, msgspec.structs.astuple(block)))})"
    raise no_form(slot, "pytorch")


def _conv(block: kinds.Convolutional, inputs: Shape, outputs: Shape) -> str:
    options = f"{inputs[0]}, {outputs[0]}, kernel_size={block.kernel_size}"
    if not block.mixes:
        options += f", groups={inputs[0]}"
    if block.stride > 1:
        options += f", stride={block.stride}"
    elif block.padding == "same":
        options += ', padding="same"'
    if isinstance(block, kinds.Conv) and block.bias == "position":
        return f"BiasMapConv2d({options}, map_size={outputs[1:]})"
    return f"nn.Conv2d({options})"


def model_code(network: TrainedNetwork) -> str:
    """Return the text of `model.py`."""
    parts, build = resource_parts("pytorch-model.txt"), _build_model(network)
    classes = (text for name, text in parts.items() if f" {name}(" in build)
    return "".join([model_head(parts, network), *classes, build, parts["functions"]])


def _build_model(network: TrainedNetwork) -> str:
    lines = []
    if network.scaling.is_standard:
        mean, deviation = network.scaling.mean, network.scaling.deviation
        shape = format_shape(network.report.rows[0].input_shape or ())
        lines.append(f'("standardise", Standardise({mean}, {deviation})),  # {shape}')
    rows = network.report.rows
    names = module_names(row.slot for row in rows)
    for name, row in zip(names, rows, strict=True):
        lines += _modules(name, row, names)
    listed = "".join(f"        {line}\n" for line in lines)
    skips = any(isinstance(row.slot.block, kinds.Add) for row in rows)
    whole = "Network" if skips else "nn.Sequential"
    return f'''

def build_model():
    """Return the model as it was before training; beside each part stands the shape it gives."""
    return {whole}(OrderedDict([
{listed}    ]))
'''


def readme(network: TrainedNetwork, *, has_data: bool) -> str:
    """Return the text, before the proof."""
    names = network.class_names
    shown = listed([*map(markdown_text, names)], LISTED)
    standard = " It standardises them itself." if network.scaling.is_standard else ""
    data = "| `data.npz` | the images and labels to train and to test with |\n"
    if not has_data:
        data = (
            "\nThe data is too large for this folder, or was not there. Give it with `--data`: an "
            f".npz file with images of bytes (n, {', '.join(map(str, _shape(network)))}) in "
            "`x_train` and `x_test`, and the numbers of their classes in `y_train` and `y_test`.\n"
        )
    return resource("pytorch-readme.md").format(
        version=version(),
        program=PROGRAM,
        shape=format_shape(_shape(network)),
        scaling=standard,
        classes=len(names),
        names=shown,
        data=data,
        batch=network.settings.batch_size,
        more=" (own drawings are in data.npz)" if network.settings.drawings else "",
        proof=UNPROVED,
    )


def _shape(network: TrainedNetwork) -> tuple[int, ...]:
    return network.report.rows[0].input_shape or ()


DATA_BYTES = 64_000_000  # of images that the folder takes along


def _files(network: TrainedNetwork, report: ProgressReport) -> Files:
    own = named_arrays(network.project.stack, network.weights)
    arrays = {name: own[ours] for name, ours in torch_names(network.report.rows).items()}
    files = {
        "model.py": model_code(network).encode(),
        "weights.safetensors": tensors.write_safetensors(arrays, with_checksums({}, arrays)),
        "train.py": training_code(network).encode(),
        "run_folder.py": (SCRIPTS / "run_folder.py").read_bytes(),
        "read_data.py": (SCRIPTS / "read_data.py").read_bytes(),
        "network.json": _described(network),
    }
    report(0.2)
    files["check.npz"] = check_file(network, _in_torch)
    report(0.4)
    if network.training is not None and network.test is not None:
        size = sum(math.prod(part.images.shape) for part in (network.training, network.test))
        if size <= DATA_BYTES:
            files["data.npz"] = _data(network.training, network.test, network)
    report(0.9)
    return {"README.md": readme(network, has_data="data.npz" in files).encode(), **files}


def _described(network: TrainedNetwork) -> bytes:
    """Return what a run folder says of the network, and how its modules are called there."""
    named = zip(module_names(network.project.stack), network.project.stack, strict=True)
    form = describe_start(
        *(network.project, network.class_names, network.scaling),
        *(network.data_digest(), version()),
    )
    blocks = {name: f"{place}.{slot.known.kind}" for place, (name, slot) in enumerate(named)}
    described: dict[str, Any] = {"modules": blocks, **msgspec.to_builtins(form)}
    return msgspec.json.format(msgspec.json.encode(described), indent=1) + b"\n"


def _in_torch(outputs: Array) -> Array:
    return outputs.reshape(len(outputs), *torch_shape(outputs.shape[1:]))


def _data(training: Dataset, test: Dataset, network: TrainedNetwork) -> bytes:
    """Return the images as bytes, with the numbers of their classes as labels."""
    kept, held = split(training, network.settings)
    parts = {"train": kept, "valid": held, "test": test}
    arrays: dict[str, NDArray[Any]] = {}
    for name, part in parts.items():
        if part is not None:
            arrays[f"x_{name}"] = np.asarray(part.images)
            arrays[f"y_{name}"] = np.array(part.classes)[part.labels]
    return write_arrays(arrays)


PYTORCH = ExportFormat(
    name="pytorch",
    title="PyTorch folder",
    audience="For those who go on with PyTorch, or train on several processes or machines.",
    contents="A folder with the network as readable code, its weights, a script that trains it on, "
    f"and the data if it is no more than {DATA_BYTES // 10**6} MB.",
    ending="",
    files=_files,
    ways=WAYS,
    with_verdicts=with_proof,
)
