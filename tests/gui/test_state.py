"""The store tells who watches of what is another value, once, and of the whole of a change."""

import gc
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from gui.document.document import Document
from gui.state import RunState, Speed, Store
from tests.gui.watching import heard


@pytest.fixture
def store(document: Document) -> Store:
    """Return the store of a document that nobody looks at."""
    return document.store


def set_speed(store: Store, speed: Speed) -> None:
    store.update(run=replace(store.state.run, speed=speed))


class Listener(QObject):
    def __init__(self, store: Store) -> None:
        super().__init__()
        self.speeds: list[Speed] = []
        self._store = store
        store.watch(lambda s: s.run.speed, self.note)

    def note(self) -> None:
        self.speeds.append(self._store.state.run.speed)


def test_a_turn_of_the_event_loop_tells_of_its_last_value(store: Store, qtbot: QtBot) -> None:
    told = heard(store, lambda s: (s.run.speed, s.document.locked))
    for speed in ("slow", "fast"):
        set_speed(store, speed)
    store.update(document=replace(store.state.document, locked=True))
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("fast", True)]


def test_what_is_there_already_is_not_told_and_what_came_back_is_none(store: Store) -> None:
    speeds, runs = heard(store, lambda s: s.run.speed), heard(store, lambda s: s.run)
    set_speed(store, "slow")
    set_speed(store, "full")
    store.flush()
    assert speeds == []
    assert runs == [RunState()], "it is another object, though an equal one"


def test_simple_values_are_compared_and_others_are_the_same_object_or_not(store: Store) -> None:
    paths = heard(store, lambda s: (s.document.path, s.document.selection))
    learned = heard(store, lambda s: s.document.learned)
    for text in ("a", "a", "b"):
        store.update(document=replace(store.state.document, path=Path(text), selection=(1, 2)))
        store.flush()
    assert paths == [(Path("a"), (1, 2)), (Path("b"), (1, 2))]
    store.update(
        document=replace(store.state.document, learned=store.state.document.learned._replace())
    )
    store.flush()
    assert len(learned) == 1


def test_who_updates_while_being_told_has_all_told_of_it_in_the_same_turn(store: Store) -> None:
    before = heard(store, lambda s: s.run.wanted)
    store.watch(
        lambda s: s.run.speed, lambda: store.update(run=replace(store.state.run, wanted="train"))
    )
    after = heard(store, lambda s: s.run.wanted)
    set_speed(store, "slow")
    store.flush()
    assert before == after == ["train"]


def test_a_value_is_shown_at_once_and_whenever_it_is_another(store: Store) -> None:
    shown: list[Speed] = []
    store.show(lambda s: s.run.speed, shown.append)
    set_speed(store, "slow")
    store.flush()
    assert shown == ["full", "slow"]


@pytest.mark.parametrize("end", ["forget", "delete"])
def test_who_is_gone_is_not_told_any_more(store: Store, end: str) -> None:
    listener = Listener(store)
    speeds = listener.speeds
    set_speed(store, "slow")
    store.flush()
    if end == "delete":
        delete(listener)
    else:
        del listener
        gc.collect()
    set_speed(store, "fast")
    store.flush()
    assert speeds == ["slow"]
    assert not store._watchers


def test_a_defect_of_one_keeps_nothing_from_the_others(store: Store, qtbot: QtBot) -> None:
    store.watch(lambda s: s.run.speed, lambda: 1 / 0)
    told = heard(store, lambda s: s.run.speed)
    with qtbot.captureExceptions() as faults:
        set_speed(store, "slow")
        store.flush()
    assert [kind for kind, *_ in faults] == [ZeroDivisionError]
    assert told == ["slow"]
