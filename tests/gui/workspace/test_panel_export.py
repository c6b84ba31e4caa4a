"""Panels and plots in files: whole, dark on white, with words as words and all points."""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QAction, QColor, QImage, QPainter, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.document.document import Document
from gui.storage.export_actions import ExportActions
from gui.theme import DARK, GRID, LIGHT, apply_theme
from gui.widgets.csv_table import csv_table
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.empty_state import EmptyState
from gui.widgets.messages import MessageBar
from gui.window.stage import exports_of
from gui.workspace.panel_export import offer_export, offer_panel_export, why_empty
from tests.gui.driving import Driver
from tests.gui.finding import named, not_none
from tests.gui.showing import on_screen

SVG = "{http://www.w3.org/2000/svg}"
GREEN, RED = QColor("#00aa00"), QColor("#dd0000")
HIGH = 900  # px of what scrolls


class Long(QWidget):
    """Is green to its last row, which is red; paints beyond itself if it is let."""

    def minimumSizeHint(self) -> QSize:
        return QSize(60, HIGH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect().adjusted(-50, 0, 50, 0), GREEN)
        painter.fillRect(QRect(0, self.height() - 4, self.width(), 4), RED)


class Panel(QWidget):
    """Has a sentence, a field, and something that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel.made_up")
        self.setAccessibleName("Made up")
        self.refreshed = 0
        content = QWidget()
        label, field = QLabel("Name of it:"), QLineEdit("R&D")
        scroll = QScrollArea()
        scroll.setWidget(Long())
        scroll.setWidgetResizable(True)
        column = QVBoxLayout(content)
        for part in (label, field, QLabel("black & white"), scroll):
            column.addWidget(part)
        self.empty = EmptyState(content, "Nothing is here.\nClick Train.")
        self.empty.show_content()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.empty)

    def refresh(self) -> None:
        self.refreshed += 1


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> Panel:
    apply_theme(qapp, "dark")
    return on_screen(qtbot, Panel(), 240, 200)


@pytest.fixture
def export(panel: Panel, document: Document, messages: MessageBar) -> ExportActions:
    export = offer_panel_export(panel, panel.refresh, lambda: csv_table(["a"], [[1]]))
    export.serve(document, messages)
    return export


def test_a_picture_shows_what_scrolls_to_its_end_on_white_and_all_is_as_it_was(
    panel: Panel, export: ExportActions, tmp_path: Path
) -> None:
    size, words = panel.size(), [label.text() for label in panel.findChildren(QLabel)]
    before = panel.grab().toImage()
    assert export.write(tmp_path / "a.png")
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    assert panel.size() == size
    assert [label.text() for label in panel.findChildren(QLabel)] == words
    assert panel.palette().window().color() == QColor(DARK.window)
    assert panel.grab().toImage() == before
    assert panel.refreshed == 2, "on white, and again in its own colours"
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() == 2 * panel.width()
    assert image.height() > 2 * HIGH
    assert image.pixelColor(2, 2) == QColor("white")
    column = [image.pixelColor(image.width() // 2, y) for y in range(image.height())]
    assert column.count(GREEN) == 2 * (HIGH - 4)
    assert column.count(RED) == 8
    panel.findChildren(Long)[0].setMinimumHeight(20_000)  # which is drawn as it is seen
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    assert export.write(tmp_path / "a.png")
    assert QImage(str(tmp_path / "a.png")).size() == size * 2


def test_a_drawing_has_words_and_all_in_its_place_and_a_table_is_what_the_panel_gives(
    panel: Panel, export: ExportActions, messages: MessageBar, tmp_path: Path
) -> None:
    assert export.write(tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    words = {(element.text or "").strip() for element in root.iter(f"{SVG}text")}
    assert {"Name of it:", "black & white", "R&D"} <= words
    assert not_none(root.find(f"{SVG}desc")).text == "Made up"
    paths = {clip.get("id"): clip[0].get("d", "") for clip in root.iter(f"{SVG}clipPath")}
    held = [
        paths[group.get("clip-path", "")[5:-1]]
        for group in root.iter(f"{SVG}g")
        if any(inner.get("fill") == GREEN.name() for inner in group)
        and group.get("clip-path") is not None
    ]
    assert held, "what is green is cut off"
    corners = [pair.split(",") for pair in held[0].replace("M", "").replace("L", "").split()[:-1]]
    xs, ys = ([float(pair[i]) for pair in corners] for i in (0, 1))
    assert min(xs) > 0, "beside the margin of the panel"
    assert min(ys) > 50, "below the field"
    assert max(ys) - min(ys) == HIGH
    assert export.write(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "a\n1\n"
    panel.empty.show_sentence("Nothing is here.\nClick Train.")
    export.actions[0].trigger()
    assert messages.text.text() == "Made up: nothing to export yet. Nothing is here."


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
def curves(plot: CurvePlot, document: Document, messages: MessageBar) -> ExportActions:
    curves = offer_export(plot, "curves", plot)
    curves.serve(document, messages)
    return curves


def coordinates(element: ElementTree.Element) -> str:
    return element.get("d", element.get("points", ""))


def test_in_a_drawing_the_curve_is_in_its_plot_and_needs_no_unscaled_lines(
    plot: CurvePlot, curves: ExportActions, tmp_path: Path
) -> None:
    assert curves.write(tmp_path / "a.svg")
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


def test_a_plot_is_a_picture_twice_as_fine_or_a_table_of_every_point_and_a_refusal_is_said(
    plot: CurvePlot, curves: ExportActions, tmp_path: Path, messages: MessageBar
) -> None:
    assert curves.write(tmp_path / "a.png")
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() == 2 * (plot.width() + 2 * GRID)
    assert image.height() >= 2 * plot.height()
    assert plot.colours.window != LIGHT.window, "the plot on the screen is dark as before"
    at = plot.spot(50.0, 1.0)
    x, y = round(2 * (at.x() + GRID)), round(2 * (at.y() + 5 * GRID))
    column = {image.pixelColor(x, y + dy).name() for dy in range(-4, 5)}
    assert LIGHT.test.lower() in column
    assert curves.write(tmp_path / "a.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert rows[0] == ["curve", "epoch", "value"]
    assert rows[1] == ['a, "b"', "0.0", "1.0"]
    assert rows[3] == ['a, "b"', "2.0", "900.0"]
    assert len(rows) == 101
    names = [action.objectName() for action in plot.actions()]
    assert {f"action.export_curves_{kind}" for kind in ("png", "svg", "csv")} <= set(names)
    assert not curves.write(tmp_path / "gone" / "a.png")
    assert "a.png was not written" in messages.text.text()


PICTURES = ["Export as &PNG picture…", "Export as &SVG drawing…"]
TABLE = "Export as &CSV table…"
PANELS = (
    "Loss",
    "Gradients",
    "Maps",
    "What it sees",
    "Kernels",
    "Step by step",
    "Why",
    "Test image",
    "Confusion matrix",
    "Draw",
    "Data",
)
WITHOUT_NUMBERS = "Step by step"


def exports(driver: Driver, title: str) -> tuple[QWidget, list[QAction]]:
    """Bring a panel to the front, and return what it can be exported as."""
    driver.window.stage.show_panel(title)
    shown, panel = driver.window.stage.in_use()
    assert shown == title
    return panel, exports_of(panel)


def write(driver: Driver, title: str, path: Path) -> Path:
    """Export a panel by its action for the ending of a path."""
    panel, actions = exports(driver, title)
    driver.wait(lambda: not why_empty(panel) and not getattr(panel, "dirty", False))
    driver.answer_dialog("getSaveFileName", path)
    next(a for a in actions if a.objectName().endswith(path.suffix.replace(".", "_"))).trigger()
    assert driver.message().endswith(f"exported to {path}.")
    return path


def test_every_panel_offers_the_same_by_keys_and_a_file_is_called_like_the_project(
    driver: Driver, tmp_path: Path
) -> None:
    for title in PANELS:
        _, actions = exports(driver, title)
        wanted = PICTURES if title == WITHOUT_NUMBERS else [*PICTURES, TABLE]
        assert [action.text() for action in actions] == wanted, title
    panel, _ = exports(driver, "Kernels")
    driver.wait(lambda: not why_empty(panel))
    place = driver.window.stage.stage
    QTest.mouseClick(named(place, QToolButton, "place.more"), Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    entries = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert entries[-5:] == [*PICTURES, TABLE, "&Full screen (F11)", "In a &window of its own"]
    driver.answer_dialog("getSaveFileName", tmp_path / "k.png")
    QTest.keyClick(menu, Qt.Key.Key_P)
    assert not QImage(str(tmp_path / "k.png")).isNull()
    assert driver.message() == f"Kernels exported to {tmp_path / 'k.png'}."
    driver.project(tmp_path / "ones.layerscope")
    proposed = driver.answer_dialog("getSaveFileName", None, None)
    for title in ("Kernels", "What it sees"):
        panel, actions = exports(driver, title)
        driver.wait(lambda panel=panel: not why_empty(panel))  # type: ignore[misc]
        actions[0].trigger()
    assert proposed == [tmp_path / f"ones-{name}.png" for name in ("kernels", "network")]


def test_tables_hold_what_the_panels_show_and_drawings_their_words(
    driver: Driver, tmp_path: Path
) -> None:
    outputs = driver.window.panels.predictions.grid.samples.outputs
    data = not_none(driver.window.session.data)
    assert outputs is not None
    assert data.test is not None
    labels = data.test.labels

    rows = _rows(write(driver, "Test image", tmp_path / "p.csv"))
    assert rows[0][:4] == ["image", "file", "true class", "predicted class"]
    assert [row[2] for row in rows[1:]] == [data.test.class_names[i] for i in labels]
    assert np.array([row[4:] for row in rows[1:]], float) == pytest.approx(outputs)

    rows = _rows(write(driver, "Confusion matrix", tmp_path / "c.csv"))
    expected = np.zeros((2, 2), int)
    np.add.at(expected, (labels, outputs.argmax(axis=1)), 1)
    assert np.array([row[1:] for row in rows[1:]], int).tolist() == expected.tolist()

    rows = _rows(write(driver, "Kernels", tmp_path / "k.csv"))
    assert len(rows) == 1 + 5 * 9

    rows = _rows(write(driver, "Data", tmp_path / "d.csv"))
    assert rows[0] == ["number", "class", "training", "test", "not used"]
    assert [int(row[2]) for row in rows[1:3]] == [100, 100]
    for title, words in {
        "Maps": "1 Conv 5, 3×3",
        "Data": "Problems",
        "Draw": "brush",
    }.items():
        root = ElementTree.parse(write(driver, title, tmp_path / "a.svg")).getroot()
        texts = [element.text or "" for element in root.iter(f"{SVG}text")]
        assert words in " ".join(texts), title


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines()))
