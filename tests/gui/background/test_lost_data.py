"""Images that are read from their file when they are wanted, and a file that changes meanwhile."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from engine.data.images import LazyImages
from engine.model.project import Project
from gui.widgets.pictures import picture_at
from tests.engine.cli.console import write_data, write_project
from tests.gui.driving import Driver
from tests.gui.finding import not_none

CHANGED = "was changed while it was in use. Read the data again."


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small set that is taken for a large one."""
    monkeypatch.setattr("engine.data.readers.idx.LARGE", 100)
    return write_data(tmp_path / "data")


@pytest.fixture
def driver(new_project: Driver, tmp_path: Path, data: Path) -> Driver:
    driver = new_project
    driver.open(write_project(tmp_path / "small.layerscope", data, epochs=100_000))
    driver.settle()
    return driver


def shrink(data: Path, part: str) -> Path:
    path = data / f"{part}-images-idx3-ubyte"
    with path.open("r+b") as file:
        file.truncate(100)
    return path


@pytest.mark.parametrize("part", ["train", "t10k"])
def test_a_file_that_shrinks_ends_the_training_with_one_error_until_it_is_read_again(
    driver: Driver, data: Path, part: str
) -> None:
    session, whole = driver.window.session, (data / f"{part}-images-idx3-ubyte").read_bytes()
    assert session.data is not None
    assert isinstance(not_none(session.data.train).images, LazyImages)
    failures: list[str] = []
    session.failed.connect(failures.append)
    driver.click("train")
    driver.wait(lambda: session.run.phase == "Training" and len(driver.curve("loss batch")[0]) > 3)
    path = shrink(data, part)
    driver.wait_for("Error")
    driver.settle()
    assert failures == [f"{path} {CHANGED}"]
    document: Project = driver.window.document.project()
    assert document.trained_epochs > 0
    assert document.weights
    assert driver.text("coach") == session.data_problem == failures[0]
    assert not driver.action("train").isEnabled()
    assert session.samples is None  # nothing is drawn from the file any more
    reached = document.position
    path.write_bytes(whole)
    driver.window.stage.show_panel("Data")
    again = driver.find(QToolButton, "data.again")
    driver.wait(again.isVisible)
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    driver.wait(lambda: driver.action("train").isEnabled())
    driver.click("train")
    driver.wait(lambda: driver.window.document.project().position > reached)
    driver.click("stop", until="Stopped")


def test_pinning_a_lost_image_says_why_and_leaves_a_black_one(driver: Driver, data: Path) -> None:
    path = shrink(data, "t10k")
    driver.click_digit(2)
    driver.wait(lambda: driver.message() != "")
    assert driver.message() == f"{path} {CHANGED}"
    samples = driver.samples.samples.images
    assert picture_at(samples, 1).tolist() == [[[0] * 8] * 8]
