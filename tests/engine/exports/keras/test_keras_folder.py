"""The Keras folder without Keras: its texts, names and order of axes, and its proof by numpy."""

import ast
import io
import math
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.typing import NDArray

from engine import blocks as kinds
from engine.blocks import BatchNorm, Conv, Dense, ReLU, Reshape
from engine.errors import ExportError
from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from tests.engine.blocks.cases import cases_of
from tests.engine.exports.trained import trained, trained_networks, with_settings
from tests.engine.networks import BLOCKS, MODERN, fitting

KERAS = FORMATS["keras"]


def files_of(network: TrainedNetwork) -> dict[str, bytes]:
    return dict(KERAS.files(network, lambda _fraction: None))


def text_of(network: TrainedNetwork, name: str = "model.py") -> str:
    return files_of(network)[name].decode()


def arrays_of(content: bytes) -> dict[str, NDArray[np.float32]]:
    return dict(np.load(io.BytesIO(content), allow_pickle=False))


def test_the_folder_holds_what_it_says_and_its_proof(tmp_path: Path) -> None:
    outcome = export(trained(fitting()), tmp_path / "out", KERAS)
    names = ["README.md", "check.npz", "model.py", "weights.npz"]
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == names
    assert [verdict.way for verdict in outcome.verdicts] == ["read back", "numpy", "keras"]
    assert outcome.verified == "numpy"
    readme = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert all(verdict.text in readme for verdict in outcome.verdicts)
    assert all(f"`{name}`" in readme for name in names[1:])


@given(trained_networks())
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_random_networks_are_the_same_by_the_text_of_their_model(network: TrainedNetwork) -> None:
    files = files_of(network)
    compile(files["model.py"], "model.py", "exec")
    check = arrays_of(files["check.npz"])
    with TemporaryDirectory() as made:
        for name, content in files.items():
            (Path(made) / name).write_bytes(content)
        right = network.network().activations(network.scaling.of_values(check["images"]))
        for way in KERAS.ways[:2]:
            found = way.outputs(Path(made), check["images"])
            for one, other in zip(found, right, strict=True):
                assert one is not None
                np.testing.assert_allclose(one.reshape(other.shape), other, rtol=1e-4, atol=1e-5)


def test_the_weights_have_the_names_and_the_order_of_keras() -> None:
    stack = (Conv(depth=4), BatchNorm(), ReLU(), Conv(depth=2, bias="channel"), Reshape())
    network = trained(fitting((*stack, Dense(units=5), ReLU(), Dense(units=3)), loss="mse"))
    arrays = arrays_of(files_of(network)["weights.npz"])
    assert str(arrays.pop("metadata")).startswith("{")
    assert {name: array.shape for name, array in arrays.items()} == {
        "conv1_kernels.kernel": (3, 3, 1, 4),
        "conv1.bias_map": (4, 4, 4),
        "bn1.gamma": (4,),
        "bn1.beta": (4,),
        "bn1.moving_mean": (4,),
        "bn1.moving_variance": (4,),
        "conv2.kernel": (3, 3, 4, 2),
        "conv2.bias": (2,),
        "dense1.kernel": (8, 5),
        "dense1.bias": (5,),
        "dense2.kernel": (5, 3),
        "dense2.bias": (3,),
    }
    kernels = network.weights[network.project.stack.slots[3].id]["weight"]
    for i, j, row, column in np.ndindex(kernels.shape):
        assert arrays["conv2.kernel"][row, column, j, i] == kernels[i, j, row, column]
    biases = network.weights[network.project.stack.slots[0].id]["bias"]
    for i, row, column in np.ndindex(biases.shape):
        assert arrays["conv1.bias_map"][row, column, i] == biases[i, row, column]


def test_maps_become_a_vector_in_the_order_of_the_weights_after_it() -> None:
    lines = text_of(trained(fitting())).splitlines()
    flat = next(place for place, line in enumerate(lines) if "layers.Flatten(" in line)
    assert "layers.Permute((3, 1, 2)" in lines[flat - 1]
    many = fitting(
        (
            Reshape(target_shape=(4, 3, 3)),
            Reshape(target_shape=(2, 18)),
            BatchNorm(),
            Reshape(target_shape=(-1, 1)),
            Dense(units=12),
            Reshape(target_shape=(3, 2, 2)),
            kinds.AvgPool(size=2),
            kinds.GlobalAvgPool(),
        ),
        loss="mse",
    )
    with TemporaryDirectory() as made:
        outcome = export(trained(many), Path(made) / "out", KERAS)
    assert outcome.verified == "numpy"
    assert outcome.verdicts[1].first_different is None


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_of_block_has_a_layer_of_keras(kind: str, tmp_path: Path) -> None:
    for number, case in enumerate(cases_of(kind)):
        blocks = (Reshape(target_shape=case.input_shape), case.block, Reshape())
        shape, classes = (1, 1, math.prod(case.input_shape)), math.prod(case.output_shape)
        if classes == 1:  # no network tells one class apart
            continue
        network = trained(fitting(blocks, shape, classes, "mse"))
        assert export(network, tmp_path / str(number), KERAS).verdicts[1].holds


@pytest.mark.parametrize(
    ("changes", "call"),
    [
        ({}, "keras.optimizers.SGD(0.1)"),
        (
            {"momentum": 0.9, "nesterov": True},
            "keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)",
        ),
        ({"nesterov": True}, "keras.optimizers.SGD(0.1)"),
        ({"optimizer": "adam"}, "keras.optimizers.Adam(0.1, epsilon=1e-8)"),
        (
            {"optimizer": "adamw", "weight_decay": 0.01},
            "keras.optimizers.AdamW(0.1, weight_decay=0.01, epsilon=1e-8)",
        ),
    ],
)
def test_the_optimizer_is_that_of_the_settings(changes: dict[str, object], call: str) -> None:
    assert f"optimizer={call},\n" in text_of(with_settings(trained(fitting()), **changes))


def test_the_readme_says_what_is_not_carried_over() -> None:
    network = with_settings(
        trained(fitting(MODERN, loss="cross_entropy"), "cross_entropy"),
        schedule="cosine",
        weight_decay=0.1,
        flip=True,
    )
    text = text_of(network, "README.md")
    for words in ("learning rate stays", "no weight decay", "not changed at random", "unbiased"):
        assert words in text
    assert "learning rate stays" not in text_of(trained(fitting()), "README.md")


def test_locked_blocks_are_not_trainable() -> None:
    report = fitting(BLOCKS)
    slots = tuple(
        replace(row.slot, locked=index in (0, 5)) for index, row in enumerate(report.rows)
    )
    rows = (replace(row, slot=slot) for row, slot in zip(report.rows, slots, strict=True))
    lines = text_of(trained(replace(report, rows=tuple(rows)))).splitlines()
    locked = [line.split('name="')[1].split('"')[0] for line in lines if "trainable=False" in line]
    assert locked == ["conv1_kernels", "conv1", "dense1"]


def test_words_of_a_user_are_no_code() -> None:
    evil = 'x"\nimport os\n"""\n{shape}<b>'
    report = fitting(BLOCKS)
    slots = (replace(row.slot, title=evil) for row in report.rows)
    rows = (replace(row, slot=slot) for row, slot in zip(report.rows, slots, strict=True))
    network = replace(trained(replace(report, rows=tuple(rows))), class_names=(evil, "b", "'"))
    tree = ast.parse(text_of(network))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "os" not in {alias.name for node in imported for alias in node.names}
    values = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    assert (evil, "b", "'") in [ast.literal_eval(each) for each in values[1:]]
    assert "<b>" not in text_of(network, "README.md")


def test_a_folder_with_wrong_weights_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The classic mistake: kernels of the right shape whose rows and columns are mixed up."""
    from engine.exports.keras import model_code

    wrong = {**model_code._ARRAYS["conv"], "weight": ("kernel", (3, 2, 1, 0))}
    monkeypatch.setitem(model_code._ARRAYS, "conv", wrong)
    with pytest.raises(ExportError, match=r"Block 1 \(Conv 3, 2×2\) is the first that differs"):
        export(trained(fitting()), tmp_path / "out", KERAS)
    assert not list(tmp_path.iterdir())
