"""A slider that rests only at kept epochs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.runs.epoch_slider import EpochSlider

KEPT = (0, 1, 2, 4, 8, 16, 20)
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def slider(qtbot: QtBot) -> EpochSlider:
    slider = EpochSlider()
    qtbot.addWidget(slider)
    slider.resize(400, 40)
    slider.show_epochs(KEPT, 16, (4,), 20)
    slider.show()
    return slider


def wishes(slider: EpochSlider) -> list[int]:
    heard: list[int] = []
    slider.epoch_wanted.connect(heard.append)
    return heard


def middle(slider: EpochSlider) -> int:
    """Return the height at which the handle is grasped, which is above the marks."""
    return slider.height() // 2 - 5


def test_showing_epochs_asks_for_none(slider: EpochSlider) -> None:
    heard = wishes(slider)
    slider.show_epochs((0, 1, 2), 1, (), 2)
    slider.place(1)
    assert (slider.minimum(), slider.maximum(), slider.value()) == (0, 2, 1)
    assert heard == []


def test_it_snaps_to_the_nearest_kept_epoch(slider: EpochSlider) -> None:
    heard = wishes(slider)
    for value in (5, 6, 7, 13, -3, 99):
        slider.setValue(value)
    assert heard == [4, 8, 8, 16, 0, 20]


def test_the_epoch_where_it_stands_can_be_asked_for(slider: EpochSlider) -> None:
    heard = wishes(slider)
    slider.setValue(20)
    assert heard == [20]


def test_keys_go_from_kept_epoch_to_kept_epoch(slider: EpochSlider) -> None:
    heard = wishes(slider)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home):
        QTest.keyClick(slider, key)
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert heard == [16, 8, 16, 0, 16, 20]


def test_a_drag_asks_only_for_kept_epochs(slider: EpochSlider) -> None:
    heard = wishes(slider)
    at = slider.across(20)
    y = middle(slider)
    QTest.mousePress(slider, LEFT, NO_KEY, QPoint(int(at), y))
    for epoch in (18, 13, 9, 5):
        QTest.mouseMove(slider, QPoint(int(slider.across(epoch)), y))
        QApplication.processEvents()
    QTest.mouseRelease(slider, LEFT, NO_KEY, QPoint(int(slider.across(5)), y))
    assert set(heard) <= set(KEPT)
    assert heard[-1] == slider.value() == 4


def test_a_click_on_the_groove_goes_there(slider: EpochSlider) -> None:
    heard = wishes(slider)
    for epoch in (9, 1):
        at = QPoint(int(slider.across(epoch)), middle(slider))
        QTest.mouseClick(slider, LEFT, NO_KEY, at)
    assert list(dict.fromkeys(heard)) == [8, 1]


def test_clicking_the_handle_asks_for_where_it_stands(slider: EpochSlider) -> None:
    heard = wishes(slider)
    y = middle(slider)
    QTest.mouseClick(slider, LEFT, NO_KEY, QPoint(int(slider.across(20)), y))
    assert heard == [20]


def test_a_run_without_weights_has_nothing_to_slide(slider: EpochSlider) -> None:
    heard = wishes(slider)
    slider.show_epochs((), None, (), 0)
    assert not slider.isEnabled()
    slider.setValue(3)
    assert heard == []


def test_marks_stand_under_kept_epochs_and_far_enough_from_each_other(slider: EpochSlider) -> None:
    assert list(slider._marks()) == [slider.across(epoch) for epoch in KEPT]
    slider.show_epochs(range(100_000), None, (), 0)
    marks = list(slider._marks())
    assert 50 < len(marks) < 150
    assert all(after - before >= 2 for before, after in pairwise(marks[:-1])), "but the last"


@given(st.sets(st.integers(0, 500), min_size=1, max_size=30), st.integers(-5, 505))
def test_nearest_is_nearest(kept: set[int], epoch: int) -> None:
    slider = EpochSlider()
    slider.show_epochs(sorted(kept), None, (), 0)
    nearest = min(abs(each - epoch) for each in kept)
    assert abs(slider.nearest(epoch) - epoch) == nearest
