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

from gui.document.document import Document
from gui.storage.export_actions import ExportActions
from gui.theme import GRID, LIGHT, apply_theme
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.messages import MessageBar
from gui.workspace.panel_export import offer_export
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
def export(plot: CurvePlot, document: Document, messages: MessageBar) -> ExportActions:
    export = offer_export(plot, "curves", plot)
    export.serve(document, messages)
    return export


def coordinates(element: ElementTree.Element) -> str:
    return element.get("d", element.get("points", ""))


def test_in_a_drawing_the_curve_is_in_its_plot_and_needs_no_unscaled_lines(
    plot: CurvePlot, export: ExportActions, tmp_path: Path
) -> None:
    assert export.write(tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    groups = [group for group in root.iter(f"{SVG}g") if group.get("stroke") == LIGHT.test.lower()]
    elements = [element for group in groups for element in group]
    longest = max(elements, key=lambda element: len(coordinates(element)))
    points = re.findall(r"(-?[\d.e+-]+),(-?[\d.e+-]+)", coordinates(longest))
    xs, ys = np.array(points, float).T
    first, last = plot.spot(0.0, 1.0), plot.spot(99.0, 1.0)
    assert xs[0] == pytest.approx(first.x() + GRID, abs=1), "beside the margin"
    assert xs[-1] == pytest.approx(last.x() + GRID, abs=1)
    assert "matrix" in longest.get("transform", "")
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


def test_the_menu_offers_all_formats_and_a_refusal_is_said(
    plot: CurvePlot, export: ExportActions, tmp_path: Path, messages: MessageBar
) -> None:
    menu = plot.make_menu()
    names = [action.objectName() for action in menu.actions()]
    assert {f"action.export_curves_{kind}" for kind in ("png", "svg", "csv")} <= set(names)
    menu.deleteLater()
    assert not export.write(tmp_path / "gone" / "a.png")
    assert "a.png was not written" in messages.text.text()
