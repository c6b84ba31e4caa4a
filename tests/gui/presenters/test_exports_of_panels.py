"""Every panel of the window goes into files: from its title, by a right-click, by the keys."""

import csv
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QMenu, QToolButton, QWidget

from gui.panels.panel_export import why_empty
from gui.window.docks import exports_of
from tests.gui.driving import Driver

PICTURES = ["Export as &PNG picture…", "Export as &SVG drawing…"]
TABLE = "Export as &CSV table…"
PANELS = (
    "Loss",
    "Gradients",
    "Feature maps",
    "Living network",
    "Kernels",
    "Under glass",
    "Predictions",
    "Confusion matrix",
    "Draw",
    "Data",
)
WITHOUT_NUMBERS = ("Living network", "Under glass")


def exports(driver: Driver, title: str) -> tuple[QWidget, list[QAction]]:
    """Bring a panel to the front, and return what it can be exported as."""
    driver.window.docks.show_panel(title)
    shown, panel = driver.window.docks.in_use()
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


def open_menu() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_every_panel_offers_the_same_in_the_same_words(new_project: Driver) -> None:
    for title in PANELS:
        _, actions = exports(new_project, title)
        wanted = PICTURES if title in WITHOUT_NUMBERS else [*PICTURES, TABLE]
        assert [action.text() for action in actions] == wanted, title


def test_the_title_of_a_panel_has_the_menu(new_project: Driver, tmp_path: Path) -> None:
    panel, _ = exports(new_project, "Kernels")
    new_project.wait(lambda: not why_empty(panel))
    dock = new_project.find(QDockWidget, "dock.kernels")
    button = dock.titleBarWidget().findChild(QToolButton, "title.export")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = open_menu()
    assert [action.text() for action in menu.actions()] == ["Kernels", *PICTURES, TABLE]
    path = tmp_path / "k.png"
    new_project.answer_dialog("getSaveFileName", path)
    QTest.keyClick(menu, Qt.Key.Key_P)
    assert not QImage(str(path)).isNull()
    assert new_project.message() == f"Kernels exported to {path}."


def test_the_keys_reach_it_in_the_file_menu(new_project: Driver) -> None:
    exports(new_project, "Predictions")
    entry = new_project.action("export_panel")
    menu = entry.menu()
    assert isinstance(menu, QMenu)
    menu.popup(QPoint(0, 0))
    assert [action.text() for action in menu.actions()] == ["Predictions", *PICTURES, TABLE]
    menu.close()
    new_project.window.docks.show_panel("Training settings")
    menu.popup(QPoint(0, 0))
    assert [action.text() for action in menu.actions()] == [
        "Training settings cannot be exported: click another panel first"
    ]
    menu.close()


def test_tables_hold_what_the_panels_show(new_project: Driver, tmp_path: Path) -> None:
    outputs = new_project.window.panels.predictions.panel.grid.samples.outputs
    data = new_project.window.session.data
    assert outputs is not None
    assert data is not None
    assert data.test is not None
    labels = data.test.labels

    rows = _rows(write(new_project, "Predictions", tmp_path / "p.csv"))
    assert rows[0][:4] == ["image", "file", "true class", "predicted class"]
    assert [row[2] for row in rows[1:]] == [data.test.class_names[i] for i in labels]
    assert np.array([row[4:] for row in rows[1:]], float) == pytest.approx(outputs)

    rows = _rows(write(new_project, "Confusion matrix", tmp_path / "c.csv"))
    expected = np.zeros((2, 2), int)
    np.add.at(expected, (labels, outputs.argmax(axis=1)), 1)
    assert np.array([row[1:] for row in rows[1:]], int).tolist() == expected.tolist()

    rows = _rows(write(new_project, "Kernels", tmp_path / "k.csv"))
    kernels = new_project.weights(tmp_path)["0.conv.weight"] if _trained(new_project) else None
    assert len(rows) == 1 + 5 * 9
    assert kernels is None or float(rows[1][4]) == pytest.approx(float(kernels[0, 0, 0, 0]))

    rows = _rows(write(new_project, "Data", tmp_path / "d.csv"))
    assert rows[0] == ["number", "class", "training", "test", "not used"]
    assert [int(row[2]) for row in rows[1:3]] == [100, 100]


@pytest.mark.parametrize("title", ["Feature maps", "Data", "Draw"])
def test_drawings_have_the_words_of_the_panel(
    new_project: Driver, tmp_path: Path, title: str
) -> None:
    root = ElementTree.parse(write(new_project, title, tmp_path / "a.svg")).getroot()
    words = " ".join(
        element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")
    )
    wanted = {"Feature maps": "1 Conv 5, 3×3", "Data": "Findings", "Draw": "brush"}
    assert wanted[title] in words


def test_a_file_is_called_like_the_project_and_lies_beside_it(
    new_project: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_project.project(tmp_path / "ones.layerscope")
    asked: list[str] = []

    def ask(_parent: object, _title: str, suggested: str, _filters: str) -> tuple[str, str]:
        asked.append(suggested)
        return "", ""

    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", ask)
    for title in ("Kernels", "Living network"):
        panel, actions = exports(new_project, title)
        new_project.wait(lambda panel=panel: not why_empty(panel))  # type: ignore[misc]
        actions[0].trigger()
    assert asked == [str(tmp_path / f"ones-{name}.png") for name in ("kernels", "network")]


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines()))


def _trained(driver: Driver) -> bool:
    return bool(driver.window.document.project().weights)
