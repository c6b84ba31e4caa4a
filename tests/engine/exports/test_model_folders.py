"""The folders with a model as code, PyTorch's and Keras's alike: their text is the network."""

import ast
import io
import math
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.typing import NDArray
from safetensors.numpy import load

from engine.blocks import (
    KINDS,
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    GlobalAvgPool,
    KnownBlock,
    ReLU,
    Reshape,
)
from engine.errors import ExportError
from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.keras import folder as keras_folder
from engine.exports.trained_network import TrainedNetwork
from tests.approved import assert_approved
from tests.engine.blocks.cases import cases_of
from tests.engine.exports.trained import trained, trained_networks, with_settings
from tests.engine.networks import BLOCKS, MODERN, RESIDUAL, fitting

FILES = {
    "pytorch": ["model.py", "weights.safetensors", "train.py", "check.npz", "data.npz"],
    "keras": ["model.py", "weights.npz", "check.npz"],
}
each_format = pytest.mark.parametrize("name", FILES)


def files_of(network: TrainedNetwork, name: str) -> dict[str, bytes]:
    return dict(FORMATS[name].files(network, lambda _fraction: None))


def arrays_of(content: bytes) -> dict[str, NDArray[np.float32]]:
    return dict(np.load(io.BytesIO(content), allow_pickle=False))


@each_format
def test_the_folder_holds_what_is_promised_and_its_proof(tmp_path: Path, name: str) -> None:
    path = tmp_path / "out"
    outcome = export(trained(fitting()), path, FORMATS[name])
    assert {each.name for each in path.iterdir()} >= {"README.md", *FILES[name]}
    last = {"pytorch": "torch", "keras": "keras"}[name]
    assert [verdict.way for verdict in outcome.verdicts] == ["read back", "numpy", last]
    assert outcome.verified == "numpy"
    readme = (path / "README.md").read_text("utf-8")
    assert all(verdict.text in readme for verdict in outcome.verdicts)
    assert all(f"`{file}`" in readme for file in FILES[name])


def require_same(network: TrainedNetwork, name: str) -> None:
    """Read a folder back in the ways that need no other program, and compare each block."""
    files = files_of(network, name)
    for file in files:
        if file.endswith(".py"):
            compile(files[file], file, "exec")
    check = arrays_of(files["check.npz"])
    with TemporaryDirectory() as made:
        for file, content in files.items():
            (Path(made) / file).write_bytes(content)
        right = network.network().activations(network.scaling.of_values(check["images"]))
        for way in FORMATS[name].ways[:2]:
            found = way.outputs(Path(made), check["images"])
            for one, other in zip(found, right, strict=True):
                assert one is not None
                np.testing.assert_allclose(one.reshape(other.shape), other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("examples", [6, pytest.param(200, marks=pytest.mark.soak)])
@each_format
def test_random_networks_are_the_same_by_the_text_of_their_model(name: str, examples: int) -> None:
    @given(trained_networks())
    @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow])
    def check(network: TrainedNetwork) -> None:
        require_same(network, name)

    check()


@pytest.mark.parametrize("kind", KINDS)
@each_format
def test_every_kind_of_block_is_the_same(name: str, kind: str) -> None:
    for case in cases_of(kind):
        (blocks, shape), classes = case.network(), math.prod(case.output_shape)
        if classes > 1:  # no network tells one class apart
            require_same(trained(fitting(blocks, shape, classes, "mse")), name)


@each_format
def test_tables_and_colours_are_the_same(name: str) -> None:
    table = (
        *(Conv(depth=2), Reshape(target_shape=(8, 4)), BatchNorm(), Reshape(target_shape=(-1, 1))),
        *(Dense(units=12), Reshape(target_shape=(3, 2, 2)), AvgPool(size=2), GlobalAvgPool()),
    )
    require_same(trained(fitting(table, loss="mse")), name)
    colour = fitting(MODERN, (3, 7, 9), loss="cross_entropy")
    require_same(trained(colour, "cross_entropy", standard=False), name)


def imported(source: bytes) -> set[str]:
    """Return the packages that a program imports."""
    nodes = list(ast.walk(ast.parse(source)))
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in found}


@each_format
def test_the_programs_import_nothing_of_layerscope(name: str) -> None:
    programs = {k.removesuffix(".py"): v for k, v in files_of(trained(fitting()), name).items()}
    allowed = programs.keys() | {"keras", "torch", "numpy", "safetensors"} | sys.stdlib_module_names
    for file in FILES[name]:
        if file.endswith(".py"):
            assert imported(programs[file.removesuffix(".py")]) <= allowed, file


@each_format
def test_words_of_a_user_are_no_code(name: str) -> None:
    evil = 'x"\nimport os\n"""\n\x0cy ‮ 🙂 {shape}<b>'
    report = fitting(BLOCKS)
    slots = (replace(row.slot, title=evil) for row in report.rows)
    rows = (replace(row, slot=slot) for row, slot in zip(report.rows, slots, strict=True))
    names = (evil, "'''\nboom = 1", "a\\")
    files = files_of(replace(trained(replace(report, rows=tuple(rows))), class_names=names), name)
    tree = ast.parse(files["model.py"])
    assert "os" not in imported(files["model.py"])
    classes = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CLASSES"
    )
    assert ast.literal_eval(classes) == names
    assert b"<b>" not in files["README.md"]


def test_the_weights_have_the_names_and_the_order_of_keras() -> None:
    stack = (Conv(depth=4), BatchNorm(), ReLU(), Conv(depth=2, bias="channel"), Reshape())
    network = trained(fitting((*stack, Dense(units=5), ReLU(), Dense(units=3)), loss="mse"))
    arrays = arrays_of(files_of(network, "keras")["weights.npz"])
    kernels = network.weights[network.project.stack.slots[3].id]["weight"]
    for i, j, row, column in np.ndindex(kernels.shape):
        assert arrays["conv2.kernel"][row, column, j, i] == kernels[i, j, row, column]
    biases = network.weights[network.project.stack.slots[0].id]["bias"]
    for i, row, column in np.ndindex(biases.shape):
        assert arrays["conv1.bias_map"][row, column, i] == biases[i, row, column]


def test_a_folder_for_keras_with_wrong_weights_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The classic mistake: kernels of the right shape whose rows and columns are mixed up."""
    monkeypatch.setitem(keras_folder._AXES, 4, (3, 2, 1, 0))
    with pytest.raises(ExportError, match=r"Block 1 \(Conv 3, 2×2\) is the first that differs"):
        export(trained(fitting()), tmp_path / "out", FORMATS["keras"])
    assert not list(tmp_path.iterdir())


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
    residual = trained(fitting(RESIDUAL, loss="cross_entropy"), "cross_entropy")
    said += "PyTorch's model with skip connections:\n"
    said += part(residual, "pytorch", "model.py", "Add", "AddConv2d", "Network")
    said += lines_of(residual, "pytorch", '("', "return Network")
    said += "Keras's model with skip connections:\n"
    said += part(residual, "keras", "model.py", "build_model")
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
