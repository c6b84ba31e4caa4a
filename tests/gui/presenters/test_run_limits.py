"""The window that says how much room kept runs may take."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QListWidget, QPushButton, QSpinBox

from engine.paths import home
from engine.runs.caps import Caps
from engine.runs.store import RunStore
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.gui.finding import named, text_of
from tests.run_folders import make_runs


@pytest.fixture
def ids(no_runs: Driver) -> list[str]:
    """Make three runs of about 1 MB each, and return their ids, oldest first."""
    return make_runs(home() / "runs", 3, epochs=60)


@pytest.fixture
def driver(ids: list[str], no_runs: Driver) -> Iterator[Driver]:
    """Return the module's window, in which the dialog is open."""
    no_runs.window.docks.show_panel("Runs")
    no_runs.wait(lambda: no_runs.find(RunList, "runs.list").model().rowCount() == len(ids))
    no_runs.choose("run_limits")
    no_runs.settle()
    yield no_runs
    no_runs.find(QDialog, "run_limits").close()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with each time that all runs are measured."""
    made: list[int] = []
    measure = RunStore.total_bytes

    def counted(store: RunStore) -> int:
        made.append(1)
        return measure(store)

    monkeypatch.setattr(RunStore, "total_bytes", counted)
    return made


def going(dialog: QDialog) -> list[str]:
    """Return the titles of the runs that are said to go; none where the list is not seen."""
    found = named(dialog, QListWidget, "run_limits.going")
    titles = [found.item(row).text() for row in range(found.count())]
    assert found.isVisible() == bool(titles)
    return titles


def test_it_says_what_is_taken_and_what_would_go(driver: Driver, ids: list[str]) -> None:
    dialog, store = driver.find(QDialog, "run_limits"), RunStore()
    assert f"{store.total_bytes() / 1e6:.3g} MB" in text_of(dialog, "taken")
    assert text_of(dialog, "first").startswith("There is room for another run")
    driver.type_into("run_limits.all", "2")
    driver.type_into("run_limits.one", "1")
    driver.wait(lambda: store.caps == Caps(1_000_000, 2_000_000))
    driver.wait(lambda: not text_of(dialog, "first").startswith("There is room"))
    oldest = store.find(ids[0])
    assert oldest.pinned or oldest.title in going(dialog)
    assert [run.id for run in store.runs()] == ids[::-1], "a limit alone deletes nothing"


def test_a_limit_that_is_being_typed_stays_as_it_is(driver: Driver) -> None:
    driver.find(QSpinBox, "run_limits.one").lineEdit().setText("7")
    driver.type_into("run_limits.all", "500")
    store = RunStore()
    driver.wait(lambda: store.caps.all_bytes == 500_000_000)
    driver.settle()
    assert driver.find(QSpinBox, "run_limits.one").lineEdit().text().startswith("7")


def test_deleted_runs_are_removed_for_good(driver: Driver) -> None:
    dialog, runs = driver.find(QDialog, "run_limits"), driver.find(RunList, "runs.list")
    taken = RunStore().total_bytes()
    runs.delete_wanted.emit()
    driver.wait(lambda: driver.window.panels.runs.changes.steps.canUndo())
    assert RunStore().total_bytes() == taken
    named(dialog, QPushButton, "run_limits.empty").click()
    driver.wait(lambda: RunStore().total_bytes() < taken)
    assert not driver.window.panels.runs.changes.steps.canUndo()


def test_it_stays_true_while_it_is_open(driver: Driver, ids: list[str]) -> None:
    dialog, store = driver.find(QDialog, "run_limits"), RunStore()
    fields = [driver.find(QSpinBox, f"run_limits.{name}") for name in ("one", "all")]
    before = text_of(dialog, "taken")
    (store.folder / ids[1] / "more").write_bytes(bytes(5_000_000))  # as a training writes
    driver.wait(lambda: text_of(dialog, "taken") != before)
    assert f"{store.total_bytes() / 1e6:.3g} MB" in text_of(dialog, "taken")
    oldest, second = store.find(ids[0]), store.find(ids[1])
    for run in (oldest, second):
        store.edit(run, pinned=False)
    store.set_caps(Caps(1_000_000, store.total_bytes() + 1_000))  # by another program
    driver.wait(lambda: text_of(dialog, "first").startswith("For another large run"))
    assert going(dialog) == [oldest.title]
    assert [field.value() for field in fields] == [1, store.caps.all_bytes // 1_000_000]
    store.edit(oldest, pinned=True)
    driver.wait(lambda: going(dialog) == [second.title])
    store.set_caps(Caps(1_000_000, 2_000_000))
    driver.wait(lambda: text_of(dialog, "first").startswith("Soon after a training ends"))
    assert second.title in going(dialog)
    store.set_caps(Caps())
    driver.wait(lambda: text_of(dialog, "first").startswith("There is room"))
    assert going(dialog) == []


def test_all_runs_that_go_are_listed_however_many(driver: Driver, ids: list[str]) -> None:
    dialog, store = driver.find(QDialog, "run_limits"), RunStore()
    for number in range(12):
        shutil.copytree(store.folder / ids[0], store.folder / f"{ids[0]}-{number}")
    for number, run in enumerate(store.runs()):
        store.edit(run, pinned=False, name=f"number {number}")
    store.set_caps(Caps(1_000_000, 1_000_000))
    driver.wait(lambda: len(going(dialog)) >= 13)
    titles = [run.title for run in reversed(store.runs())]
    assert going(dialog) == titles[: len(going(dialog))]


def test_its_size_stays_whatever_it_says(driver: Driver, ids: list[str]) -> None:
    dialog, store = driver.find(QDialog, "run_limits"), RunStore()
    before = dialog.size()
    for run in ids:
        store.edit(store.find(run), pinned=False, name=f"{run} " + "a very long name " * 10)
    driver.type_into("run_limits.all", "2")
    driver.type_into("run_limits.one", "1")
    driver.wait(lambda: any("a very long name" in title for title in going(dialog)))
    driver.settle()
    assert dialog.size() == before


def test_what_is_pinned_is_not_said_to_go_without_waiting_for_the_next_look(
    driver: Driver, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog, store = driver.find(QDialog, "run_limits"), RunStore()
    for run in ids:
        store.edit(store.find(run), pinned=False)
    store.set_caps(Caps(1_000_000, store.total_bytes() + 1_000))
    oldest = store.find(ids[0])
    driver.wait(lambda: oldest.title in going(dialog))
    monkeypatch.setattr("gui.presenters.run_limits.LOOK_EVERY", 1_000.0)  # s
    limits = driver.window.panels.runs._limits  # white box: the next look is its own
    driver.wait(lambda: limits._timer.interval() > 100_000)
    driver.window.panels.runs.changes.edit([oldest], pinned=True)
    driver.wait(lambda: oldest.title not in going(dialog))


def test_it_is_not_measured_while_it_is_closed(driver: Driver, looks: list[int]) -> None:
    driver.wait(lambda: len(looks) >= 2)
    driver.find(QDialog, "run_limits").close()
    driver.settle()
    looks.clear()
    limits = driver.window.panels.runs._limits  # white box: the next look is its alone
    driver.wait(lambda: not limits._timer.isActive() and not limits._task.busy)
    assert looks == []


def test_a_folder_that_cannot_be_written_is_said(
    driver: Driver, looks: list[int], tmp_path: Path
) -> None:
    folder = home() / "runs"
    folder.rename(tmp_path / "away")
    folder.write_text("no folder")
    spin = driver.find(QSpinBox, "run_limits.all")
    before = spin.value()
    try:
        driver.type_into("run_limits.all", "500")
        driver.settle()
        dialog = driver.find(QDialog, "run_limits")
        assert str(folder) in text_of(dialog, "problem")
        assert spin.value() == before
        looks.clear()
        driver.wait(lambda: len(looks) >= 2)
        assert str(folder) in text_of(dialog, "problem")
    finally:
        folder.unlink()


def test_a_disk_that_does_not_answer_holds_up_the_numbers_alone(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, caps = threading.Event(), Caps(5_000_000, 700_000_000)

    def slow(_store: RunStore) -> Caps:
        answers.wait()
        return caps

    driver.find(QDialog, "run_limits").close()
    monkeypatch.setattr(RunStore, "caps", property(slow))
    try:
        driver.choose("run_limits")
        dialog, spin = driver.find(QDialog, "run_limits"), driver.find(QSpinBox, "run_limits.all")
        assert dialog.isVisible()
        assert text_of(dialog, "taken") == "The runs are being measured."
        assert not spin.isEnabled()
    finally:
        answers.set()
    driver.wait(spin.isEnabled)
    assert spin.value() == 700
    assert spin.hasFocus()
