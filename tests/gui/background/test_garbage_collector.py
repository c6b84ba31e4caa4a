"""Garbage is collected in the thread of the window alone, so that no two threads block for ever."""

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtWidgets import QApplication

from gui.background.garbage_collector import GarbageCollector, collect_in_this_thread
from tests.gui.conftest import OpenWindow
from tests.gui.waiting import run_events, wait_until
from tests.programs import Programs

MANY = 10_000  # several times as many objects as a look for garbage waits for

# Listeners that are garbage at once, while another thread makes Python look for garbage, and the
# thread of the window connects and disconnects signals.
PROGRAM = """
import threading, time
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QWidget
from gui.background.garbage_collector import collect_in_this_thread

class Source(QWidget):
    changed = Signal()

class Listener:
    def __init__(self):
        self.me = self
    def hear(self):
        pass

app = QApplication([])
collect_in_this_thread(app)
sources, going_on = [Source() for _ in range(200)], True
def make_objects():
    while going_on:
        [[] for _ in range(3000)]
maker = threading.Thread(target=make_objects)
maker.start()
end = time.monotonic() + 1
while time.monotonic() < end:
    for source in sources:
        source.changed.connect(Listener().hear)
        source.destroyed.connect(source.update)
        source.destroyed.disconnect(source.update)
going_on = False
maker.join()
print("alive")
"""


class Cycle:
    """Garbage that no count of references finds; tells in which thread it was collected."""

    def __init__(self, told: list[int]) -> None:
        self.me, self.told = self, told

    def __del__(self) -> None:
        self.told.append(threading.get_ident())


@pytest.fixture
def often() -> Iterator[None]:
    """Let each generation be due very soon."""
    usual = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    yield
    gc.set_threshold(*usual)


def make_garbage(told: list[int]) -> None:
    for _ in range(MANY):
        Cycle(told)


def test_what_another_thread_leaves_is_collected_in_this_one(qapp: QApplication) -> None:
    gc.enable()
    collect_in_this_thread(qapp)
    told: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        pool.submit(make_garbage, told).result()
        assert told == []
        wait_until(lambda: len(told) > 0)
    assert set(told) == {threading.get_ident()}


@pytest.mark.usefixtures("often")
def test_what_has_lived_for_long_is_collected_too(qapp: QApplication) -> None:
    collect_in_this_thread(qapp)
    told: list[int] = []
    cycle = Cycle(told)
    for _ in range(2):  # it is in the oldest generation now
        gc.collect(1)
    del cycle
    wait_until(lambda: told == [threading.get_ident()])


def test_nothing_is_collected_while_little_was_made(qapp: QApplication) -> None:
    collect_in_this_thread(qapp)
    gc.collect()
    looks = gc.get_stats()
    run_events(500)
    assert [each["collections"] for each in gc.get_stats()] == [
        each["collections"] for each in looks
    ]


@pytest.mark.parametrize(
    ("thresholds", "counts", "collected"),
    [
        ((700, 10, 10), (700, 10, 10), []),
        ((700, 10, 10), (701, 10, 10), [0]),
        ((700, 10, 10), (701, 11, 10), [1]),
        ((700, 10, 10), (0, 0, 11), [2]),
        ((2000, 10, 0), (2000, 0, 7), []),  # of 3.14, where only the first count matters
        ((2000, 10, 0), (2001, 0, 7), [1]),
        ((2000, 10, 0), (0, 11, 0), []),
        ((0, 10, 10), (5, 0, 0), []),  # turned off by whoever runs the program
    ],
)
def test_what_is_due_is_collected_in_any_version_of_python(
    qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
    thresholds: tuple[int, int, int],
    counts: tuple[int, int, int],
    collected: list[int],
) -> None:
    looks: list[int] = []
    monkeypatch.setattr(gc, "get_threshold", lambda: thresholds)
    monkeypatch.setattr(gc, "get_count", lambda: counts)
    monkeypatch.setattr(gc, "collect", looks.append)
    collector = GarbageCollector(qapp)
    collector.timeout.emit()
    collector.deleteLater()
    assert looks == collected


def test_the_application_has_one_collector(qapp: QApplication, open_window: OpenWindow) -> None:
    gc.enable()
    open_window(None)
    open_window(None)
    assert not gc.isenabled()
    assert len(qapp.findChildren(GarbageCollector)) == 1


def test_listeners_that_are_garbage_do_no_harm_while_other_threads_work(programs: Programs) -> None:
    ended = programs.start("-c", PROGRAM).ended()
    assert (ended.code, ended.out) == (0, "alive\n"), ended.err
