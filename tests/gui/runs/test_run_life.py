"""The life of an image in a run that goes on from another."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from engine.paths import home
from engine.runs.prediction_files import read_predictions
from gui.runs.life_view import LifeStrip
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.recorded_runs import record
from tests.gui.recorded_series import quick_project
from tests.gui.runs.followed_runs import listed
from tests.gui.runs.test_run_pages import has_colour_of_the_past, page


def test_a_run_that_goes_on_tells_of_the_runs_before(no_runs: Driver) -> None:
    parent = record(home() / "runs", quick_project(limit=40), "parent")
    again = replace(parent.project_after(2), state=None)
    child = record(home() / "runs", again, "child")
    said = {run.title: read_predictions(run.folder) for run in (parent, child)}
    before, after = not_none(said["parent"]), not_none(said["child"])
    driver = no_runs
    runs = listed(driver, 2)
    runs.choose(child.key)
    page(driver, "Life of the image")
    strip = driver.find(LifeStrip, "runs.life.strip")
    driver.wait(lambda: strip.isVisible() and strip.bars() is not None)
    bars, right = not_none(strip.bars()), np.concatenate([before.right[:2], after.right])
    assert bars.epochs.tolist() == [1, 2, *(2 + after.epochs).tolist()]
    assert bars.wrong.tolist() == (~right[:, 0]).tolist()
    lists = driver.find(QComboBox, "runs.life.lists")
    assert lists.itemText(3) == f"never learned ({(~right.any(axis=0)).sum():,})"
    assert driver.text("runs.life.run") == "in the run “child” and those that it continues"
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(0).center().toPoint())
    view = driver.window.view
    driver.wait(lambda: view.state.checkpoint is not None)
    assert view.state.checkpoint is not None
    assert (view.state.checkpoint.run.id, view.state.checkpoint.epoch) == (parent.id, 1)
    view.show(parent, 2)
    runs.choose(child.key)
    driver.wait(lambda: has_colour_of_the_past(strip))
    view.show(parent, 3)  # which the child did not go on from
    driver.wait(lambda: not has_colour_of_the_past(strip))
