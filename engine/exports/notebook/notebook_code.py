"""What stands in the places of the chapters: the code of a network, its weights and training."""

from collections.abc import Sequence

from engine import blocks as kinds
from engine.array_types import Shape
from engine.exports.notebook.notebook_samples import NotebookSamples, seconds_per_sample
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import option_values
from engine.model.losses import LOSSES
from engine.model.settings import Settings
from engine.model.stack import Row, ShapeReport

# What the notebook calls the arrays, and which part of each is an array of the file.
_ATTRIBUTES = {
    "conv": {"weight": ("kernels", "..."), "bias": ("biases", "...")},
    "dense": {"weight": ("weights", "..."), "bias": ("bias", ":, 0")},
    "batch_norm": {
        "weight": ("gamma", "..."),
        "bias": ("beta", "..."),
        "running_mean": ("running_mean", "..."),
        "running_variance": ("running_variance", "..."),
    },
}


def layer_chapters(report: ShapeReport) -> list[str]:
    """Name the chapters on the kinds of blocks that a stack has, each once, in its order."""
    names: list[str] = []
    plain = not any(
        _options(row.slot.block) for row in report.rows if isinstance(row.slot.block, kinds.Conv)
    )
    for row in report.rows:
        kind = row.slot.block.kind
        if kind in kinds.POINTWISE:
            names.append("activation")
        names.append("conv_options" if kind == "conv" and not plain else kind)
    return list(dict.fromkeys(names))


def layers(report: ShapeReport) -> str:
    """Write the list of layers, one to a line."""
    lines = [f"        {_layer(row)}," for row in report.rows]
    width = max(map(len, lines))
    return "\n".join(f"{line:<{width}}  # {number}" for number, line in enumerate(lines, 1))


def arrays(report: ShapeReport) -> str:
    """Write the lines that load the arrays, by the names that files of weights use."""
    lines = [
        f'    network[{index}].{attribute}[{part}] = weights["{index}.{kind}.{name}"]'
        for index, kind in enumerate(row.slot.block.kind for row in report.rows)
        for name, (attribute, part) in _ATTRIBUTES.get(kind, {}).items()
    ]
    return "\n".join(lines or ["    pass  # nothing in it learns"])


def saved_arrays(report: ShapeReport) -> str:
    """Write the lines that give the arrays those names again, to be saved."""
    lines = [
        f'        "{index}.{kind}.{name}": network[{index}].{attribute}{_selection(part)},'
        for index, kind in enumerate(row.slot.block.kind for row in report.rows)
        for name, (attribute, part) in _ATTRIBUTES.get(kind, {}).items()
    ]
    return "\n".join(lines)


def _selection(part: str) -> str:
    return "" if part == "..." else f"[{part}]"


def locks(report: ShapeReport) -> str:
    """Write the lines that lock blocks and kernels."""
    lines = []
    for index, row in enumerate(report.rows):
        if row.slot.locked:
            lines.append(f"    network[{index}].locked = True\n")
        elif row.slot.locked_kernels:
            kernels = list(row.slot.locked_kernels)
            lines.append(f"    network[{index}].locked_kernels = {kernels}\n")
    return "".join(lines)


def first_array(report: ShapeReport) -> tuple[int, str] | None:
    """Return the first layer that learns, and what its first array is called; None: none does."""
    for index, row in enumerate(report.rows):
        for attribute, _ in _ATTRIBUTES.get(row.slot.block.kind, {}).values():
            return index, attribute
    return None


def quoted(text: str) -> str:
    """Write a text as a literal of Python, in double quotes where it is that simple."""
    return f'"{text}"' if text.isprintable() and not set('"\\') & set(text) else repr(text)


def column(shape: Shape) -> Shape:
    """Return the shape that the notebook gives a vector, which is a column there."""
    return (*shape, 1) if len(shape) == 1 else shape


def _options(block: kinds.Conv) -> list[str]:
    """Return the options of a Conv that are not those of the plain class, as keyword arguments."""
    plain = kinds.Conv()
    return [
        f"{name}={quoted(value) if isinstance(value, str) else value}"
        for name in ("padding", "stride", "bias")
        if (value := getattr(block, name)) != getattr(plain, name)
    ]


def _layer(row: Row) -> str:
    before, after = row.input_shape or (), row.output_shape or ()
    rng = f"stream(WEIGHTS, {row.slot.id})"
    match row.slot.known:
        case kinds.Conv() as block:
            return _call(
                "Convolutional", [before, block.kernel_size, block.depth, rng, *_options(block)]
            )
        case kinds.Dense() as block:
            return _call("Dense", [before[0], block.units, rng])
        case kinds.BatchNorm():
            return _call("BatchNorm", [before[0], rng])
        case kinds.MaxPool() | kinds.AvgPool() as block:
            return _call(type(block).__name__, [block.size, block.step])
        case kinds.Reshape():
            return _call("Reshape", [column(before), column(after)])
        case block:
            return _call(type(block).__name__, option_values(block))


def _call(name: str, arguments: Sequence[object]) -> str:
    return f"{name}({', '.join(map(str, arguments))})"


LOSS_NAMES = {"bce": "binary_cross_entropy", "cross_entropy": "cross_entropy", "mse": "mse"}
_OPTIMIZER_NAMES = {"sgd": "gradient descent", "adam": "Adam", "adamw": "AdamW"}
_SECONDS = 3.0  # that the training in the notebook may take, roughly
_MOST_EPOCHS = 5
_RATE = "            rate = learning_rate * schedule(e + start / batch_size / steps)\n"


def is_fused(network: TrainedNetwork) -> bool:
    """Return whether the last layer is differentiated together with the loss."""
    last = network.report.rows[-1].slot.block.kind
    return LOSSES[network.settings.loss].fuses_with == last


def loss_chapters(network: TrainedNetwork) -> list[str]:
    """Name the chapters on the loss and its derivative."""
    loss = network.settings.loss
    if loss == "mse":
        return [loss]
    return [loss, f"{loss}_fused" if is_fused(network) else f"{loss}_prime"]


def optimizer_chapters(network: TrainedNetwork) -> list[str]:
    """Name the chapters on how gradients change the weights."""
    settings = network.settings
    if settings.optimizer != "sgd":
        names = ["adam"]
    else:
        names = ["momentum" if settings.momentum else "sgd"]
    if "locked_kernels" in locks(network.report):
        names.append("locked_kernels")
    return names


def schedule_chapters(settings: Settings) -> list[str]:
    """Name the chapter on how the learning rate falls, if it does."""
    return [] if settings.schedule == "constant" else [f"schedule_{settings.schedule}"]


def training_values(network: TrainedNetwork, samples: NotebookSamples) -> dict[str, object]:
    """Return what stands in the places of the chapters on losses, optimizers and training."""
    settings, loss = network.settings, LOSS_NAMES[network.settings.loss]
    index, name = first_array(network.report) or (0, "")
    by_training = any(
        row.slot.block.kind in ("dropout", "batch_norm") for row in network.report.rows
    )
    scheduled = settings.schedule != "constant"
    switch = "    for layer in network:\n        layer.training = {}\n"
    return {
        **_optimizer_values(settings),
        "loss": loss,
        "prime": f"{loss}_prime",
        "differentiated": "network[:-1]" if is_fused(network) else "network",
        "checked": index,
        "checked name": name,
        "targets": "preprocess_labels(np.arange(4) % 2)"
        if samples.test_labels is None
        else "y_test[:4]",
        "before": switch.format(True) if by_training else "",
        "after": switch.format(False) if by_training else "",
        "steps": "        steps = np.ceil(len(order) / batch_size)\n" if scheduled else "",
        "rate": "rate" if scheduled else "learning_rate",
        "rate line": _RATE if scheduled else "",
        "step_epochs": settings.step_epochs,
        "step_factor": settings.step_factor,
        "batch_size": settings.batch_size,
        "learning_rate": settings.learning_rate,
        "settings": _settings_words(settings),
        **_demo_values(network, samples),
    }


def _optimizer_values(settings: Settings) -> dict[str, object]:
    decay, gradient = settings.weight_decay, r"\frac{\partial E}{\partial W}"
    words = line = constant = ""
    if decay:
        constant = f"weight_decay = {decay}\n"
        words = r"Weight decay adds a pull towards 0 to each gradient, $\lambda W$. "
        line = "    gradient = gradient + weight_decay * parameter\n"
    if decay and settings.optimizer == "adamw":
        words = r"Weight decay pulls by itself before that, $W \leftarrow W - \eta \lambda W$."
        line = "    parameter *= 1 - learning_rate * weight_decay\n"
    looks_ahead = settings.nesterov and settings.momentum > 0
    return {
        "name": _OPTIMIZER_NAMES[settings.optimizer],
        "momentum": settings.momentum,
        "decay constant": constant,
        "decay words": words,
        "decay": line,
        "decay equation": rf"{gradient} + \lambda W" if decay else gradient,
        "in brackets": rf"\left({gradient} + \lambda W\right)" if decay else gradient,
        "step": "(gradient + momentum * layer.memory[name])"
        if looks_ahead
        else "layer.memory[name]",
        "step equation": r"(G + \mu V)" if looks_ahead else "V",
    }


def _settings_words(settings: Settings) -> str:
    return (
        f"The network was trained by {_OPTIMIZER_NAMES[settings.optimizer]} in batches of "
        f"{settings.batch_size}, at a learning rate of {settings.learning_rate:g}."
    )


def _demo_values(network: TrainedNetwork, samples: NotebookSamples) -> dict[str, object]:
    """Say how many epochs of how many samples are trained in the notebook, in a few seconds."""
    held = 0 if samples.train_images is None else len(samples.train_images)
    seconds = seconds_per_sample(network)
    count = max(min(held, 8), min(held, int(_SECONDS / seconds)))
    fitting = int(_SECONDS / (seconds * max(1, count)))
    epochs = max(1, min(network.settings.epochs, _MOST_EPOCHS, fitting))
    tested = (
        "output = run(fresh, x_test)[-1]\n"
        "right = output.argmax(axis=1).ravel() == test_labels\n"
        'print(f"{right.mean():.1%} of {len(right)} test images are right")'
    )
    return {
        "epochs": network.settings.epochs,
        "shown epochs": epochs,
        "chosen": "x_train, y_train" if count == held else f"x_train[:{count}], y_train[:{count}]",
        "tested": tested,
        "run words": _run_words(network, count, samples.train_total, epochs),
    }


def _run_words(network: TrainedNetwork, count: int, total: int, epochs: int) -> str:
    settings, words = network.settings, []
    words.append("A new network, from its first random weights on; the trained one stays as it is.")
    if count < total:
        words.append(
            f"So that it takes seconds, these are {count:,} of the {total:,} training samples; the "
            "program sees them all."
        )
    else:
        words.append(
            f"These are all {total:,} training samples, in the order in which the program sees "
            "them: where nothing else differs, the errors are those of its own run."
        )
    if epochs < settings.epochs:
        words.append(f"The run of the program has {settings.epochs:,} epochs.")
    if any((settings.shift, settings.rotate, settings.zoom, settings.noise, settings.flip)):
        words.append(
            "The program changes its images at random in each epoch, which is left out here."
        )
    return " ".join(words)
