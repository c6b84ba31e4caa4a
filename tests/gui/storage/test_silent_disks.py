"""A disk may not answer for long: the window's thread asks it for nothing."""

import builtins
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog

from engine.paths import home
from gui.forms.inputs import SuggestionsBox
from tests.engine.cli.console import write_data, write_project
from tests.gui.driving import Driver
from tests.run_folders import metrics, small_notebook, write_run

_CALLS = ("stat", "lstat", "listdir", "scandir", "open", "mkdir", "replace", "rename", "readlink")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, driver: Driver, tmp_path: Path) -> list[str]:
    """Return which calls the window's thread makes of the test's disk, where its home lies too."""
    found = list[str]()

    def watch(module: object, name: str) -> None:
        real = getattr(module, name)

        def call(*args: object, **named: object) -> object:
            here = threading.current_thread() is threading.main_thread()
            if here and args and str(args[0]).startswith(str(tmp_path)):
                found.append(f"{name} {args[0]}")
            return real(*args, **named)

        monkeypatch.setattr(module, name, call)

    for name in _CALLS:
        watch(os, name)
    for module in (io, builtins):
        watch(module, "open")
    return found


@pytest.mark.parametrize("action", ["known_sets", "images_cap", "show_log", "report", "about"])
def test_a_window_opens_without_the_disk(driver: Driver, asked: list[str], action: str) -> None:
    assert str(home()).startswith(os.environ["LAYERSCOPE_HOME"])
    driver.choose(action)
    driver.settle()
    assert asked == []
    for dialog in driver.window.findChildren(QDialog):
        dialog.close()


def test_the_list_of_data_opens_without_the_disk(driver: Driver, asked: list[str]) -> None:
    driver.find(SuggestionsBox, "setting.dataset").list_wanted.emit()
    assert asked == []


@pytest.mark.parametrize("name", ["a.layerscope", "a.npz", "a.txt", "a.onnx", "folder", "run"])
def test_what_was_dropped_is_looked_at_beside_the_window(
    driver: Driver, asked: list[str], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    make: dict[str, Callable[[], object]] = {
        "a.layerscope": lambda: write_project(path, tmp_path),
        "folder": lambda: write_data(path),
        "run": lambda: write_run(path, small_notebook(), metrics(1, 0.1, 1)),
    }
    make.get(name, lambda: path.write_bytes(b""))()
    asked.clear()
    driver.drop(path)
    driver.settle()
    assert asked == []


def test_a_pair_of_test_samples_is_looked_at_beside_the_window(
    driver: Driver, asked: list[str], tmp_path: Path
) -> None:
    data = write_data(tmp_path / "data")
    asked.clear()
    driver.drop(data / "t10k-images-idx3-ubyte", data / "t10k-labels-idx1-ubyte")
    driver.settle()
    driver.answer_dialog("getOpenFileName", data / "t10k-images-idx3-ubyte")
    driver.choose("load_test_samples")
    driver.settle()
    assert asked == []


@pytest.mark.parametrize("action", ["export_predictions_png", "export_predictions_csv", "save_as"])
def test_what_is_written_is_written_beside_the_window(
    driver: Driver, asked: list[str], tmp_path: Path, action: str
) -> None:
    ending = {"png": ".png", "csv": ".csv"}.get(action[-3:], ".layerscope")
    path = tmp_path / f"mine{ending}"
    driver.answer_dialog("getSaveFileName", path.with_suffix(""))
    driver.choose(action)
    driver.settle()
    assert asked == []
    assert path.exists()


def test_an_export_asks_beside_the_window_whether_something_is_there(
    driver: Driver, asked: list[str], tmp_path: Path
) -> None:
    driver.run("step_batch", "Paused")
    driver.settle()
    asked.clear()
    driver.export(tmp_path / "w.npz")
    driver.settle()
    assert asked == []
