"""What a notebook looks like, is safe from, and says where something is missing."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import blocks as kinds
from engine.array_types import Array
from engine.exports.export import export
from engine.exports.notebook import notebook_file
from engine.exports.notebook.notebook_file import NOTEBOOK, choose_samples, read_back
from engine.exports.trained_network import TrainedNetwork
from engine.files.weights_file import load_weights
from engine.inputs.scaling import Scaling
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from tests.engine.blocks.cases import cases_of
from tests.engine.exports.notebook.written import code_of, opened, trained, write
from tests.engine.networks import BLOCKS, MODERN, RESIDUAL, dataset, fitting

SMALL = (kinds.Conv(depth=2, kernel_size=3), kinds.ReLU(), kinds.Reshape(), kinds.Dense(units=3))
SETTINGS = Settings(classes=(0, 1, 2), epochs=2, batch_size=4, loss="mse")


def small(report: ShapeReport | None = None, settings: Settings = SETTINGS) -> TrainedNetwork:
    report = report or fitting(SMALL, loss="mse")
    return trained(report, settings, dataset(20), dataset(6, seed=3))


def sources(path: Path) -> str:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells)


def test_it_is_a_valid_notebook_without_outputs(tmp_path: Path) -> None:
    import nbformat  # which takes long: only one process needs it

    path = write(small(), tmp_path)
    book = nbformat.read(path, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in book.cells]
    assert len(set(ids)) == len(ids)
    assert all(not cell.get("outputs") for cell in book.cells)
    assert str(tmp_path) not in path.read_text("utf-8")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "made up-samples.npz",
        "made up-weights.npz",
        "made up.ipynb",
    ]


@pytest.mark.parametrize(
    "blocks", [BLOCKS, MODERN, RESIDUAL], ids=["notebook", "modern", "residual"]
)
def test_nothing_is_left_open_and_only_what_is_used_is_there(
    blocks: tuple[kinds.KnownBlock, ...], tmp_path: Path
) -> None:
    loss = "bce" if blocks is BLOCKS else "cross_entropy"
    text = sources(
        write(small(fitting(blocks, loss=loss), SETTINGS.with_changes(loss=loss)), tmp_path)
    )
    assert "{{" not in text
    assert ("class AddConvolved(Add)" in text) == ("waiting" in text) == (blocks is RESIDUAL)
    for name in ("MaxPool", "BatchNorm", "Dropout", "LeakyReLU", "Softmax", "Add"):
        used = any(type(block).__name__ == name for block in blocks)
        assert (f"class {name}" in text) == used
    assert ("def mse(" in text) is False


def test_the_notebooks_own_convolution_is_short_and_the_general_one_takes_options(
    tmp_path: Path,
) -> None:
    plain = sources(write(small(), tmp_path))
    assert "stride" not in plain
    assert "signal.correlate2d(" in plain
    strided = (kinds.Conv(depth=2, stride=2), *SMALL[1:])
    assert "stride" in sources(write(small(fitting(strided, loss="mse")), tmp_path))


def test_words_of_a_user_are_no_code_and_no_markup(tmp_path: Path) -> None:
    evil = "<b>$x$\n```python\nimport os; os.mkdir('made')\n``` | {{seed}}"
    exported = small()
    rows = [replace(row, slot=replace(row.slot, title=evil)) for row in exported.report.rows]
    exported = replace(
        exported,
        report=replace(exported.report, rows=tuple(rows)),
        class_names=(evil, '"', "\\'"),
        name="a\"b'c{{seed}}",
    )
    code = code_of(write(exported, tmp_path))
    assert not any(
        "os.mkdir" in line for each in code for line in each.splitlines() if "classes" not in line
    )
    with opened(exported) as names:
        assert names["classes"] == [evil, '"', "\\'"]
        assert not Path("made").exists()
    table = [
        line for line in sources(write(exported, tmp_path)).splitlines() if "import os" in line
    ]
    assert all(r"\`\`\`python" in line and r"\<b\>\$x\$" in line for line in table[: len(rows)])


@pytest.mark.parametrize("demos", [False, True])
def test_standardised_inputs_are_standardised_in_the_notebook(demos: bool) -> None:
    scaling = Scaling((0.3,), (0.2,))
    exported = replace(small(), scaling=scaling)
    images = dataset(6, seed=3).images
    right = exported.network().activations(scaling.inputs(np.asarray(images)))[-1]
    with opened(exported, demos=demos) as names:
        inputs = names["preprocess_images"](np.asarray(images))
        assert np.allclose(names["run"](names["network"], inputs)[-1][:, :, 0], right, atol=1e-5)


def test_without_data_there_is_noise_and_nothing_is_trained(tmp_path: Path) -> None:
    exported = replace(small(), training=None, test=None)
    assert "The data was not there" in sources(write(exported, tmp_path))
    with opened(exported, demos=True) as names:
        assert names["x_test"].shape == (8, 1, 6, 6)
        assert np.ptp(names["x_test"]) > 0.9
        assert "fresh" not in names


def test_a_network_in_which_nothing_learns(tmp_path: Path) -> None:
    blocks = (
        kinds.AvgPool(size=2),
        kinds.Reshape(target_shape=(3, -1)),
        kinds.Reshape(target_shape=(9,)),
    )
    report = fitting((*blocks, kinds.Sigmoid()), classes=9)
    exported = trained(report, SETTINGS.with_changes(classes=tuple(range(9))))
    with opened(exported, demos=True) as names:
        assert len(names["network"]) == 4


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_of_block_has_a_chapter_and_its_line_in_the_network(kind: str) -> None:
    case = next(each for each in cases_of(kind) if math.prod(each.output_shape) > 1)
    blocks, shape = case.network()
    classes = math.prod(case.output_shape)
    settings = SETTINGS.with_changes(classes=tuple(range(classes)))
    exported = trained(fitting(blocks, shape, classes, "mse"), settings)
    with opened(exported) as names:
        found = names["run"](names["network"], np.zeros((2, *shape)))
        if isinstance(case.block, kinds.Pointwise):
            layer, formula = names["network"][1], case.block.formula()
            values = np.linspace(-3.0, 3.0, 24)
            assert np.allclose(layer.activation(values), formula.function(values), 1e-9, 1e-12)
            assert np.allclose(layer.activation_prime(values), formula.slope(values), 1e-9, 1e-12)
    assert found[-2].size == 2 * classes


@pytest.mark.parametrize("blocks", [MODERN, RESIDUAL], ids=["modern", "residual"])
def test_weights_go_back_into_the_program(
    tmp_path: Path, blocks: tuple[kinds.KnownBlock, ...]
) -> None:
    exported = small(
        fitting(blocks, loss="cross_entropy"), SETTINGS.with_changes(loss="cross_entropy")
    )
    with opened(exported) as names:
        names["network"][0].kernels *= 2
        names["save"](names["network"], tmp_path / "back.npz")
    back = load_weights(tmp_path / "back.npz", exported.report)
    for slot, arrays in exported.weights.items():
        for name, array in arrays.items():
            factor = 2 if (slot, name) == (1, "weight") else 1
            assert np.array_equal(back[slot][name], factor * array)


def test_a_large_network_takes_fewer_images(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(choose_samples(small()).test_images) == 6
    monkeypatch.setattr(notebook_file, "TEST_SECONDS", 1e-9)
    monkeypatch.setattr(notebook_file, "_MOST_COMPARED", 0)
    chosen = choose_samples(small())
    assert len(chosen.test_images) == len(chosen.outputs) == 2
    assert chosen.tolerance == 1e-3


# The proof


def test_each_export_is_proved_by_its_cells_in_a_kernel_too(tmp_path: Path) -> None:
    outcome = export(small(), tmp_path / "made up.ipynb", NOTEBOOK)
    assert [(each.way, each.failure) for each in outcome.verdicts] == [
        ("read back", ""),
        ("numpy", ""),
        ("kernel", ""),
    ]
    assert all(each.holds and each.agree == each.samples == 6 for each in outcome.verdicts)
    assert all(len(each.blocks) == 4 and each.largest < 1e-5 for each in outcome.verdicts)
    assert outcome.verified == "kernel"


def test_a_notebook_whose_weights_are_elsewhere_is_not_read(tmp_path: Path) -> None:
    path = write(small(), tmp_path)
    book = json.loads(path.read_text("utf-8"))
    book["metadata"]["layerscope"]["weights"] = "../made up-weights.npz"
    path.write_text(json.dumps(book), "utf-8")
    images: Array = np.zeros((1, 1, 6, 6), np.float32)
    with pytest.raises(Exception, match="not beside it"):
        read_back(path, images)


def test_the_last_cell_fails_where_the_weights_are_others(tmp_path: Path) -> None:
    exported = small()
    with opened(exported) as names:
        names["network"][0].kernels[...] += 0.1
        with pytest.raises(AssertionError):
            exec(code_of(Path("made up.ipynb"))[-1], names)
