"""Garbage is collected in the thread of the window alone, so that no two threads block for ever."""

import gc
import sys
from types import ModuleType

import pytest
from PySide6.QtWidgets import QApplication

from gui.app import GarbageCollector


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


def test_what_comes_with_a_module_is_never_looked_through(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    monkeypatch.setattr(gc, "get_count", lambda: (100_000, 0, 0))
    monkeypatch.setattr(gc, "collect", looks.append)
    collector, frozen = GarbageCollector(qapp), gc.get_freeze_count()
    monkeypatch.setitem(sys.modules, "layerscope_library", ModuleType("layerscope_library"))
    collector.timeout.emit()
    assert (looks, gc.get_freeze_count() > frozen) == ([], True)
    collector.timeout.emit()
    collector.deleteLater()
    assert looks == [0]
