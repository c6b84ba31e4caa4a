"""The panel Runs by itself."""

import csv
import io

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QSlider
from pytestqt.qtbot import QtBot

from gui.runs.panel import EMPTY, READING, RunsPanel
from tests.gui.finding import named, not_none
from tests.gui.runs.made_rows import DIFFERS, rows, run
from tests.gui.showing import on_screen


@pytest.fixture
def panel(qtbot: QtBot) -> RunsPanel:
    return on_screen(qtbot, RunsPanel(), 480, 360)


def show(panel: RunsPanel, *names: str, problem: str = "") -> list[str]:
    """Show runs; return those that are chosen then."""
    panel.show_rows(rows(*(run(name) for name in names)), f"{len(names)} runs", problem)
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
    assert (slider.minimum(), slider.maximum(), slider.value()) == (0, 4, 4)
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
