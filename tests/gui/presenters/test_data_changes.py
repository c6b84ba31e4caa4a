"""A project is opened whose data is gone or changed: the message bar says so."""

import shutil
from pathlib import Path

import pytest

from engine.files import open_project
from tests.engine.cli.console import write_data, write_project
from tests.engine.data.idx_files import write_idx
from tests.engine.data.pictures import image_bytes, noise, write_files
from tests.gui.conftest import OpenWindow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


@pytest.fixture
def saved(open_window: OpenWindow, tmp_path: Path, data: Path) -> Path:
    """Return a project that the window has saved with its data at hand, untrained."""
    driver = open_window(write_project(tmp_path / "a.layerscope", data))
    driver.wait_for_first_looks()
    assert "changed" not in driver.message()
    path = tmp_path / "b.layerscope"
    assert len(driver.project(path).data_digest) == 64
    return path


def test_the_same_data_is_not_spoken_of(open_window: OpenWindow, saved: Path, data: Path) -> None:
    driver = open_window(saved)
    driver.wait_for_first_looks()
    assert "changed" not in driver.message()
    driver.type_into("setting.limit", "2")  # other samples are no change of the data
    driver.settle()
    assert "changed" not in driver.message()
    limited = driver.project(saved).data_digest
    driver.choose("undo")
    driver.settle()
    assert "changed" not in driver.message()
    assert driver.project(saved).data_digest not in ("", limited)


def test_changed_data_is_said_once(open_window: OpenWindow, saved: Path, data: Path) -> None:
    before = open_project(saved).data_digest
    write_idx(data / "train-images-idx3-ubyte", (12, 8, 8), [7] * 12 * 64)
    driver = open_window(saved)
    driver.wait_for_first_looks()
    assert f"{data} has changed since this project used it last" in driver.message()
    assert not driver.window.document.modified
    again = driver.project(saved)
    assert again.data_digest not in ("", before)
    driver = open_window(saved)
    driver.wait_for_first_looks()
    assert "changed" not in driver.message()


def test_data_that_is_gone_is_said_and_what_it_was_stays_known(
    open_window: OpenWindow, saved: Path, data: Path
) -> None:
    before = open_project(saved)
    shutil.rmtree(data)
    driver = open_window(saved)
    driver.wait(lambda: bool(driver.text("coach")))
    driver.settle()
    assert "There is no data set, folder or file" in driver.text("coach")
    assert driver.window.document.stack == before.stack
    assert driver.project(saved).data_digest == before.data_digest


def test_data_that_changes_while_it_is_open_is_said_when_it_is_read_again(
    open_window: OpenWindow, saved: Path, data: Path
) -> None:
    driver = open_window(saved)
    driver.wait_for_first_looks()
    write_idx(data / "train-images-idx3-ubyte", (12, 8, 8), [7] * 12 * 64)
    driver.window.session.read_again()
    driver.wait(lambda: f"{data} has changed since this project used it last" in driver.message())


@pytest.mark.parametrize("trained", [True, False])
def test_where_a_new_folder_shifts_the_classes_of_a_trained_network_both_are_named(
    open_window: OpenWindow, tmp_path: Path, trained: bool
) -> None:
    def pictures(name: str) -> None:
        write_files(
            tmp_path / "pets", {f"{name}/{n}.png": image_bytes(noise(8, 8, 1)) for n in range(5)}
        )

    pictures("cat")
    pictures("dog")
    project = write_project(tmp_path / "a.layerscope", tmp_path / "pets", classes=[0, 1])
    driver = open_window(project)
    driver.wait_for_first_looks()
    if trained:
        driver.train()
    driver.project(tmp_path / "b.layerscope")
    pictures("ant")
    driver = open_window(tmp_path / "b.layerscope")
    driver.wait_for_first_looks()
    said = "the chosen classes are now ant, cat, but the network has learned cat, dog"
    assert (said in driver.message()) is trained
    assert f"{tmp_path / 'pets'} has changed" in driver.message()
