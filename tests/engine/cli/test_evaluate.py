from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from engine.blocks import Conv, Dense, Reshape, Softmax
from engine.files import open_project, save_project
from tests.correlation import correlate2d
from tests.engine.cli.console import TEST, Console, write_data, write_project
from tests.engine.data.idx_files import write_idx


@pytest.fixture
def trained(console: Console, project: Path) -> Path:
    assert console.run("train", project, "--epochs", 5, "--learning-rate", 2).code == 0
    return project


def expected(
    weights: Path, mean: float = 0.0, deviation: float = 1.0, shades: int = 1
) -> dict[str, Any]:
    """Work the outcome out from exported weights by the equations of the notebook.

    The inputs are scaled, and each image is so many times as bright as its number.
    """
    arrays = np.load(weights)
    kernels, bias = arrays["0.conv.weight"], arrays["0.conv.bias"]
    confusion, losses = [[0, 0], [0, 0]], []
    for shade, digit in enumerate(TEST):
        if digit not in (3, 8):
            continue
        image = np.full((8, 8), (shades * shade / 255 - mean) / deviation)
        maps = [correlate2d(image, kernels[i, 0]) + bias[i] for i in range(2)]
        y = expit(arrays["2.dense.weight"] @ np.ravel(maps) + arrays["2.dense.bias"])
        truth = np.array([digit == 3, digit == 8])
        losses.append(-np.mean(np.where(truth, np.log(y), np.log(1 - y))))
        confusion[int(digit == 8)][int(y[1] > y[0])] += 1
    return {
        "samples": 5,
        "classes": [3, 8],
        "accuracy": (confusion[0][0] + confusion[1][1]) / 5,
        "balanced_accuracy": pytest.approx(
            (confusion[0][0] / sum(confusion[0]) + confusion[1][1] / sum(confusion[1])) / 2
        ),
        "loss": pytest.approx(np.mean(losses), rel=1e-5),
        "confusion": confusion,
    }


def test_other_images_are_scaled_as_those_that_were_learned(
    console: Console, project: Path, data: Path, tmp_path: Path
) -> None:
    weights, other = tmp_path / "w.npz", write_data(tmp_path / "other")
    images = other / "t10k-images-idx3-ubyte"
    pixels = [20 * index for index in range(len(TEST)) for _ in range(64)]
    write_idx(images, (len(TEST), 8, 8), pixels)
    # The training images are each of one shade, 0, 1, 2, ...; those of the class 5 are the last.
    shades = np.arange(10) / 255
    scaling = float(shades.mean()), float(shades.std())
    trained = console.run("train", project, "--scaling", "standard", "--epochs", 3)
    assert (trained.code, console.run("export", project, weights).code) == (0, 0)
    own = console.run("evaluate", project, "--json")
    assert own.objects == [expected(weights, *scaling)]
    untrained = write_project(tmp_path / "untrained.layerscope", data)
    by_weights = console.run("evaluate", untrained, "--weights", weights, "--json")
    assert by_weights.objects == own.objects
    labels = other / "t10k-labels-idx1-ubyte"
    pair = console.run("evaluate", project, "--images", images, "--labels", labels, "--json")
    folder = console.run("evaluate", project, "--data", other, "--json")
    assert pair.objects == folder.objects == [expected(weights, *scaling, shades=20)]


def test_people_get_words_and_a_matrix(console: Console, trained: Path) -> None:
    (numbers,) = console.run("evaluate", trained, "--json").objects
    lines = console.run("evaluate", trained).out.splitlines()
    assert lines[0].endswith("5 samples:")
    assert lines[1] == (f"accuracy {100 * numbers['accuracy']:.2f} %, loss {numbers['loss']:.4g}")
    assert lines[4].split() == ["true", "3", "8"]
    assert [line.split() for line in lines[5:]] == [
        [name, *(str(count) for count in counts)]
        for name, counts in zip("38", numbers["confusion"], strict=True)
    ]


def test_of_unbalanced_classes_the_balanced_accuracy_is_said_too(
    console: Console, tmp_path: Path
) -> None:
    dark, light = np.full((60, 8, 8), 10, np.uint8), np.full((20, 8, 8), 240, np.uint8)
    words = np.array(["night"] * 60 + ["day"] * 20)
    np.savez(tmp_path / "sky.npz", x=np.concatenate([dark, light]), y=words)
    project = write_project(tmp_path / "sky.layerscope", tmp_path / "sky.npz", classes=(0, 1))
    assert console.run("train", project, "--epochs", 1, "--learning-rate", 1e-8).code == 0
    (told,) = console.run("evaluate", project, "--json").objects
    (day, dusk), (dawn, night) = told["confusion"]
    assert (day + dusk, dawn + night) == (4, 12)
    assert told["balanced_accuracy"] == (day / 4 + night / 12) / 2 == 0.5
    said = console.run("evaluate", project).out.splitlines()[1]
    assert ", balanced accuracy 50.00 % (the mean over the classes), loss " in said


def test_samples_whose_outputs_are_not_finite_are_taken_for_no_class(
    console: Console, data: Path, tmp_path: Path
) -> None:
    blocks = Conv(depth=2), Reshape(), Dense(units=2), Softmax()
    path = write_project(tmp_path / "huge.layerscope", data, *blocks, loss="cross_entropy")
    assert console.run("train", path, "--epochs", 1).code == 0
    trained = open_project(path)
    weights = {
        slot: {name: np.full_like(array, np.finfo(np.float32).max) for name, array in own.items()}
        for slot, own in trained.weights.items()
    }
    save_project(replace(trained, weights=weights), path)
    with np.errstate(all="ignore"):
        (told,) = console.run("evaluate", path, "--json").objects
        said = console.run("evaluate", path).out.splitlines()[1]
    assert (told["samples"], told["accuracy"], told["confusion"]) == (5, 0, [[0, 0], [0, 0]])
    assert said.startswith("accuracy 0.00 % (the outputs for 5 samples are not finite), loss ")
