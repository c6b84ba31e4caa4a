"""Plots in files: lines as wide as they should be in any reader, nothing outside, all points."""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.panels.plot_export import offer_export
from gui.storage.export_actions import ExportActions
from gui.theme import GRID, LIGHT, apply_theme
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from tests.gui.showing import on_screen

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def plot(qtbot: QtBot, qapp: QApplication) -> CurvePlot:
    apply_theme(qapp, "dark")
    made = on_screen(qtbot, CurvePlot("loss"), 480, 300)
    made.set_curves([Curve('a, "b"', "test", "a", smooth=True)])
    made.extend('a, "b"', np.arange(100.0), np.where(np.arange(100) == 2, 900.0, 1.0))
    made.draw()
    QApplication.processEvents()
    return made


@pytest.fixture
def export(plot: CurvePlot, qapp: QApplication) -> ExportActions:
    return offer_export(plot, "curves", plot)


def curve_in(path: Path) -> tuple[ElementTree.Element, list[tuple[float, float]]]:
    """Find the path of the curve in an SVG file, and the points that it goes through."""
    root = ElementTree.parse(path).getroot()
    groups = [group for group in root.iter(f"{SVG}g") if group.get("stroke") == LIGHT.test.lower()]
    elements = [element for group in groups for element in group]
    longest = max(elements, key=lambda element: len(_coordinates(element)))
    numbers = re.findall(r"(-?[\d.e+-]+),(-?[\d.e+-]+)", _coordinates(longest))
    return longest, [(float(x), float(y)) for x, y in numbers]


def _coordinates(element: ElementTree.Element) -> str:
    return element.get("d", element.get("points", ""))


def test_no_reader_has_to_know_that_a_line_is_not_scaled(
    plot: CurvePlot, export: ExportActions, tmp_path: Path
) -> None:
    assert export.write(tmp_path / "a.svg")
    element, points = curve_in(tmp_path / "a.svg")
    xs = np.array(points)[:, 0]
    first, last = plot.spot(0.0, 1.0), plot.spot(99.0, 1.0)
    assert xs[0] == pytest.approx(first.x() + GRID, abs=1), "beside the margin"
    assert xs[-1] == pytest.approx(last.x() + GRID, abs=1)
    assert "matrix" in element.get("transform", "")


def test_no_line_leaves_its_plot(plot: CurvePlot, export: ExportActions, tmp_path: Path) -> None:
    assert export.write(tmp_path / "a.svg")
    _, points = curve_in(tmp_path / "a.svg")
    ys = np.array(points)[:, 1]
    area = plot.plot_area()
    assert ys.max() - ys.min() <= area.height() + 1
    assert ys.min() >= area.top()


def test_a_picture_is_as_large_as_the_plots_and_twice_as_fine(
    plot: CurvePlot, export: ExportActions, tmp_path: Path
) -> None:
    assert export.write(tmp_path / "a.png")
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() == 2 * (plot.width() + 2 * GRID)
    assert image.height() >= 2 * plot.height()
    assert plot.colours.window != LIGHT.window, "the plot on the screen is dark as before"
    at = plot.spot(50.0, 1.0)
    x, y = round(2 * (at.x() + GRID)), round(2 * (at.y() + 5 * GRID))
    column = {image.pixelColor(x, y + dy).name() for dy in range(-4, 5)}
    assert LIGHT.test.lower() in column


def test_the_table_has_every_point(export: ExportActions, tmp_path: Path) -> None:
    assert export.write(tmp_path / "a.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert rows[0] == ["curve", "epoch", "value"]
    assert rows[1] == ['a, "b"', "0.0", "1.0"]
    assert rows[3] == ['a, "b"', "2.0", "900.0"]
    assert len(rows) == 101


def test_the_menu_offers_all_formats(plot: CurvePlot, export: ExportActions) -> None:
    menu = plot.make_menu()
    names = [action.objectName() for action in menu.actions()]
    assert {f"action.export_curves_{kind}" for kind in ("png", "svg", "csv")} <= set(names)
    menu.deleteLater()


def test_a_refusal_is_said(plot: CurvePlot, export: ExportActions, tmp_path: Path) -> None:
    said: list[str] = []
    export.refused.connect(said.append)
    assert not export.write(tmp_path / "gone" / "a.png")
    assert "a.png was not written" in said[0]
