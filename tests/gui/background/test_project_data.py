"""The scaling of the open project: the same in all that looks at an image, and after opening."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from engine.array_types import Array
from engine.files import open_project
from engine.inspection.snapshot import Snapshot
from gui.widgets.number_grid import NumberGrid
from tests.engine.cli.console import write_project
from tests.engine.data.idx_files import write_idx
from tests.gui.driving import Driver
from tests.gui.watching import heard

CLASSES = [3, 8] * 6


def write_shades(folder: Path, largest: int) -> Path:
    """Write a data set of 8×8 pixels whose shades go up to some byte; return its folder."""
    folder.mkdir(exist_ok=True)
    for part in ("train", "t10k"):
        pixels = np.random.default_rng(len(part)).integers(0, largest, 12 * 64)
        write_idx(folder / f"{part}-images-idx3-ubyte", (12, 8, 8), pixels.tolist())
        write_idx(folder / f"{part}-labels-idx1-ubyte", (12,), CLASSES)
    return folder


def shades_of(folder: Path) -> Array:
    """Read the values of the training images from 0 to 1, as the letter of the format has them."""
    content = (folder / "train-images-idx3-ubyte").read_bytes()
    return np.frombuffer(content[16:], np.uint8) / 255


Expected = Callable[[NDArray[np.uint8]], Array]


def standardised(values: Array) -> Expected:
    return lambda image: (image / 255 - values.mean()) / values.std()


def snapshot(driver: Driver, act: Callable[[], object]) -> Snapshot:
    """Do something, and return the snapshot that comes of it."""
    owner = QObject()
    seen = heard(driver.window.document.store, lambda s: s.now.snapshot, owner)
    act()
    driver.wait(lambda: bool(seen))
    driver.settle()
    assert seen[-1] is not None
    return seen[-1]


def is_standard(driver: Driver) -> bool:
    data = driver.window.session.data
    return data is not None and data.scaling is not None and data.scaling.is_standard


def assert_all_see(driver: Driver, expected: Expected) -> None:
    """Pin a sample and a drawing: snapshot and glass have the inputs that are expected."""
    session = driver.window.session
    drawing = np.arange(64, dtype=np.uint8).reshape(1, 8, 8)
    for act in (lambda: driver.window.view.pin(3), lambda: session.pin_drawing(drawing)):
        taken = snapshot(driver, act)
        inputs = expected(taken.sample.image)
        np.testing.assert_allclose(taken.inputs, inputs, atol=1e-6)
        driver.window.stage.show_panel("Step by step")
        sheet = driver.find(NumberGrid, "glass.sheet")
        driver.wait(lambda: sheet.values().shape == (8, 8))  # noqa: B023  # of no other project
        driver.wait(lambda: np.allclose(sheet.values(), inputs[0], atol=1e-6))  # noqa: B023


def test_a_network_sees_with_the_scaling_of_old(driver: Driver, tmp_path: Path) -> None:
    folder = write_shades(tmp_path / "data", 100)
    learned = standardised(shades_of(folder))
    path = write_project(tmp_path / "a.layerscope", folder)
    driver.open(path)
    driver.wait_for_first_looks()
    assert_all_see(driver, lambda image: image / 255)
    driver.pick("setting.scaling", "Standardised")
    driver.wait(lambda: is_standard(driver))
    assert_all_see(driver, learned)
    driver.train()
    project = driver.project(path)
    values = shades_of(folder)
    assert project.scaling is not None
    assert project.scaling.mean == pytest.approx([values.mean()])
    assert project.scaling.deviation == pytest.approx([values.std()])

    write_shades(folder, 250)  # the data is another now
    driver.choose("new")
    driver.open(path)
    driver.wait_for_first_looks()
    assert_all_see(driver, learned)
    driver.train()
    assert driver.project(tmp_path / "b.layerscope").scaling == project.scaling
    assert open_project(path).scaling == project.scaling

    taken = snapshot(driver, lambda: driver.choose("reset"))
    anew = standardised(shades_of(folder))
    np.testing.assert_allclose(taken.inputs, anew(taken.sample.image), atol=1e-6)
    assert_all_see(driver, anew)
    driver.choose("undo")
    assert_all_see(driver, learned)
