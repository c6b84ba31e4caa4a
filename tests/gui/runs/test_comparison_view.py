"""What the page Compare shows of one run, and of none."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.runs.run_folder import Run
from gui.runs.comparison_view import EMPTY, ComparisonView
from tests.gui.plots import curve_names
from tests.gui.runs.made_rows import run


@pytest.fixture
def view(qtbot: QtBot) -> ComparisonView:
    view = ComparisonView(lambda: None)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    return view


def said(view: ComparisonView, *runs: Run) -> str:
    """Return what stands in the place of curves."""
    view.set_runs([(each, "#0072B2") for each in runs])
    view.refresh()
    return "".join(each.text() for each in view.findChildren(QLabel, "empty") if each.isVisible())


def test_one_run_alone_is_not_compared(view: ComparisonView) -> None:
    assert said(view) == EMPTY
    assert said(view, run("a")).startswith("Tick one more run")
    assert said(view, run("a"), run("b")) == ""


def test_the_first_run_of_a_series_has_its_curve_at_once(view: ComparisonView) -> None:
    view.expect_more(True)
    assert said(view) == EMPTY
    assert "first epoch of its first run" in said(view, run("a", epochs=0, kept=()))
    assert said(view, run("a")) == ""
    assert "a" in curve_names(view)
    view.expect_more(False)
    assert said(view, run("a")).startswith("Tick one more run")
