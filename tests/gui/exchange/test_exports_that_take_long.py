"""Exports that take long: the window lives, and they can be given up."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QPushButton, QToolButton

from engine.exports.trained_network import TrainedNetwork
from engine.exports.weights_files import NPZ
from engine.files.atomic import ProgressReport
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.exchange.exporting import DIALOG, opened, path, use
from tests.gui.finding import named, text_of


@pytest.fixture
def driver(new_project: Driver) -> Iterator[Driver]:
    """Give the module's window with a trained network of the notebook in it."""
    new_project.run("step_batch", "Paused")
    yield new_project
    if (dialog := new_project.window.findChild(QDialog, DIALOG)) is not None:
        dialog.close()


class Slow:
    """A format whose export waits until it is let go, or given up."""

    def __init__(self) -> None:
        self.begun, self.free = threading.Event(), threading.Event()

    def files(self, network: TrainedNetwork, report: ProgressReport) -> Mapping[str, bytes]:
        self.begun.set()
        while not self.free.wait(0.01):
            report(0.5)
        return NPZ.files(network, report)


@pytest.fixture
def slow(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    use(driver, monkeypatch, replace(NPZ, files=made.files))
    return made


def begin(driver: Driver, slow: Slow, target: Path) -> QDialog:
    dialog = opened(driver)
    path(dialog).setText(str(target))
    named(dialog, QCheckBox, f"{DIALOG}.verify").setChecked(True)
    QTest.keyClick(path(dialog), Qt.Key.Key_Return)
    driver.wait(slow.begun.is_set)
    assert not named(dialog, QPushButton, f"{DIALOG}.export").isEnabled()
    return dialog


def test_the_window_lives_meanwhile_and_an_export_can_be_cancelled(
    driver: Driver, slow: Slow, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    dialog = begin(driver, slow, tmp_path / "w.npz")
    cancel = named(dialog, QToolButton, f"{DIALOG}.cancel")
    driver.wait(cancel.isVisible)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    driver.wait(named(dialog, QPushButton, f"{DIALOG}.export").isEnabled)
    assert text_of(dialog, "problem") == "", "it is no error"
    assert text_of(dialog, "awaited") == "Cancelled. Nothing was written."
    QTest.keyClicks(path(dialog), "x")
    assert "Cancelled" not in text_of(dialog, "awaited")
    assert sorted(tmp_path.iterdir()) == before
    slow.begun.clear()
    begin(driver, slow, tmp_path / "w.npz")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    driver.select(3)
    driver.type_into("option.units", "9")
    assert driver.rows()[3] == "Dense 9"
    slow.free.set()
    driver.wait(lambda: driver.message() != "")
    assert driver.message().startswith(f"Exported to {tmp_path / 'w.npz'}. 200 of 200 test")
    with np.load(tmp_path / "w.npz") as npz:
        assert npz["3.dense.weight"].shape == (100, 3380), "the network as it was"


def test_a_window_that_closes_gives_the_export_up(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, slow = open_window(None), Slow()
    driver.run("step_batch", "Paused")
    use(driver, monkeypatch, replace(NPZ, files=slow.files))
    begin(driver, slow, tmp_path / "w.npz")
    driver.window.close()
    driver.wait(lambda: driver.window.jobs.ended)
    assert not list(tmp_path.glob("*.npz"))
