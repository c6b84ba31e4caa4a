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


def shrink(data: Path, part: str) -> Path:
    path = data / f"{part}-images-idx3-ubyte"
    with path.open("r+b") as file:
        file.truncate(100)
    return path


def test_a_file_that_shrinks_ends_the_training_with_one_error_until_it_is_read_again(
    driver: Driver, data: Path, tmp_path: Path
) -> None:
    driver.open(write_project(tmp_path / "small.layerscope", data, epochs=100_000))
    driver.settle()
    session, failures = driver.window.session, list[str]()
    assert session.data is not None
    assert isinstance(not_none(session.data.train).images, LazyImages)
    session.failed.connect(failures.append)
    for part in ("train", "t10k"):
        whole, before = (data / f"{part}-images-idx3-ubyte").read_bytes(), len(failures)
        reached = driver.window.document.trained_epochs
        driver.window.stage.show_panel("Maps")  # where data is seen, it says itself what is wrong
        driver.click("train")
        driver.wait(lambda: driver.window.document.trained_epochs > reached)  # noqa: B023
        path = shrink(data, part)
        driver.wait_for("Error")
        driver.settle()
        assert failures[before:] == [f"{path} {CHANGED}"]
        document: Project = driver.window.document.project()
        assert document.trained_epochs > reached
        assert document.weights
        assert driver.text("coach") == session.data_problem == failures[-1]
        assert not driver.action("train").isEnabled()
        assert session.samples is None  # nothing is drawn from the file any more
        path.write_bytes(whole)
        driver.window.stage.show_panel("Data")
        again = driver.find(QToolButton, "data.again")
        driver.wait(again.isVisible)
        QTest.mouseClick(again, Qt.MouseButton.LeftButton)
        driver.wait(lambda: driver.action("train").isEnabled())
    path = shrink(data, "t10k")
    driver.window.stage.show_panel("Test image")
    driver.settle()
    driver.click_digit(2)
    driver.wait(lambda: driver.message() != "")
    assert driver.message() == f"{path} {CHANGED}"
    samples = driver.samples.samples.images
    assert picture_at(samples, 1).tolist() == [[[0] * 8] * 8]
