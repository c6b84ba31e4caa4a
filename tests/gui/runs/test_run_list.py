"""The list of runs by mouse and keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from gui.runs.run_list import RunList
from tests.gui.finding import named, not_none
from tests.gui.hands import type_into
from tests.gui.runs.made_rows import continued, rows, run
from tests.gui.waiting import run_events, wait_until

BOX = QStyle.SubElement.SE_ItemViewItemCheckIndicator
HAS_BOX = QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
NO_KEY = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def runs(qtbot: QtBot) -> RunList:
    runs = RunList()
    qtbot.addWidget(runs)
    runs.resize(500, 300)
    runs.runs.show_rows(rows(continued("c", "a", 8), run("q"), run("a")))
    runs.show()
    runs.setFocus()
    runs.choose("/runs/c")
    return runs


def ticked(runs: RunList) -> list[str]:
    return [row.run.id for row in runs.runs.ticked()]


def test_space_ticks_the_selection_and_a_click_on_a_box_its_run(runs: RunList) -> None:
    QTest.keyClick(runs, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(runs, Qt.Key.Key_Space)
    assert ticked(runs) == ["c", "q"]
    QTest.keyClick(runs, Qt.Key.Key_Space)
    assert ticked(runs) == []
    runs.choose("/runs/c")
    option = QStyleOptionViewItem()
    option.rect, option.features = runs.visualRect(runs.runs.index(2, 0)), HAS_BOX
    box = runs.style().subElementRect(BOX, option, runs).center()
    QTest.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, NO_KEY, box)
    assert ticked(runs) == ["a"]


def test_f2_renames_in_place_also_while_the_run_grows(runs: RunList) -> None:
    wished: list[tuple[str, str]] = []
    runs.rename_wanted.connect(runs.rename)
    runs.runs.renamed.connect(lambda run, name: wished.append((run.id, name)))
    QTest.keyClick(runs, Qt.Key.Key_F2)
    field = named(runs, QLineEdit, "runs.rename")
    assert field.selectedText() == field.text() == "c"
    runs.runs.show_rows(rows(continued("c", "a", 9), run("q"), run("a")))
    assert field.selectedText() == "c"
    QTest.keyClicks(field, "best")
    runs.runs.show_rows(rows(continued("c", "a", 10), run("q"), run("a")))
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: bool(wished))
    assert wished == [("c", "best")]


def test_who_is_elsewhere_right_after_enter_has_renamed_once(runs: RunList, qtbot: QtBot) -> None:
    wished: list[str] = []
    qtbot.waitActive(runs)
    runs.runs.renamed.connect(lambda run, name: wished.append(name))
    runs.rename()
    type_into(named(runs, QLineEdit, "runs.rename"), "best")
    runs.setFocus()
    assert wished == ["best"], "as where a field loses the focus"
    run_events()  # by now Qt has taken Enter in, too
    assert wished == ["best"]


def test_enter_and_a_double_click_look_at_a_run(runs: RunList) -> None:
    looked: list[str] = []
    runs.look_wanted.connect(lambda run: looked.append(run.id))
    QTest.keyClick(runs, Qt.Key.Key_Return)
    at = runs.visualRect(runs.runs.index(1, 0)).center()
    QTest.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, NO_KEY, at)
    QTest.mouseDClick(runs.viewport(), Qt.MouseButton.LeftButton, NO_KEY, at)
    assert looked == ["c", "q"]


def test_the_current_run_stays_when_others_come(runs: RunList) -> None:
    runs.choose("/runs/a")
    runs.runs.show_rows(rows(run("d", epochs=3), continued("c", "a", 8), run("q"), run("a")))
    assert not_none(runs.current).id == "a"
