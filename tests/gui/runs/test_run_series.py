"""Series of runs in the window: asked for, trained beside it, and bit for bit what Train gives."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QToolButton,
)

from engine.model.weights import Weights
from engine.paths import home
from engine.runs.run_folder import read_run
from engine.runs.run_writer import RunWriter
from engine.runs.store import RunStore
from engine.training.events import Event
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


def test_series_are_trained_listed_and_ticked_and_their_runs_are_those_of_train(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run is written to its end before the next begins, also where a disk is slow."""
    told, show = list[str](), driver.window.messages._show

    def tell(mark: str, topic: str, text: str, *, wrong: bool) -> None:
        told.append(text)
        show(mark, topic, text, wrong=wrong)

    monkeypatch.setattr(driver.window.messages, "_show", tell)
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
    driver.window.stage.show_panel("Maps")
    driver.click("message.offer")
    driver.settle()
    assert driver.find(ComparisonView, "runs.compare").isVisible()
    ticked = listed.ticked()
    comes, go_on, end = threading.Event(), threading.Event(), RunWriter._end

    def late(writer: RunWriter, state: str, reason: str) -> None:
        comes.set()
        assert go_on.wait(60)
        end(writer, state, reason)

    with monkeypatch.context() as patch:
        patch.setattr(RunWriter, "_end", late)
        patch.setattr("gui.runs.run_series._PATIENCE", 60.0)
        driver.choose("more_runs")
        driver.find(QRadioButton, f"{NAME}.attempt").click()
        driver.find(QLineEdit, f"{NAME}.values").setText("0.05; 0,5")
        QTest.mouseClick(button(driver), LEFT)
        driver.wait(comes.is_set)
        run_events(300)  # in which the next would have begun
        begun = len(RunStore(folder).runs())
        go_on.set()
        driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    assert begun == 3
    later = RunStore(folder).runs()[:2]
    assert [(run.title, run.state) for run in later] == [
        ("network · learning rate 0.5", "finished"),
        ("network · learning rate 0.05", "finished"),
    ]
    assert [run.description.project.settings.learning_rate for run in later] == [0.5, 0.05]
    driver.wait(lambda: len(told) == 2)
    driver.wait(lambda: len(listed.ticked()) == 2)
    assert not set(listed.ticked()) & set(ticked)
    driver.type_into("setting.seed", "1")
    driver.train()
    trained = driver.window.document.project()
    assert same(trained.weights, runs[0].project_after(2).weights)
    assert not same(trained.weights, runs[1].project_after(2).weights)


def test_train_goes_before_a_series_whose_runs_are_ticked_as_they_begin_and_stay_when_it_ends(
    driver: Driver, folder: Path
) -> None:
    open_for(driver, "10000")
    driver.find(QSpinBox, f"{NAME}.runs").setValue(20)
    QTest.mouseClick(button(driver), LEFT)
    jobs, listed = driver.window.panels.series_jobs, driver.find(RunList, "runs.list").runs
    driver.wait(lambda: [row.run.title for row in listed.ticked()] == ["network, seed 0"])
    assert jobs.title == "Train 20 runs"
    view = driver.find(ComparisonView, "runs.compare")
    empty = view.findChildren(QLabel, "empty")
    driver.wait(lambda: view.curves.isVisible() and not any(map(QLabel.isVisible, empty)))
    driver.choose("more_runs")
    assert not driver.find(SeriesDialog, NAME).isVisible()
    assert driver.message().startswith("A series is being trained. ")
    driver.type_into("setting.epochs", "3")
    driver.click("train", until="Training")
    driver.wait_for("Finished")
    (run,) = [run for run in RunStore(folder).runs() if run.description.group]
    driver.wait(lambda: read_run(run.folder).epochs > run.epochs)
    cancel = driver.find(QToolButton, "series.cancel")
    driver.wait(cancel.isVisible)
    QTest.mouseClick(cancel, LEFT)
    driver.wait(lambda: jobs.title == "")
    assert [read_run(run.folder).state] == ["stopped"]
    assert driver.message() == "The series was cancelled. What is done of it stays."


def test_quitting_asks_once_about_a_series_and_unsaved_changes_and_ends_it(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is cancelled before an epoch is not kept, one that is ended later is."""
    driver, folder = with_dialog(open_window(None)), home() / "runs"
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
        return "cancel"

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
    listed = driver.find(RunList, "runs.list").runs
    driver.wait(lambda: len(listed.ticked()) == 2)
    driver.window.panels.series_jobs.cancel()
    go_on.set()
    driver.wait(lambda: driver.window.panels.series_jobs.title == "")
    assert closed == [False, False]
    ends = "The series that is being trained ends. What is done of it stays."
    assert asked == [f"quit: {ends}", f"unsaved: {ends}", "unsaved: "]
    assert driver.window.isVisible()
    assert [run.title for run in RunStore(folder).runs()] == ["saved, seed 0"]
    driver.wait(lambda: [row.run.title for row in listed.ticked()] == ["saved, seed 0"])
    monkeypatch.setattr(file_actions, "ask_about_unsaved", lambda *_: "discard")
    open_for(driver, "1000")
    QTest.mouseClick(button(driver), LEFT)
    driver.wait(lambda: RunStore(folder).runs()[0].epochs > 2)
    assert driver.window.close()
    driver.wait(lambda: [run.state for run in RunStore(folder).runs()] == ["stopped", "finished"])
