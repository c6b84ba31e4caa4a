"""Runs that another program writes, and what the window shows of them, for tests."""

import argparse
import json
from pathlib import Path

from PySide6.QtWidgets import QWidget

from gui.runs.run_list import RunList
from tests import foreign_writer
from tests.gui.driving import Driver

EPOCHS = 5


def options_for(folder: Path, seed: int = 0) -> argparse.Namespace:
    return argparse.Namespace(folder=folder, epochs=EPOCHS, seed=seed, pause=0.0, plain=False)


def begin(folder: Path, seed: int = 0, *, epochs: int = 0) -> Path:
    (folder / "weights").mkdir(parents=True)
    (folder / "run.json").write_bytes(
        foreign_writer.described(options_for(folder, seed), "training")
    )
    for epoch in range(epochs + 1):
        add_epoch(folder, epoch, seed)
    return folder


def add_epoch(folder: Path, epoch: int, seed: int = 0) -> None:
    foreign_writer.write_epoch(folder, epoch, options_for(folder, seed))


def change(folder: Path, **changes: object) -> None:
    path = folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))


def shown_epoch(driver: Driver) -> int | None:
    checkpoint = driver.window.view.state.checkpoint
    return None if checkpoint is None else checkpoint.epoch


def banner(driver: Driver) -> str:
    bar = driver.find(QWidget, "moment_bar")
    return driver.find(QWidget, "moment").accessibleName() if bar.isVisible() else ""


def follow(driver: Driver, folder: Path, epoch: int = 2) -> None:
    driver.drop(folder)
    driver.wait(lambda: shown_epoch(driver) == epoch)
    driver.wait(lambda: "live, epoch" in banner(driver))


def first_row(driver: Driver) -> str:
    runs = driver.find(RunList, "runs.list")
    model = runs.runs
    columns = range(model.columnCount() if model.rows else 0)
    return " · ".join(str(model.index(0, column).data()) for column in columns)


def listed(driver: Driver, count: int) -> RunList:
    """Bring the panel to the front, wait until it lists so many runs, and go to the list."""
    driver.window.stage.show_panel("Runs")
    runs = driver.find(RunList, "runs.list")
    driver.wait(lambda: runs.runs.rowCount() == count)
    runs.setFocus()
    return runs
