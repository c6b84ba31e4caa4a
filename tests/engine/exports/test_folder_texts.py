"""What stands in the folders for PyTorch and Keras, in one approved file."""

import ast
from dataclasses import replace
from typing import Any

from safetensors.numpy import load

from engine.blocks import BatchNorm, Conv, Dense, KnownBlock, ReLU, Reshape
from engine.exports.trained_network import TrainedNetwork
from tests.approved import assert_approved
from tests.engine.exports.test_model_folders import arrays_of, files_of
from tests.engine.exports.trained import trained, with_settings
from tests.engine.networks import BLOCKS, MODERN, fitting

SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    {"nesterov": True, "shift": 1.5, "rotate": 10, "background": "white"},
    {"optimizer": "adam", "weight_decay": 0.1, "schedule": "cosine", "flip": True},
    {"optimizer": "adamw", "weight_decay": 0.01, "early_stopping": 3, "target_accuracy": 97.5},
)
LOSSES: tuple[tuple[tuple[KnownBlock, ...], str], ...] = (
    (BLOCKS, "bce"),
    (BLOCKS, "mse"),
    (MODERN, "cross_entropy"),
    (MODERN, "bce"),
    ((*MODERN, Reshape(target_shape=(-1, 1))), "cross_entropy"),
)


def part(network: TrainedNetwork, folder: str, file: str, *names: str) -> str:
    """Return functions, classes and constants of a file, without their docstrings."""
    found = []
    for node in ast.parse(files_of(network, folder)[file]).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names:
            node.body = node.body[1:] or node.body
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).strip("()") in names:
            found.append(ast.unparse(node))
    return "".join(f"    {line}\n" for each in found for line in each.splitlines())


def lines_of(network: TrainedNetwork, folder: str, *words: str) -> str:
    """Return the lines of model.py with one of some words."""
    lines = files_of(network, folder)["model.py"].decode().splitlines()
    return "".join(f"    {line.strip()}\n" for line in lines if any(word in line for word in words))


def test_the_texts_of_folders_are_approved() -> None:
    modern = trained(fitting(MODERN, loss="cross_entropy"), "cross_entropy", standard=True)
    slots = list(modern.project.stack.slots)
    slots[0] = replace(slots[0], locked_kernels=(1, 3))
    slots[1], slots[9] = (replace(slots[place], locked=True) for place in (1, 9))
    project = replace(modern.project, stack=replace(modern.project.stack, slots=tuple(slots)))
    locked = TrainedNetwork.of(project, modern.training, modern.test)
    said = "PyTorch's model:\n" + lines_of(modern, "pytorch", "nn.", "BiasMap", "self.mean")
    said += part(locked, "pytorch", "train.py", "LOCKED, LOCKED_KERNELS")
    said += "Keras's model:\n" + lines_of(modern, "keras", "layers.")
    said += "".join(
        f"    {line.strip()}\n"
        for line in files_of(locked, "keras")["model.py"].decode().splitlines()
        if "trainable=False" in line
    )
    for changes in SETTINGS:
        network = with_settings(trained(fitting()), **changes)
        said += f"{changes}:\n"
        said += part(network, "pytorch", "train.py", "make_optimizer", "TARGET_ACCURACY, PATIENCE")
        said += part(network, "pytorch", "train.py", "augmented")
        said += lines_of(network, "keras", "optimizer=")
    for blocks, loss in LOSSES:
        network = trained(fitting(blocks, loss=loss), loss)
        said += f"{loss} behind {blocks[-1].summary()}:\n"
        said += part(network, "pytorch", "train.py", "scorer_of", "loss_of")
    network = with_settings(modern, schedule="cosine", weight_decay=0.1, flip=True)
    for each in (network, trained(fitting())):
        said += "Keras's README:\n"
        readme = files_of(each, "keras")["README.md"].decode()
        said += readme.partition("## Training on")[2].partition("## The proof")[0]
    stack = (Conv(depth=4), BatchNorm(), ReLU(), Conv(depth=2, bias="channel"), Reshape())
    named = trained(fitting((*stack, Dense(units=5), ReLU(), Dense(units=3)), loss="mse"))
    arrays = arrays_of(files_of(named, "keras")["weights.npz"])
    assert str(arrays.pop("metadata")).startswith("{")
    torch = load(files_of(named, "pytorch")["weights.safetensors"])
    for program, found in (("PyTorch", torch), ("Keras", arrays)):
        said += f"{program}'s weights:\n"
        said += "".join(f"    {name}: {array.shape}\n" for name, array in sorted(found.items()))
    assert_approved("model_folders.txt", said)
