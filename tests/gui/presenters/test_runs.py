"""Kept runs in the window: read, looked at, changed, deleted and brought back."""

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLineEdit, QPlainTextEdit, QSlider, QToolButton

from engine.machine.file_lock import FileLock
from engine.paths import home, read_preferences
from engine.runs.run_folder import RECORDING
from engine.runs.store import RunStore, change_description
from gui.runs.run_actions import NOTHING_CHOSEN
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.run_folders import (
    add_lines,
    make_runs,
    metrics,
    small_notebook,
    write_run,
    write_weights,
)

MB = 1_000_000
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def folder(no_runs: Driver) -> Path:
    """Return the folder of the runs, without any."""
    return home() / "runs"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make three runs, and return the folder that they are in."""
    folder = tmp_path_factory.mktemp("made") / "runs"
    make_runs(folder, 3, epochs=6)
    return folder


@pytest.fixture
def ids(made: Path, folder: Path) -> list[str]:
    """Have the three runs among those of the window, and return their ids, newest first."""
    shutil.copytree(made, folder)
    return [run.id for run in RunStore(folder).runs()]


@pytest.fixture
def driver(ids: list[str], no_runs: Driver) -> Driver:
    """Return the module's window, with the panel in front."""
    driver = no_runs
    driver.window.docks.show_panel("Runs")
    runs = driver.find(RunList, "runs.list")
    driver.wait(lambda: shown(runs) == ids)
    runs.setFocus()
    return driver


def shown(runs: RunList) -> list[str]:
    return [row.run.id for row in runs.runs.rows]


def text(driver: Driver, row: int) -> str:
    runs = driver.find(RunList, "runs.list")
    return str(runs.model().index(row, 0).data())


def described(folder: Path, run: str) -> dict[str, object]:
    found = json.loads((folder / run / "run.json").read_bytes())
    assert isinstance(found, dict)
    return found


def slider(driver: Driver) -> QSlider:
    return driver.find(QSlider, "runs.epoch")


def test_a_run_that_grows_grows_in_the_list(driver: Driver, ids: list[str], folder: Path) -> None:
    run, project = folder / "29990101-000000-grows", small_notebook()
    write_run(run, project, metrics(2, 0.3, 1), state="stopped", started="2999-01-01T00:00:00")
    runs = driver.find(RunList, "runs.list")
    driver.wait(lambda: shown(runs) == [run.name, *ids])
    runs.choose(str(run))
    assert slider(driver).maximum() == 2
    add_lines(run, metrics(4, 0.3, 1)[2:])
    write_weights(run, project, 4)
    driver.wait(lambda: slider(driver).maximum() == 4)
    assert "4 epochs" in text(driver, 0)


def test_a_run_whose_training_is_paused_is_called_so(driver: Driver, ids: list[str]) -> None:
    driver.blocks.setFocus()
    driver.make_smaller()
    driver.run("step_epoch", "Paused")
    driver.wait(lambda: "‖ paused, 1 epoch" in text(driver, 0))
    driver.find(QLineEdit, "runs.filter").setText("paused")
    driver.wait(lambda: len(shown(driver.find(RunList, "runs.list"))) == 1)
    driver.find(QLineEdit, "runs.filter").clear()
    driver.choose("stop")
    driver.wait(lambda: "■ stopped, 1 epoch" in text(driver, 0))


def test_the_quota_is_chosen_and_what_a_run_takes_the_room_of_comes_back(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    runs, oldest = driver.find(RunList, "runs.list"), folder / ids[-1]
    change_description(oldest, pinned=False)
    (oldest / "much").write_bytes(bytes(3 * MB))
    driver.window.panels.runs.panel.actions_.quota.trigger()
    box = driver.find(QInputDialog, "runs_megabytes")
    assert box.intValue() == 2_000
    box.setIntValue(3)
    box.accept()
    driver.wait(lambda: read_preferences().runs_megabytes == 3)
    driver.make_smaller()
    driver.run("step_epoch", "Paused")
    driver.wait(lambda: "deleted to make room for newer runs" in driver.message())
    driver.wait(lambda: ids[-1] not in shown(runs))
    driver.click("message.offer")
    driver.wait(lambda: ids[-1] in shown(runs))


def test_weights_that_are_gone_are_said_and_the_slider_goes_back(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    for path in (folder / ids[0] / "weights").glob("*.safetensors"):
        path.write_bytes(b"damaged")
    slider(driver).setValue(1)
    driver.wait(lambda: driver.message() != "")
    assert driver.text("runs.state") == ""
    assert slider(driver).value() == slider(driver).maximum()


def test_a_run_is_renamed_in_place(driver: Driver, ids: list[str], folder: Path) -> None:
    runs = driver.find(RunList, "runs.list")
    driver.window.document.select(
        next(iter(driver.window.document.stack)).id
    )  # F2 is for blocks, too
    driver.wait(driver.action("rename").isEnabled)
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_F2)
    field = driver.find(QLineEdit, "runs.rename")
    field.selectAll()
    QTest.keyClicks(field, "my best")
    QTest.keyClick(field, Qt.Key.Key_Return)
    driver.wait(lambda: text(driver, 0).startswith("my best ·"))
    assert described(folder, ids[0])["name"] == "my best"
    driver.settle()
    assert driver.window.view.checkpoint is None, "Enter was for the name alone"


def test_notes_pins_and_colours_are_written(driver: Driver, ids: list[str], folder: Path) -> None:
    driver.choose("run_note")
    field = driver.find(QPlainTextEdit, "run_note.text")
    field.setPlainText("learned fast\nask Ada")
    driver.window.panels.runs._note_window.accept()
    driver.choose("run_pin")
    driver.choose("run_colour_green")
    driver.wait(lambda: described(folder, ids[0])["colour"] == "#009E73")
    found = described(folder, ids[0])
    assert (found["note"], found["pinned"]) == ("learned fast\nask Ada", True)
    driver.wait(lambda: driver.action("run_pin").isChecked())


def test_what_was_deleted_comes_back_by_a_button_and_by_keys(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    runs = driver.find(RunList, "runs.list")
    QTest.keyClick(runs, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: shown(runs) == ids[2:])
    driver.wait(lambda: driver.message() == "Deleted 2 runs.")
    assert not (folder / ids[0]).exists()
    driver.click("message.offer")
    driver.wait(lambda: shown(runs) == ids)
    runs.choose(str(folder / ids[1]))
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: shown(runs) == [ids[0], ids[2]])
    driver.wait(lambda: driver.message().startswith("Deleted"))
    assert [run.id for run in runs.chosen()] != []
    assert runs.selectionModel().hasSelection()
    title = runs.chosen()[0].title
    QTest.keyClick(runs, Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: shown(runs) == ids)
    driver.wait(lambda: driver.message().startswith("Undone: Delete “"))
    undone = driver.message()
    assert undone != f"Undone: Delete “{title}”.", "that one is still there"
    driver.wait(lambda: runs.current is not None and runs.current.id == ids[1])
    QTest.keyClick(runs, Qt.Key.Key_Y, CONTROL)
    driver.wait(lambda: shown(runs) == [ids[0], ids[2]])
    driver.wait(lambda: driver.message() == undone.replace("Undone", "Redone"))
    driver.click("message.offer")
    driver.wait(lambda: shown(runs) == ids)


def test_when_all_runs_are_gone_nothing_can_be_done_with_them(driver: Driver, folder: Path) -> None:
    runs, actions = driver.find(RunList, "runs.list"), driver.window.panels.runs.panel.actions_
    assert actions.delete.isEnabled()
    for run in RunStore(folder).runs():
        RunStore(folder).delete(run)
    driver.wait(lambda: shown(runs) == [] and not actions.delete.isEnabled())
    of_runs = [actions.look, actions.rename, actions.pin, actions.tick, actions.open]
    assert not any(action.isEnabled() for action in (*of_runs, *actions.exports))
    assert actions.quota.isEnabled()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    assert driver.message().endswith(NOTHING_CHOSEN)


def test_what_a_search_hides_cannot_be_deleted(driver: Driver, ids: list[str]) -> None:
    runs, panel = driver.find(RunList, "runs.list"), driver.window.panels.runs.panel
    panel.filter.setText("no such run")
    assert shown(runs) == []
    assert not panel.actions_.delete.isEnabled()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    assert driver.message().endswith(NOTHING_CHOSEN)
    panel.filter.clear()
    driver.wait(lambda: shown(runs) == ids)
    assert panel.actions_.delete.isEnabled()


def test_of_several_deleted_those_come_back_that_can_and_the_others_later(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    runs = driver.find(RunList, "runs.list")
    QTest.keyClick(runs, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: shown(runs) == ids[2:])
    (folder / ids[0]).mkdir()  # in the way of the first
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: shown(runs) == ids[1:])
    said = f"The run {ids[0]} is not restored: there is another of that id."
    driver.wait(lambda: driver.message() == said)
    (folder / ids[0]).rmdir()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: shown(runs) == ids)
    driver.wait(lambda: not driver.window.panels.runs.changes.steps.canUndo())


def test_a_run_that_is_being_recorded_stays_and_the_reason_is_said(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    lock = FileLock(folder / ids[0] / RECORDING)
    assert lock.take()
    try:
        driver.choose("run_delete")
        driver.wait(lambda: "is being recorded. Stop its training" in driver.message())
    finally:
        lock.give_back()
    assert (folder / ids[0]).is_dir()
    assert shown(driver.find(RunList, "runs.list")) == ids


def test_a_run_opens_as_a_project_as_it_is_shown(driver: Driver) -> None:
    runs = driver.find(RunList, "runs.list")
    slider(driver).setValue(2)
    driver.wait(lambda: driver.window.view.checkpoint is not None)
    current = runs.current
    assert current is not None
    assert "epoch" in driver.action("run_open").text()
    driver.choose("run_open")
    document = driver.window.document
    driver.wait(lambda: document.project().trained_epochs == current.age(2))
    assert document.modified


def test_a_damaged_folder_is_said_and_the_others_stay(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    (folder / ids[1] / "run.json").write_bytes(b"{")
    runs = driver.find(RunList, "runs.list")
    driver.wait(lambda: shown(runs) == [ids[0], ids[2]])
    assert ids[1] in driver.text("runs.problem")
    shutil.rmtree(folder / ids[1])
    driver.wait(lambda: driver.text("runs.problem") == "")


def test_all_ticks_are_taken_away_by_the_menu_and_come_back_with_a_run(driver: Driver) -> None:
    runs = driver.find(RunList, "runs.list")
    assert not driver.action("run_untick").isEnabled()
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(runs, Qt.Key.Key_Space)
    assert len(runs.runs.ticked()) == 3
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: runs.runs.count == 0)
    QTest.keyClick(runs, Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: len(runs.runs.ticked()) == 3)
    driver.choose("run_untick")
    assert runs.runs.ticked() == ()
    assert not driver.action("run_untick").isEnabled()


def test_the_menu_of_the_list_is_that_of_the_button(driver: Driver) -> None:
    runs, menu = driver.find(RunList, "runs.list"), driver.window.panels.runs.panel.actions_.menu
    runs.menu_wanted.emit(runs.mapToGlobal(QPoint(10, 10)))
    assert menu.isVisible()
    menu.close()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert menu.isVisible()
    menu.close()
    assert driver.find(QToolButton, "runs.menu").menu() is menu
