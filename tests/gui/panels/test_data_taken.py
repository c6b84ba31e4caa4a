"""Data that is dropped, chosen or typed: taken, read meanwhile, given up, or gone."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QPushButton,
    QToolButton,
    QWidget,
)

import engine.data.sources
import gui.background.loading
from engine.data.image_form import ImageForm
from engine.data.parts import Parts
from engine.data.reading import Report
from engine.files.project_file import save_project
from engine.model.project import Project
from engine.model.templates import notebook
from engine.runs.run_export import export_run
from engine.runs.run_folder import read_run
from tests.engine.data.idx_files import write_pair
from tests.engine.runs.folders import write_run
from tests.gui.driving import Driver
from tests.gui.panels.data_parts import (
    chosen,
    counts,
    panel,
    press,
    tick,
    write_colours,
)


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def test_a_dropped_data_set_is_taken_and_can_be_undone(driver: Driver, tmp_path: Path) -> None:
    data = write_colours(tmp_path / "fruit.npz")
    driver.drop(data)
    driver.settle()
    assert driver.window.document.settings.dataset == str(data)
    assert driver.window.docks.is_in_view("Data")
    driver.drop(tmp_path / "gone.csv")
    driver.settle()
    assert "gone.csv" in driver.message()
    assert driver.window.document.settings.dataset == str(data)
    driver.choose("undo")
    assert driver.window.document.settings.dataset == "mnist"


def test_dropped_data_of_too_few_classes_is_refused_in_one_voice(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[str] = []
    monkeypatch.setattr(driver.window.messages, "show_notice", notices.append)
    for name in ("ant", "bee", "cat"):
        (tmp_path / "animals" / name).mkdir(parents=True)
        for number in range(6):
            picture = Image.fromarray(np.full((28, 28), 40 * number, np.uint8))
            picture.save(tmp_path / "animals" / name / f"{number}.png")
    driver.choose("new.digits")
    driver.settle()
    driver.drop(tmp_path / "animals")
    driver.wait(lambda: driver.window.session.data_problem != "")
    driver.settle()
    why = "Class 3 does not occur in the training samples"
    assert driver.text("coach").startswith(why)
    assert driver.text("data.problem").startswith(why)
    assert driver.text("status") == "Ready"
    assert driver.message() == ""
    assert notices == []


def test_runs_that_are_dropped_are_not_trained_with(driver: Driver, tmp_path: Path) -> None:
    folder, before = tmp_path / "runs" / "20260101-run", driver.window.document.project()
    write_run(folder, epochs=1)
    export_run(read_run(folder), tmp_path / "run.zip", "zip")
    for name, told in (("runs", "a folder of runs"), ("run.zip", "an exported run")):
        driver.drop(tmp_path / name)
        driver.settle()
        assert driver.message().startswith(f"{tmp_path / name} is {told}, and no data.")
        assert driver.window.document.project() == before


def test_a_project_whose_data_is_gone_says_what_to_do(driver: Driver, tmp_path: Path) -> None:
    project = notebook()
    gone = str(tmp_path / "stick" / "photos")
    path = tmp_path / "mine.layerscope"
    save_project(Project(project.stack, project.settings.with_changes(dataset=gone)), path)
    driver.open(path)
    driver.wait(lambda: driver.window.session.data_problem != "")
    panel(driver)
    assert "There is no data set, folder or file" in driver.text("data.problem")
    assert counts(driver) == {}
    driver.type_into("data.dataset", "mnist")
    driver.wait_for("Ready")
    driver.settle()
    assert driver.text("data.problem") == ""
    assert len(counts(driver)) == 10


def test_data_is_chosen_from_the_menu(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.answer_dialog("getOpenFileName", write_colours(tmp_path / "fruit.npz"))
    driver.choose("data_file")
    driver.settle()
    assert driver.window.docks.is_in_view("Data")
    assert driver.window.document.settings.dataset == str(tmp_path / "fruit.npz")
    folder = tmp_path / "digits"
    folder.mkdir()
    write_digits(folder)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    driver.choose("data_folder")
    driver.settle()
    assert driver.window.document.settings.dataset == str(folder)
    assert sum(counts(driver)["0"]) == 6


def write_digits(folder: Path) -> list[Path]:
    pairs = [
        write_pair(folder, [0, 1] * 3, f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte", 28)
        for part in ("train", "t10k")
    ]
    return [path for pair in pairs for path in pair]


def test_the_four_idx_files_are_dropped_as_data_and_a_test_pair_is_only_shown(
    driver: Driver, tmp_path: Path
) -> None:
    files = write_digits(tmp_path)
    driver.drop(*files[2:])
    driver.settle()
    assert driver.window.document.settings.dataset == "mnist"
    assert "Predictions show 6 test samples" in driver.message()
    driver.drop(*files)
    driver.settle()
    assert driver.window.document.settings.dataset == str(tmp_path)


def test_where_classes_are_typed_a_button_leads_to_their_names(driver: Driver) -> None:
    shown = panel(driver)
    shown.tabs.setCurrentWidget(shown.images)
    driver.window.docks.show_panel("Draw")
    driver.click("choose_classes")
    driver.settle()
    assert driver.window.docks.is_in_view("Data")
    driver.press(Qt.Key.Key_Home)
    driver.press(Qt.Key.Key_Down)
    driver.press(Qt.Key.Key_Down)
    driver.press(Qt.Key.Key_Space)
    assert chosen(driver) == (0, 1, 2)


class Gate:
    """Holds up the reading of one data set until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, slow: str) -> None:
        self.reached, self.opened, self._slow = threading.Event(), threading.Event(), slow
        self.read: list[str] = []
        monkeypatch.setattr(gui.background.loading, "read", self._read)

    def _read(self, data: str, form: ImageForm, report: Report) -> Parts:
        self.read.append(data)
        if data == self._slow:
            self.reached.set()
            assert self.opened.wait(30)
        return engine.data.sources.read(data, form, report)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(monkeypatch, str(write_colours(tmp_path / "slow.npz")))
    yield gate
    gate.opened.set()


def test_reading_can_be_cancelled_and_leaves_no_step(driver: Driver, slow: Gate) -> None:
    panel(driver)
    driver.type_into("data.dataset", slow._slow)
    driver.wait(lambda: driver.find(QWidget, "data.cancel").isVisible())
    assert not driver.find(QPushButton, "data.offer.0").isEnabled()
    press(driver, QToolButton, "data.cancel")
    driver.settle()
    assert driver.find(QPushButton, "data.offer.0").isEnabled()
    assert driver.window.document.settings.dataset == "mnist"
    assert not driver.action("undo").isEnabled()
    assert driver.text("data.problem") == ""
    assert driver.action("train").isEnabled()
    assert len(counts(driver)) == 10


class FarDrive:
    """Data on a drive that says only when it `answers` whether they are there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
        self.data, self.answers, self._looked = data, threading.Event(), threading.Event()
        monkeypatch.setattr("gui.forms.settings_form.why_missing", self._why_missing)

    def _why_missing(self, name: str) -> str:
        if name == str(self.data):
            assert self.answers.wait(30)
            self._looked.set()
        return ""

    def answer(self, driver: Driver) -> None:
        """Say that they are there, and wait until it was heard."""
        self.answers.set()
        driver.wait(self._looked.is_set)
        driver.settle()


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FarDrive]:
    drive = FarDrive(monkeypatch, write_colours(tmp_path / "far.npz"))
    yield drive
    drive.answers.set()


def test_a_path_on_a_dead_drive_holds_nothing_up(driver: Driver, far: FarDrive) -> None:
    panel(driver)
    driver.type_into("data.dataset", str(far.data))
    assert driver.window.document.settings.dataset == "mnist"
    tick(driver, 2)  # the window lives
    assert chosen(driver) == (0, 1, 2)
    driver.wait(lambda: driver.text("data.reading") == f"Looking for {far.data}…")
    press(driver, QToolButton, "data.cancel")
    assert driver.find(QComboBox, "data.dataset").currentText() == "MNIST sample (bundled)"
    driver.type_into("data.dataset", str(far.data))
    far.answer(driver)
    driver.wait(lambda: driver.window.document.settings.dataset == str(far.data))
    driver.settle()
    assert not driver.find(QWidget, "data.cancel").isVisible()


def drop_and_wait(driver: Driver, far: FarDrive) -> None:
    driver.window.docks.show_panel("Network")
    driver.drop(far.data)
    driver.wait(lambda: driver.text("data.reading") == f"Looking for {far.data}…")
    assert driver.message() == ""


def test_what_was_dropped_from_a_slow_drive_is_shown_once_it_is_there(
    driver: Driver, far: FarDrive
) -> None:
    drop_and_wait(driver, far)
    assert not driver.window.docks.is_in_view("Data")
    far.answer(driver)
    driver.wait(lambda: driver.window.document.settings.dataset == str(far.data))
    driver.wait(lambda: driver.message() == f"Training is with the data of {far.data} now.")
    assert driver.window.docks.is_in_view("Data")


def test_what_is_still_looked_for_is_not_for_a_project_that_is_opened_meanwhile(
    driver: Driver, far: FarDrive
) -> None:
    drop_and_wait(driver, far)
    driver.choose("new")
    far.answer(driver)
    assert driver.window.document.settings.dataset == "mnist"
    assert (driver.text("data.reading"), driver.message()) == ("", "")


def test_what_is_still_looked_for_when_training_begins_is_told_of_once(
    driver: Driver, far: FarDrive
) -> None:
    before = driver.window.document.settings
    drop_and_wait(driver, far)
    driver.run("step_epoch", "Paused")
    told = f"{far.data} was not found yet. Training goes on with what was set before."
    assert driver.message() == told
    far.answer(driver)
    assert driver.window.document.settings == before
    assert driver.text("data.reading") == ""
    driver.run("step_epoch", "Paused")
    assert driver.message() == ""


def test_data_that_is_gone_is_not_offered_any_more(driver: Driver, tmp_path: Path) -> None:
    found = panel(driver)
    x = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    paths = [str(tmp_path / f"{name}.npz") for name in "ab"]
    for path in paths:
        np.savez(path, x=x, y=[0, 1] * 20)
        driver.type_into("setting.dataset", path)
        driver.settle()

    def listed() -> list[str]:
        found.box.list_wanted.emit()  # as when the list opens, which would grab the keyboard
        offered = [found.box.itemData(each) for each in range(found.box.count())]
        return [each for each in offered if each in paths]

    assert listed() == paths[::-1]
    Path(paths[0]).unlink()
    driver.wait(lambda: listed() == paths[1:])  # a disk that is slow to answer changes no list
    assert found.box.currentText() == paths[1]
