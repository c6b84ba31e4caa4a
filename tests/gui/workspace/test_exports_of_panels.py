"""Every panel of the window goes into files: from its title, by a right-click, by the keys."""

import csv
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget

from gui.window.stage import exports_of
from gui.workspace.panel_export import why_empty
from tests.gui.driving import Driver
from tests.gui.finding import named, not_none

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
WITHOUT_NUMBERS = ("What it sees", "Step by step")


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


def test_every_panel_offers_the_same_by_title_and_keys(driver: Driver, tmp_path: Path) -> None:
    for title in PANELS:
        _, actions = exports(driver, title)
        wanted = PICTURES if title in WITHOUT_NUMBERS else [*PICTURES, TABLE]
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


def test_tables_hold_what_the_panels_show(driver: Driver, tmp_path: Path) -> None:
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


def test_drawings_have_the_words_of_the_panel(driver: Driver, tmp_path: Path) -> None:
    for title, words in {
        "Maps": "1 Conv 5, 3×3",
        "Data": "Problems",
        "Draw": "brush",
    }.items():
        root = ElementTree.parse(write(driver, title, tmp_path / "a.svg")).getroot()
        texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
        assert words in " ".join(texts), title


def test_a_file_is_called_like_the_project_and_lies_beside_it(
    driver: Driver, tmp_path: Path
) -> None:
    driver.project(tmp_path / "ones.layerscope")
    proposed = driver.answer_dialog("getSaveFileName", None, None)
    for title in ("Kernels", "What it sees"):
        panel, actions = exports(driver, title)
        driver.wait(lambda panel=panel: not why_empty(panel))  # type: ignore[misc]
        actions[0].trigger()
    assert proposed == [tmp_path / f"ones-{name}.png" for name in ("kernels", "network")]


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines()))
