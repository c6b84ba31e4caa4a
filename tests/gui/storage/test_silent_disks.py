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
from tests.engine.data.pictures import shades, write_files
from tests.gui.driving import Driver
from tests.run_folders import metrics, small_notebook, write_run

_CALLS = ("stat", "lstat", "listdir", "scandir", "open", "mkdir", "replace", "rename", "readlink")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, driver: Driver, tmp_path: Path) -> list[str]:
    """Return which calls the window's thread makes of the test's disk, where its home lies too."""
    found, places = list[str](), (str(tmp_path), str(home()))
    assert str(home()).startswith(os.environ["LAYERSCOPE_HOME"])

    def watch(module: object, name: str) -> None:
        real = getattr(module, name)

        def call(*args: object, **named: object) -> object:
            here = threading.current_thread() is threading.main_thread()
            if here and args and str(args[0]).startswith(places):
                found.append(f"{name} {args[0]}")
            return real(*args, **named)

        monkeypatch.setattr(module, name, call)

    for name in _CALLS:
        watch(os, name)
    for module in (io, builtins):
        watch(module, "open")
    return found


def test_windows_and_lists_of_data_open_without_the_disk(driver: Driver, asked: list[str]) -> None:
    for action in ("known_sets", "images_cap", "show_log", "report", "about"):
        driver.choose(action)
        driver.settle()
        assert asked == []
        for dialog in driver.window.findChildren(QDialog):
            dialog.close()
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


def test_it_is_written_beside_the_window(driver: Driver, asked: list[str], tmp_path: Path) -> None:
    for action, ending in (
        ("export_predictions_png", ".png"),
        ("export_predictions_csv", ".csv"),
        ("save_as", ".layerscope"),
    ):
        path = tmp_path / f"mine{ending}"
        driver.answer_dialog("getSaveFileName", path.with_suffix(""))
        driver.choose(action)
        driver.settle()
        assert asked == []
        assert path.exists()
        asked.clear()
    driver.run("step_batch", "Paused")
    driver.settle()
    asked.clear()
    driver.export(tmp_path / "w.npz")
    driver.settle()
    assert asked == []


def test_editing_with_pictures_asks_no_disk(
    driver: Driver, asked: list[str], tmp_path: Path
) -> None:
    names = [f"{'ab'[place % 2]}/{place}.png" for place in range(24)]
    own = str(write_files(tmp_path / "own", shades(names)))
    window, edits = driver.window, driver.window.edits
    driver.type_into("setting.dataset", own)
    driver.wait(lambda: window.session.data is not None and window.session.data.key.data == own)
    driver.settle()
    asked.clear()
    edits.change_option(window.document.stack.slots[0].id, "depth", 3)
    for field, value in (
        ("learning_rate", 0.02),
        ("epochs", 3),
        ("seed", 7),
        ("test_split", 30.0),
        ("limit", 9),
        ("classes", (1, 0)),
    ):
        edits.change_setting(field, value)
    edits.undo()
    edits.redo()
    driver.settle()  # the samples are chosen anew, a recovery file is written
    assert asked == []
