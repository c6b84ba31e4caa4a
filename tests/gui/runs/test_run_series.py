"""Series of runs in the window: asked for, trained beside it, and bit for bit what Train gives."""

import threading
from collections.abc import Iterator
from pathlib import Path

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
from tests.engine.training_runs import same as same_weights
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
    driver.type_into("setting.limit", "10")
    driver.window.stage.show_panel("Runs")
    driver.settle()
    open_for(driver, "2")
    driver.find(QRadioButton, f"{NAME}.repeat").click()
    return driver


def open_for(driver: Driver, epochs: str) -> None:
    """Open the dialog anew, for so many epochs."""
    for dialog in driver.window.findChildren(SeriesDialog):
        dialog.close()
    driver.type_into("setting.epochs", epochs)
    driver.choose("more_runs")


def button(driver: Driver) -> QPushButton:
    return driver.find(QPushButton, f"{NAME}.start")


def start(driver: Driver) -> None:
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    driver.settle()


def same(one: Weights, other: Weights) -> bool:
    """Return whether all that learns is the same, bit for bit."""
    return same_weights(one, {slot: arrays for slot, arrays in other.items() if arrays})


def test_seeds_are_trained_listed_and_ticked_and_are_the_runs_of_train(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(driver.window.messages, "done", told.append)
    before = driver.window.document.project()
    driver.find(QSpinBox, f"{NAME}.runs").setValue(2)
    assert driver.text(f"{NAME}.summary").startswith("2 runs with seeds 0 to 1, 4 epochs in all")
    start(driver)
    runs = RunStore(folder).runs()
    assert [run.title for run in runs] == ["network, seed 1", "network, seed 0"]
    assert len({run.description.group for run in runs}) == 1
    assert runs[0].description.group.startswith("2 seeds of the same, 20")
    assert driver.window.document.project() == before
    listed = driver.find(RunList, "runs.list").runs
    driver.wait(lambda: len(listed.ticked()) == 2)
    assert told == ["2 runs trained."]
    ticked = listed.ticked()
    driver.choose("more_runs")
    start(driver)
    driver.wait(lambda: len(told) == 2)
    driver.wait(lambda: len(listed.ticked()) == 2)
    assert not set(listed.ticked()) & set(ticked)
    driver.type_into("setting.seed", "1")
    driver.train()
    trained = driver.window.document.project()
    assert same(trained.weights, runs[0].project_after(2).weights)
    assert not same(trained.weights, runs[1].project_after(2).weights)


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
    monkeypatch.setattr("gui.runs.run_series._PATIENCE", 60.0)
    driver.find(QSpinBox, f"{NAME}.runs").setValue(2)
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(comes.is_set)
    run_events(300)  # in which the next would have begun
    begun = [run.title for run in RunStore(folder).runs()]
    go_on.set()
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    assert begun == ["network, seed 0"]
    assert [run.state for run in RunStore(folder).runs()] == ["finished", "finished"]


def test_values_of_a_setting_are_tried_if_they_make_a_series_of_a_network_that_fits(
    driver: Driver, folder: Path
) -> None:
    problem, box = f"{NAME}.problem", driver.find(QComboBox, f"{NAME}.setting")
    driver.find(QRadioButton, f"{NAME}.attempt").click()
    box.setCurrentText("Loss")
    ticks = {
        name: driver.find(QCheckBox, f"{NAME}.values.{name}")
        for name in ("bce", "cross_entropy", "mse")
    }
    assert [tick.isChecked() for tick in ticks.values()] == [True, False, True]
    assert button(driver).isEnabled()
    ticks["cross_entropy"].click()
    assert not button(driver).isEnabled()
    assert driver.text(problem).startswith("Block 7 (Sigmoid) gives")
    box.setCurrentText("Learning rate")
    line = driver.find(QLineEdit, f"{NAME}.values")
    assert line.text() == "0.03, 0.1, 0.3"
    line.setText("0.1, x")
    assert driver.text(problem) == "“x” is no number. Write numbers with commas between them."
    assert not button(driver).isEnabled()
    line.setText("0.05; 0,5")
    driver.find(SeriesDialog, NAME).close()
    driver.select(6)
    driver.choose("delete")
    driver.choose("more_runs")
    assert not button(driver).isEnabled()
    assert driver.text(problem)
    driver.find(SeriesDialog, NAME).close()
    driver.choose("undo")
    driver.choose("more_runs")
    assert line.text() == "0.05; 0,5"
    start(driver)
    runs = [run for run in RunStore(folder).runs() if run.description.group]
    assert [run.description.project.settings.learning_rate for run in runs] == [0.5, 0.05]
    assert [run.title for run in runs] == [
        *("network · learning rate 0.5", "network · learning rate 0.05")
    ]


def test_train_goes_first_and_the_series_goes_on_afterwards(driver: Driver, folder: Path) -> None:
    open_for(driver, "15")
    driver.find(QSpinBox, f"{NAME}.runs").setValue(2)
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(lambda: driver.window.panels.series_jobs.title == "Train 2 runs")
    driver.choose("more_runs")
    assert not driver.find(SeriesDialog, NAME).isVisible()
    assert driver.message().startswith("A series is being trained. ")
    driver.click("train", until="Training")
    driver.wait_for("Finished")
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    series = [run for run in RunStore(folder).runs() if run.description.group]
    assert [(run.state, run.epochs) for run in series] == [("finished", 15)] * 2


def cancel(driver: Driver) -> None:
    button = driver.find(QToolButton, "series.cancel")
    driver.wait(button.isVisible)
    QTest.mouseClick(button, LEFT)
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")


def test_runs_are_ticked_as_they_begin_and_those_that_are_done_stay_when_it_is_cancelled(
    driver: Driver, folder: Path
) -> None:
    open_for(driver, "10000")
    driver.find(QSpinBox, f"{NAME}.runs").setValue(20)
    QTest.mouseClick(button(driver), LEFT)
    listed = driver.find(RunList, "runs.list").runs
    driver.wait(lambda: [row.run.title for row in listed.ticked()] == ["network, seed 0"])
    view = driver.find(ComparisonView, "runs.compare")
    empty = view.findChildren(QLabel, "empty")
    driver.wait(lambda: view.curves.isVisible() and not any(map(QLabel.isVisible, empty)))
    cancel(driver)
    open_for(driver, "30")
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(lambda: any(run.state == "finished" for run in RunStore(folder).runs()))
    cancel(driver)
    states = [run.state for run in RunStore(folder).runs()]
    assert set(states) <= {"finished", "stopped"}
    assert 1 <= states.count("finished") < 20
    assert driver.message().startswith("The series was cancelled. ")


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
    assert driver.message() == "The series was cancelled. What is done of it stays."


def test_the_window_can_be_closed_while_a_series_trains(open_window: OpenWindow) -> None:
    driver, folder = with_dialog(open_window(None)), home() / "runs"
    open_for(driver, "1000")
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
    ends = "The series that is being trained ends. What is done of it stays."
    assert asked == [f"quit: {ends}", f"unsaved: {ends}", "unsaved: "]
    assert driver.window.isVisible()
