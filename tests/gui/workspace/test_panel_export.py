"""Panels in files: whole, dark on white, with words as words; and as they were afterwards."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.document.document import Document
from gui.storage.export_actions import ExportActions
from gui.theme import DARK, apply_theme
from gui.widgets.csv_table import csv_table
from gui.widgets.empty_state import EmptyState
from gui.widgets.messages import MessageBar
from gui.workspace.panel_export import offer_panel_export
from tests.gui.finding import not_none
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
    """Has a sentence, a field with a key, and something that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel.made_up")
        self.setAccessibleName("Made up")
        self.refreshed = 0
        content = QWidget()
        label, field = QLabel("&Name & so on && more:"), QLineEdit("R&D")
        label.setBuddy(field)
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


def test_the_drawing_has_words_and_all_in_its_place(export: ExportActions, tmp_path: Path) -> None:
    assert export.write(tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    words = {(element.text or "").strip() for element in root.iter(f"{SVG}text")}
    assert {"Name  so on & more:", "black & white", "R&D"} <= words  # no line under a letter
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


def test_a_table_is_what_the_panel_gives_if_it_is_not_empty(
    panel: Panel, export: ExportActions, messages: MessageBar, tmp_path: Path
) -> None:
    assert export.write(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "a\n1\n"
    panel.empty.show_sentence("Nothing is here.\nClick Train.")
    export.actions[0].trigger()
    assert messages.text.text() == "Made up: nothing to export yet. Nothing is here."
