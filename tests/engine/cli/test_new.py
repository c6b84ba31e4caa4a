from pathlib import Path

import numpy as np
import pytest

from engine.blocks import Add, ReLU
from engine.files import open_project
from engine.model.templates import TEMPLATES
from tests.engine.cli.console import Console
from tests.picture_sets import colour_forms


@pytest.mark.parametrize("name", TEMPLATES)
def test_writes_the_template(console: Console, tmp_path: Path, name: str) -> None:
    path = tmp_path / "my net.layerscope"
    answer = console.run("new", name, path)
    assert (answer.code, answer.err) == (0, "")
    assert str(path) in answer.out
    assert open_project(path) == TEMPLATES[name]()


def test_it_is_fitted_to_data(console: Console, tmp_path: Path) -> None:
    """Nine classes, where the template has four; the images come to its size."""
    path, data = tmp_path / "a.layerscope", tmp_path / "forms.npz"
    images, labels = colour_forms(2, side=20)
    np.savez(data, x_train=images, y_train=labels, x_test=images, y_test=labels)
    answer = console.run("new", "colour", path, "--data", data)
    assert "for images of 3×32×32; classes blue circle, blue square" in answer.out
    project = open_project(path)
    assert project.stack.input_shape == (3, 32, 32)
    assert [slot.label for slot in project.stack][-2:] == ["Dense 9", "Softmax"]
    assert (project.settings.dataset, project.settings.classes) == (str(data), tuple(range(9)))
    assert project.check().problem is None
    assert console.run("train", path, "--epochs", "1").code == 0


def test_the_small_resnet_adds_what_comes_before_each_group() -> None:
    rows = TEMPLATES["resnet-small"]().check().rows
    labels = [row.slot.label for row in rows]
    assert [label for label in labels if label.startswith("Add")] == [
        "Add block 3",
        "Add block 10, 1×1 Conv, stride 2",
    ]
    for row in rows:
        if isinstance(row.slot.block, Add):
            assert rows[row.slot.block.source_number].slot.block.kind == "conv"
            assert rows[row.slot.block.source_number - 1].slot.block == ReLU()
