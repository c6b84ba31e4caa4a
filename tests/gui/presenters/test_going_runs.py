"""A run that has to go for others is said in the window, with a button that keeps it."""

from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QToolButton, QWidget

from engine.paths import home
from engine.runs.caps import Caps
from engine.runs.store import RunStore
from tests.gui.driving import Driver
from tests.run_folders import make_runs

MB = 1_000_000


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "not kept"])
def test_a_run_that_has_to_go_can_be_kept(
    no_runs: Driver, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    monkeypatch.setattr("engine.runs.run_writer.FAIR_SECONDS", 60.0 if keeps else 0.1)
    ids = make_runs(home() / "runs", 2, epochs=60)
    store, driver = RunStore(), no_runs
    for run in store.runs():
        store.edit(run, pinned=False, name=run.id)
    store.set_caps(Caps(MB, store.total_bytes()))
    driver.make_smaller()
    driver.run("step_epoch", "Paused")
    button = driver.find(QToolButton, "room.keep")
    driver.wait(lambda: f"“{ids[0]}”" in room(driver) and "will be deleted" in room(driver))
    assert button.text() == "Keep it"
    if keeps:
        button.click()
        driver.wait(lambda: store.find(ids[0]).pinned)
    driver.click("stop")
    driver.wait_for("Stopped")
    driver.settle()
    left = {run.id for run in store.runs()}
    if keeps:
        assert {*ids} <= left
        driver.wait(lambda: f"“{ids[1]}”" in room(driver))  # which goes in its place
    else:
        driver.wait(lambda: "was deleted to make room" in driver.message())
        assert f"“{ids[0]}”" in driver.message()
        driver.wait(lambda: ids[0] not in {run.id for run in store.runs()})
        assert ids[1] in {run.id for run in store.runs()}


def room(driver: Driver) -> str:
    """Read what is said of runs that have to go; empty: nothing is seen."""
    bar = driver.find(QWidget, "room_bar")
    return driver.text("room") if bar.isVisible() else ""


def say(driver: Driver, text: str, *runs: str) -> None:
    store = RunStore()
    driver.window.session.recorder_said.emit(text, [store.find(each) for each in runs])


def test_what_goes_is_offered_until_it_is_gone(
    no_runs: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.widgets.messages._LEAST_TIME", 20)
    monkeypatch.setattr("gui.widgets.messages._TIME_PER_LETTER", 0)
    (run,), driver = make_runs(home() / "runs", 1, epochs=1), no_runs
    say(driver, "It will be deleted at 18:42:10.", run)
    driver.window.messages.show_notice("Saved.")
    driver.wait(lambda: driver.message() == "")
    assert room(driver) == "It will be deleted at 18:42:10."
    say(driver, "It was deleted.")
    assert (room(driver), driver.message()) == ("", "It was deleted.")
    driver.wait(lambda: driver.message() == "")


def test_it_covers_nothing_and_is_covered_by_nothing(no_runs: Driver) -> None:
    (run,), driver = make_runs(home() / "runs", 1, epochs=1), no_runs
    window = driver.window
    before = window.docks.height()
    say(driver, "It will be deleted at 18:42:10, as there is little room.", run)
    driver.wait(lambda: window.docks.height() < before)
    window.messages.show_notice("Saved.")
    driver.settle()
    bars = [driver.find(QWidget, name) for name in ("room_bar", "message_bar")]
    places = [QRect(bar.mapTo(window, QPoint(0, 0)), bar.size()) for bar in bars]
    docks = QRect(window.docks.mapTo(window, QPoint(0, 0)), window.docks.size())
    assert not places[0].intersects(docks)
    assert not places[0].intersects(places[1])
    driver.click("room.close")
    driver.wait(lambda: window.docks.height() == before)
    assert room(driver) == ""


def test_what_stays_after_all_is_not_said_to_go_any_more(no_runs: Driver) -> None:
    (run,), driver = make_runs(home() / "runs", 1, epochs=1), no_runs
    say(driver, "It will be deleted.", run)
    driver.window.messages.show_notice("Saved.")
    say(driver, "")
    assert (room(driver), driver.message()) == ("", "Saved.")


def has_length(found: list[object], length: int) -> bool:
    return len(found) == length


def test_runs_that_were_pinned_by_hand_are_not_said_to_go_any_more(no_runs: Driver) -> None:
    ids, driver = make_runs(home() / "runs", 3, epochs=1), no_runs
    store, changes = RunStore(), driver.window.panels.runs.changes
    for run in store.runs():
        store.edit(run, pinned=False)
    pinned: list[object] = []
    changes.pinned.connect(pinned.append)
    say(driver, "They will be deleted.", *ids[:2])
    button, messages = driver.find(QToolButton, "room.keep"), list[str]()
    for count, each in enumerate((ids[2], ids[0], ids[1]), 1):
        changes.edit([store.find(each)], pinned=True)
        driver.wait(partial(has_length, pinned, count))
        messages.append(f"{room(driver)} [{button.text()}]")
    left = store.find(ids[1])
    assert messages[0] == "They will be deleted. [Keep them]"
    assert f"“{left.title}” of {left.started:%Y-%m-%d %H:%M} will be deleted. Pin it" in messages[1]
    assert messages[1].endswith("[Keep it]")
    assert room(driver) == ""


def test_what_was_deleted_is_still_said_beside_what_goes_next(no_runs: Driver) -> None:
    (run,), driver = make_runs(home() / "runs", 1, epochs=1), no_runs
    say(driver, "One was deleted.")
    say(driver, "Another will be.", run)
    assert (driver.message(), room(driver)) == ("One was deleted.", "Another will be.")


def test_those_are_kept_that_are_still_there(no_runs: Driver) -> None:
    ids, driver, store = make_runs(home() / "runs", 3, epochs=1), no_runs, RunStore()
    for run in store.runs():
        store.edit(run, pinned=False)
    say(driver, "They will be deleted.", *ids)
    store.delete(store.find(ids[0]))
    button = driver.find(QToolButton, "room.keep")
    assert button.text() == "Keep them"
    button.click()
    driver.wait(lambda: all(store.find(each).pinned for each in ids[1:]))
    driver.settle()
    assert room(driver) == ""
