"""Kept runs in the window: read, looked at, changed, exported, deleted, and brought back."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QSlider, QToolButton

from engine.machine.file_lock import FileLock
from engine.model.project import CheckpointRef
from engine.paths import home, read_preferences
from engine.runs.run_folder import RECORDING
from engine.runs.store import RunStore, change_description
from gui.runs.run_actions import NOTHING_CHOSEN
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.runs.followed_runs import banner, first_row, listed, shown_epoch
from tests.run_folders import make_runs

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
    runs = listed(no_runs, len(ids))
    no_runs.wait(lambda: shown(runs) == ids)
    return no_runs


def shown(runs: RunList) -> list[str]:
    return [row.run.id for row in runs.runs.rows]


def test_a_run_that_is_paused_is_called_so_and_has_taken_the_room_of_another(
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
    driver.blocks.setFocus()
    driver.make_smaller()
    driver.type_into("setting.limit", "10")
    driver.run("step_epoch", "Paused")
    driver.wait(lambda: "deleted to make room for newer runs" in driver.message())
    driver.wait(lambda: ids[-1] not in shown(runs))
    driver.wait(lambda: "‖ paused, 1 epoch" in first_row(driver))
    driver.click("message.offer")
    driver.wait(lambda: ids[-1] in shown(runs))
    driver.choose("stop")
    driver.wait(lambda: "■ stopped, 1 epoch" in first_row(driver))


def test_the_run_of_an_opened_network_is_chosen(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    runs = driver.find(RunList, "runs.list")
    for place in (2, 1):
        project = RunStore(folder).runs()[place].project_after(1)
        origin = CheckpointRef(ids[place], 1)
        driver.window.document.replace_project(replace(project, origin=origin), None)
        driver.wait(lambda: [run.id for run in runs.chosen()] == [ids[place]])  # noqa: B023


def test_what_was_deleted_comes_back_by_a_button_and_by_keys(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    """Of several those come back that can, and the others later."""
    runs = driver.find(RunList, "runs.list")
    QTest.keyClick(runs, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: shown(runs) == ids[2:])
    driver.wait(lambda: driver.message() == "Deleted 2 runs.")
    assert not (folder / ids[0]).exists()
    (folder / ids[0]).mkdir()  # in the way of the first
    driver.click("message.offer")
    driver.wait(lambda: shown(runs) == ids[1:])
    said = f"The run {ids[0]} is not restored: there is another of that id."
    driver.wait(lambda: driver.message() == said)
    (folder / ids[0]).rmdir()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: shown(runs) == ids)
    runs.choose(str(folder / ids[1]))
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: shown(runs) == [ids[0], ids[2]])
    driver.wait(lambda: driver.message().startswith("Deleted"))
    assert [run.id for run in runs.chosen()] != []
    assert runs.selectionModel().hasSelection()
    QTest.keyClick(runs, Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: shown(runs) == ids)
    driver.wait(lambda: driver.message().startswith("Brought back “"))


def test_nothing_can_be_done_with_runs_that_are_gone(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    runs, panel = driver.find(RunList, "runs.list"), driver.window.panels.runs.panel
    actions = panel.actions_
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    for ticked in (3, 0):
        QTest.keyClick(runs, Qt.Key.Key_Space)
        assert len(runs.runs.ticked()) == ticked
    QTest.keyClick(runs, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert actions.menu.isVisible()
    actions.menu.close()
    assert driver.find(QToolButton, "runs.menu").menu() is actions.menu
    assert actions.delete.isEnabled()
    for run in RunStore(folder).runs():
        RunStore(folder).delete(run)
    driver.wait(lambda: shown(runs) == [] and not actions.delete.isEnabled())
    of_runs = [actions.look, actions.rename, actions.pin, actions.tick, actions.open]
    assert not any(action.isEnabled() for action in (*of_runs, *actions.exports.values()))
    assert actions.quota.isEnabled()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    assert driver.message().endswith(NOTHING_CHOSEN)


GONE = "its run is gone from the list"


def test_what_other_programs_do_to_runs_is_said_and_the_one_that_is_shown_opens_as_a_project(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    runs = driver.find(RunList, "runs.list")
    lock = FileLock(folder / ids[0] / RECORDING)
    assert lock.take()
    try:
        driver.choose("run_delete")
        driver.wait(lambda: "is being recorded. Stop its training" in driver.message())
    finally:
        lock.give_back()
    assert (folder / ids[0]).is_dir()
    assert shown(runs) == ids
    (folder / ids[1] / "run.json").write_bytes(b"{")
    driver.wait(lambda: shown(runs) == [ids[0], ids[2]])
    assert ids[1] in driver.text("runs.problem")
    shutil.rmtree(folder / ids[1])
    driver.wait(lambda: driver.text("runs.problem") == "")
    driver.find(QSlider, "runs.epoch").setValue(2)
    driver.wait(lambda: shown_epoch(driver) == 2)
    assert GONE not in banner(driver)
    checkpoint = not_none(driver.window.view.state.checkpoint)
    aside = Path(shutil.move(checkpoint.run.folder, home() / "elsewhere"))
    driver.wait(lambda: GONE in banner(driver))
    assert banner(driver).startswith(f"Epoch {checkpoint.age} of")
    driver.wait(lambda: runs.runs.rowCount() == 1)
    shutil.move(aside, checkpoint.run.folder)
    driver.wait(lambda: GONE not in banner(driver))
    driver.wait(lambda: runs.runs.rowCount() == 2)
    RunStore().edit(checkpoint.run, name="a new name")
    driver.wait(lambda: "of “a new name”" in banner(driver))
    assert driver.text("runs.state") == f"a new name, epoch {checkpoint.age}"
    runs.choose(checkpoint.run.key)
    driver.choose("run_open")
    document = driver.window.document
    driver.wait(lambda: document.project().trained_epochs == checkpoint.age)
    assert document.modified


KINDS = {"zip": ".zip", "csv": ".csv"}


def test_a_run_goes_out_by_the_name_that_a_user_gave_and_else_by_its_id(
    no_runs: Driver, tmp_path: Path
) -> None:
    driver, store = no_runs, RunStore()
    make_runs(home() / "runs", 1, epochs=1)
    runs, (run,) = listed(driver, 1), store.runs()
    for name, wished in (("", run.id), ("best: 3/4", "best- 3-4"), ("...", run.id)):
        store.edit(run, name=name)
        driver.wait(lambda: [each.description.name for each in runs.chosen()] == [name])  # noqa: B023
        proposed = driver.answer_dialog("getSaveFileName", None, None, None)
        for kind in KINDS:
            driver.choose(f"run_export_{kind}")
        assert [path.name for path in proposed] == [f"{wished}{end}" for end in KINDS.values()]
        assert {path.parent for path in proposed} == {driver.window.document.folder}
    for kind, ending in KINDS.items():
        path = tmp_path / f"out{ending}"
        path.write_bytes(b"theirs")  # which the dialog has asked about
        driver.answer_dialog("getSaveFileName", path)
        driver.choose(f"run_export_{kind}")
        driver.wait(lambda: driver.message().endswith(f" to {path}."))  # noqa: B023
        assert path.read_bytes() != b"theirs"
    closed = tmp_path / "closed.zip"
    closed.mkdir()
    driver.answer_dialog("getSaveFileName", closed)
    driver.choose("run_export_zip")
    driver.wait(lambda: driver.message().startswith(f"{closed} was not written"))
