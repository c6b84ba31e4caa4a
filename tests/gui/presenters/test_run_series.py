"""Series of runs in the window: asked for, trained beside it, and bit for bit what Train gives."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QToolButton,
)

from engine.model.weights import Weights
from engine.paths import home
from engine.runs.run_writer import RunWriter
from engine.runs.store import RunStore
from engine.training.events import BatchDone, Event
from engine.training.run import Training
from gui.runs.comparison_view import ComparisonView
from gui.runs.run_list import RunList
from gui.runs.series_dialog import SeriesDialog
from gui.storage import file_actions
from gui.widgets.messages import Answer
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.waiting import run_events

LEFT = Qt.MouseButton.LeftButton
NAME = "series_dialog"


@pytest.fixture
def folder(no_runs: Driver) -> Path:
    return home() / "runs"


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window with a quick project, and the dialog of series as it opens."""
    return with_dialog(no_runs)


def with_dialog(driver: Driver) -> Driver:
    driver.make_smaller()
    driver.type_into("setting.epochs", "2")
    driver.type_into("setting.limit", "10")
    driver.window.docks.show_panel("Runs")
    driver.settle()
    driver.choose("more_runs")
    driver.find(QRadioButton, f"{NAME}.repeat").click()
    return driver


def button(driver: Driver) -> QPushButton:
    return driver.find(QPushButton, f"{NAME}.start")


def start(driver: Driver) -> None:
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    driver.settle()


def choose(driver: Driver, setting: str) -> None:
    driver.find(QRadioButton, f"{NAME}.attempt").click()
    box = driver.find(QComboBox, f"{NAME}.setting")
    box.setCurrentText(setting)


def same(one: Weights, other: Weights) -> bool:
    """Return whether all that learns is the same, bit for bit."""
    learns = {slot for slot, arrays in other.items() if arrays}
    return one.keys() == learns and all(
        np.array_equal(array, other[slot][name])
        for slot, arrays in one.items()
        for name, array in arrays.items()
    )


def test_seeds_are_trained_listed_and_ticked_and_are_the_runs_of_train(
    driver: Driver, folder: Path
) -> None:
    before = driver.window.document.project()
    driver.find(QSpinBox, f"{NAME}.runs").setValue(2)
    assert driver.text(f"{NAME}.summary").startswith("2 runs with seeds 0 to 1, 2 epochs each")
    start(driver)
    runs = RunStore(folder).runs()
    assert [run.title for run in runs] == ["network, seed 1", "network, seed 0"]
    assert len({run.description.group for run in runs}) == 1
    assert runs[0].description.group.startswith("2 seeds of the same, 20")
    assert driver.window.document.project() == before
    listed = driver.find(RunList, "runs.list").runs
    driver.wait(lambda: len(listed.ticked()) == 2)
    assert driver.message() == "2 runs trained; they are ticked in Runs."
    driver.type_into("setting.seed", "1")
    driver.train()
    trained = driver.window.document.project()
    assert same(trained.weights, runs[0].project_after(2).weights)
    assert not same(trained.weights, runs[1].project_after(2).weights)


def test_ticks_that_a_series_takes_away_are_said(driver: Driver) -> None:
    told: list[str] = []
    driver.window.panels.run_pages.told.connect(told.append)
    driver.find(QSpinBox, f"{NAME}.runs").setValue(2)
    done = "2 runs trained; they are ticked in Runs."
    start(driver)
    assert told == [done], "none was ticked before"
    listed = driver.find(RunList, "runs.list").runs
    driver.wait(lambda: len(listed.ticked()) == 2)
    before = listed.ticked()
    driver.choose("more_runs")
    start(driver)
    driver.wait(lambda: len(told) == 3)
    assert told[1].endswith("in place of those that were ticked.")
    driver.wait(lambda: len(listed.ticked()) == 2)
    assert not set(listed.ticked()) & set(before)


def test_each_run_is_written_to_its_end_before_the_next_begins(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that all are listed when the series is over, also where a disk is slow."""
    comes, go_on, end = threading.Event(), threading.Event(), RunWriter._end

    def late(writer: RunWriter, state: str, reason: str) -> None:
        comes.set()
        assert go_on.wait(60)
        end(writer, state, reason)

    monkeypatch.setattr(RunWriter, "_end", late)
    monkeypatch.setattr("gui.presenters.run_series._PATIENCE", 60.0)
    driver.find(QSpinBox, f"{NAME}.runs").setValue(2)
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(comes.is_set)
    run_events(300)  # in which the next would have begun
    begun = [run.title for run in RunStore(folder).runs()]
    go_on.set()
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    assert begun == ["network, seed 0"]
    assert [run.state for run in RunStore(folder).runs()] == ["finished", "finished"]


def test_values_of_a_setting_are_tried(driver: Driver, folder: Path) -> None:
    choose(driver, "Learning rate")
    line = driver.find(QLineEdit, f"{NAME}.values")
    assert line.text() == "0.03, 0.1, 0.3"
    line.setText("0.05; 0,5")
    start(driver)
    rates = [run.description.project.settings.learning_rate for run in RunStore(folder).runs()]
    assert rates == [0.5, 0.05]
    assert [run.title for run in RunStore(folder).runs()] == [
        *("network · learning rate 0.5", "network · learning rate 0.05"),
    ]


def test_values_that_make_no_series_are_refused_at_once(driver: Driver) -> None:
    choose(driver, "Learning rate")
    driver.find(QLineEdit, f"{NAME}.values").setText("0.1, x")
    problem = "“x” is no number. Write numbers with commas between them."
    assert driver.text(f"{NAME}.problem") == problem
    assert not button(driver).isEnabled()


def test_choices_are_ticked_where_the_network_fits_them(driver: Driver) -> None:
    choose(driver, "Loss")
    ticks = {
        name: driver.find(QCheckBox, f"{NAME}.values.{name}").isChecked()
        for name in ("bce", "cross_entropy", "mse")
    }
    assert ticks == {"bce": True, "cross_entropy": False, "mse": True}
    assert button(driver).isEnabled()
    driver.find(QCheckBox, f"{NAME}.values.cross_entropy").click()
    assert not button(driver).isEnabled()
    assert driver.text(f"{NAME}.problem").startswith("Block 7 (Sigmoid) gives")


def test_while_training_runs_no_series_can_start(driver: Driver) -> None:
    driver.type_into("setting.epochs", "1000")
    driver.click("train")
    driver.wait_for("Training")
    assert not button(driver).isEnabled()
    assert "Training is running" in button(driver).toolTip()
    driver.click("stop")
    driver.wait_for("Stopped")
    driver.wait(button(driver).isEnabled)


def test_train_goes_first_and_the_series_goes_on_afterwards(driver: Driver, folder: Path) -> None:
    driver.type_into("setting.epochs", "15")
    driver.find(QSpinBox, f"{NAME}.runs").setValue(2)
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(lambda: driver.window.panels.series_jobs.title == "Train 2 runs")
    driver.click("train")
    driver.wait_for("Training")
    assert driver.text("series.title") == "Train 2 runs · rests"
    driver.wait_for("Finished")
    assert driver.text("series.title") in ("Train 2 runs", "")
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    series = [run for run in RunStore(folder).runs() if run.description.group]
    assert [(run.state, run.epochs) for run in series] == [("finished", 15)] * 2


def test_a_series_that_is_cancelled_keeps_the_runs_that_are_done(
    driver: Driver, folder: Path
) -> None:
    driver.type_into("setting.epochs", "30")
    driver.find(QSpinBox, f"{NAME}.runs").setValue(20)
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(lambda: any(run.state == "finished" for run in RunStore(folder).runs()))
    cancel = driver.find(QToolButton, "series.cancel")
    driver.wait(cancel.isVisible)
    QTest.mouseClick(cancel, LEFT)
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    states = [run.state for run in RunStore(folder).runs()]
    assert set(states) <= {"finished", "stopped"}
    assert 1 <= states.count("finished") < 20
    assert driver.message().startswith("The series was cancelled; ")


def test_a_series_that_is_cancelled_before_an_epoch_leaves_no_run(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins, cancelled = threading.Event(), threading.Event()

    def train(self: Training) -> Iterator[Event]:
        begins.set()
        assert cancelled.wait(60)
        yield BatchDone(1, 1, 1, 0.01, 0.5, 1)

    monkeypatch.setattr(Training, "run", train)
    QTest.mouseClick(button(driver), LEFT)
    listed = driver.find(RunList, "runs.list").runs
    driver.wait(begins.is_set)
    driver.wait(lambda: [row.run.title for row in listed.ticked()] == ["network, seed 0"])
    driver.window.panels.series_jobs.cancel()
    cancelled.set()
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    assert RunStore(folder).runs() == ()
    driver.wait(lambda: listed.count == 0)
    assert listed.ticked() == ()
    said = "The series was cancelled before an epoch was done; nothing of it is kept."
    assert driver.message() == said


def test_the_dialog_follows_the_network(driver: Driver) -> None:
    driver.type_into("setting.epochs", "7")
    assert "7 epochs each" in driver.text(f"{NAME}.summary")
    driver.select(6)
    driver.choose("delete")
    dialog = driver.find(SeriesDialog, NAME)
    assert not dialog.start.isEnabled()
    assert dialog.problem.text()


def test_runs_are_ticked_as_they_begin_and_have_curves_from_the_first_on(driver: Driver) -> None:
    driver.type_into("setting.epochs", "10000")
    driver.find(QSpinBox, f"{NAME}.runs").setValue(3)
    QTest.mouseClick(button(driver), LEFT)
    listed = driver.find(RunList, "runs.list").runs
    driver.wait(lambda: [row.run.title for row in listed.ticked()] == ["network, seed 0"])
    view = driver.find(ComparisonView, "runs.compare")
    driver.wait(lambda: view.curves.isVisible() and instead_of_curves(view) == "")
    assert len(listed.ticked()) == 1
    driver.window.panels.series_jobs.cancel()
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    driver.wait(lambda: instead_of_curves(view).startswith("Tick one more run"))


def instead_of_curves(view: ComparisonView) -> str:
    shown = [label.text() for label in view.findChildren(QLabel, "empty") if label.isVisible()]
    return " ".join(shown)


def test_the_window_can_be_closed_while_a_series_trains(open_window: OpenWindow) -> None:
    driver, folder = with_dialog(open_window(None)), home() / "runs"
    driver.type_into("setting.epochs", "1000")
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(lambda: any(run.epochs for run in RunStore(folder).runs()))
    driver.window.close()
    driver.wait(lambda: [run.state for run in RunStore(folder).runs()] == ["stopped"])


def test_quitting_asks_once_about_a_series_and_unsaved_changes(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, go_on, train = threading.Event(), threading.Event(), Training.run
    begun: list[Training] = []

    def held(self: Training) -> Iterator[Event]:
        begun.append(self)
        if len(begun) == 2:
            second.set()
            assert go_on.wait(60)
        yield from train(self)

    asked: list[str] = []

    def ask_to_quit(_parent: object, ending: str) -> bool:
        asked.append(f"quit: {ending}")
        return False

    def ask_about_unsaved(_parent: object, _name: str, ending: str) -> Answer:
        asked.append(f"unsaved: {ending}")
        return Answer.CANCEL

    monkeypatch.setattr(Training, "run", held)
    monkeypatch.setattr(file_actions, "ask_to_quit", ask_to_quit)
    monkeypatch.setattr(file_actions, "ask_about_unsaved", ask_about_unsaved)
    driver.find(QSpinBox, f"{NAME}.runs").setValue(3)
    driver.answer_dialog("getSaveFileName", tmp_path / "saved.layerscope")
    driver.choose("save_as")
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(second.is_set)
    closed = [driver.window.close()]
    driver.type_into("setting.epochs", "3")
    closed.append(driver.window.close())
    driver.window.files.new("blank")
    driver.window.panels.series_jobs.cancel()
    go_on.set()
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    assert closed == [False, False]
    ends = "The series that is being trained ends: 1 of its 3 runs are done. "
    ends += "What is done of it stays."
    assert asked == [f"quit: {ends}", f"unsaved: {ends}", "unsaved: "]
    assert driver.window.isVisible()
