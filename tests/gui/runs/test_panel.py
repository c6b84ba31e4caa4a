"""The panel Runs by itself."""

import csv
import io

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from gui.runs.panel import EMPTY, MANY, READING, RunsPanel
from tests.gui.finding import named, not_none
from tests.gui.runs.made_rows import DIFFERS, rows, run
from tests.gui.showing import on_screen


@pytest.fixture
def panel(qtbot: QtBot) -> RunsPanel:
    return on_screen(qtbot, RunsPanel(), 480, 360)


def show(panel: RunsPanel, *names: str, problem: str = "") -> list[str]:
    """Show runs; return those that are chosen then."""
    panel.show_rows(rows(*(run(name) for name in names)), f"{len(names)} runs", problem)
    panel.refresh()
    return [run.id for run in panel.list.chosen()]


def sentence(panel: RunsPanel) -> str:
    label = named(panel, QLabel, "empty")
    return label.text() if label.isVisible() else ""


def test_the_newest_run_is_chosen_with_its_epochs_on_the_slider(panel: RunsPanel) -> None:
    assert sentence(panel) == READING
    show(panel)
    assert sentence(panel) == EMPTY
    assert show(panel, "b", "a", problem="/runs/b is damaged.") == ["b"]
    assert sentence(panel) == ""
    assert panel.problem.isVisible()
    assert panel.problem.text() == "/runs/b is damaged."
    slider = named(panel, QSlider, "runs.epoch")
    assert (slider.minimum(), slider.maximum(), slider.value()) == (0, 8, 8)
    lines = list(csv.DictReader(io.StringIO(panel.as_csv().decode())))
    assert [line["run"] for line in lines] == ["b", "a"]
    assert lines[0]["differs"] == DIFFERS
    assert float(lines[0]["test accuracy"]) == run("b").test_accuracy
    assert show(panel, "d", "c") == ["d"], "where all others took the place of what was there"
    assert not_none(panel.list.current).id == "d"


def test_the_focus_stays_where_the_last_run_was_deleted(panel: RunsPanel) -> None:
    other = QLineEdit(panel)
    other.show()
    show(panel, "a")
    panel.activateWindow()
    panel.list.setFocus()
    show(panel)
    assert panel.focusWidget() is panel
    show(panel, "b")
    assert panel.focusWidget() is panel.list


def test_it_is_drawn_in_its_turn_but_known_at_once_while_hidden(panel: RunsPanel) -> None:
    panel.show_rows(rows(run("a")), "1 run")
    assert (panel.dirty, panel.list.runs.rowCount()) == (True, 0)
    panel.hide()
    assert (panel.dirty, panel.list.runs.rowCount()) == (False, 1)
    panel.show_rows(rows(run("b"), run("a")), "2 runs")
    assert (panel.dirty, panel.list.runs.rowCount()) == (False, 2)


def test_many_runs_bring_a_field_that_finds_some(panel: RunsPanel) -> None:
    field, many = named(panel, QLineEdit, "runs.filter"), [f"run{n}" for n in range(MANY + 1)]
    show(panel, *many[1:])
    assert not field.isVisible()
    show(panel, *many)
    assert field.isVisible()
    panel.list.choose("/runs/run5")
    wanted: list[object] = []
    panel.bar.checkpoint_wanted.connect(lambda run, _epoch: wanted.append(run))
    for letter in "run12":
        QTest.keyClicks(field, letter)
        show(panel, *many)  # they are read again meanwhile
    assert wanted == [], "typing asks for no epoch"
    assert not_none(panel.bar.run).id == "run12"
    assert [row.run.id for row in panel.list.runs.rows] == ["run12"]
    assert panel.summary.text().startswith("1 of ")
    show(panel, "run12")
    assert field.isVisible(), "it still hides runs"


def test_in_a_low_panel_three_runs_are_in_view_and_the_epoch_is_said(panel: RunsPanel) -> None:
    panel.tabs.addTab(QWidget(), "Compare")
    show(panel, *(f"run {number}" for number in range(MANY + 1)))
    for height, comes_below in ((220, False), (420, True)):  # 348 in a window of 940×620
        panel.resize(328, height)
        QApplication.processEvents()
        third = panel.list.visualRect(panel.list.runs.index(2))
        assert panel.list.viewport().rect().contains(third)
        slider, play = panel.bar.slider, panel.bar.controls.play
        top = play.mapTo(panel, QPoint(0, 0)).y() - slider.mapTo(panel, QPoint(0, 0)).y()
        assert (top >= slider.height()) == comes_below
        assert named(panel, QLabel, "runs.where").text().endswith("8 of 8")
