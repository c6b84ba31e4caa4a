"""A project is opened whose data is gone or changed: the message bar says so."""

from pathlib import Path

import pytest

from engine.training.samples import data_key
from tests.engine.cli.console import write_data, write_project
from tests.engine.data.idx_files import write_idx
from tests.engine.data.pictures import image_bytes, noise, write_files
from tests.gui.driving import Driver


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


def wait_for_data(driver: Driver) -> None:
    """Wait until the data of the open project is read, or found missing."""
    session, document = driver.window.session, driver.window.document
    driver.wait(
        lambda: session.data is not None and session.data.key == data_key(document.settings)
    )
    driver.settle()


def open_in(driver: Driver, path: Path) -> None:
    """Open a project as after a start: its data is not at hand and is read."""
    driver.choose("new")
    wait_for_data(driver)
    assert driver.window.files.open_path(path)
    wait_for_data(driver)


@pytest.fixture
def saved(driver: Driver, tmp_path: Path, data: Path) -> Path:
    """Return a project that the window has saved with its data at hand, untrained."""
    open_in(driver, write_project(tmp_path / "a.layerscope", data))
    assert "changed" not in driver.message()
    path = tmp_path / "b.layerscope"
    assert len(driver.project(path).data_digest) == 64
    return path


def wait_until_said(driver: Driver, data: Path) -> None:
    driver.wait(lambda: f"{data} has changed since this project used it last" in driver.message())
    wait_for_data(driver)


def test_the_data_of_the_project_before_tells_nothing_of_this_one(
    driver: Driver, saved: Path, data: Path, tmp_path: Path
) -> None:
    other = write_project(tmp_path / "other.layerscope", write_data(tmp_path / "others"))
    open_in(driver, other)
    late = driver.window.session.data
    write_idx(data / "train-images-idx3-ubyte", (12, 8, 8), [7] * 12 * 64)
    assert driver.window.files.open_path(saved)
    assert late is not None
    driver.window.session._on_data(late)
    driver.window.session.store.flush()
    wait_until_said(driver, data)


def test_where_a_new_folder_shifts_the_classes_of_a_trained_network_both_are_named(
    driver: Driver, tmp_path: Path
) -> None:
    """While it is untrained, it is only said that the data has changed."""

    def pictures(name: str) -> None:
        write_files(
            tmp_path / "pets", {f"{name}/{n}.png": image_bytes(noise(8, 8, 1)) for n in range(5)}
        )

    pictures("cat")
    pictures("dog")
    open_in(driver, write_project(tmp_path / "a.layerscope", tmp_path / "pets", classes=[0, 1]))
    for name, now, learned in (("bee", "bee, cat", ""), ("ant", "ant, bee", "bee, cat")):
        if learned:
            driver.train()
        driver.project(tmp_path / "b.layerscope")
        pictures(name)
        open_in(driver, tmp_path / "b.layerscope")
        assert f"{tmp_path / 'pets'} has changed" in driver.message()
        said = f"the chosen classes are now {now}, but the network has learned {learned}"
        assert (said in driver.message()) is bool(learned)
        assert ("has learned" in driver.message()) is bool(learned)
