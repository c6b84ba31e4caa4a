"""The loss panel in files: its curves as a table, as a picture and as a drawing."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QAction, QColor, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gui.panels.loss import LossPanel
from gui.theme import LIGHT
from tests.gui.panels.losses import button, train
from tests.gui.showing import on_screen


@pytest.fixture
def panel(qtbot: QtBot) -> LossPanel:
    return on_screen(qtbot, LossPanel(), 480, 330)


def menu(panel: LossPanel) -> list[QAction]:
    actions = button(panel, "loss.export").menu().actions()
    assert [action.text() for action in actions] == [
        "Export as &PNG picture…",
        "Export as &SVG drawing…",
        "Export as &CSV table…",
    ]
    return actions


@pytest.mark.parametrize(("which", "begins"), [(0, b"\x89PNG"), (1, b"<?xml"), (2, b"run,epoch")])
def test_the_curves_are_exported_under_the_name_of_the_project(
    panel: LossPanel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    which: int,
    begins: bytes,
) -> None:
    asked: list[str] = []

    def ask(_parent: object, _title: str, suggested: str, filters: str) -> tuple[str, str]:
        asked.append(filters.split(";;")[0])
        return suggested, asked[-1]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    panel.export.set_project(tmp_path / "ones.layerscope", tmp_path)
    train(panel, 0.5, 0.4)
    with qtbot.waitSignal(panel.export.exported) as done:
        menu(panel)[which].trigger()
    (written,) = tmp_path.iterdir()
    ending = ("png", "svg", "csv")[which]
    assert written.name == f"ones-loss.{ending}"
    assert ending in asked[0]
    assert str(written) in done.args[0]
    assert written.read_bytes().startswith(begins)


def test_without_curves_there_is_nothing_to_export(panel: LossPanel) -> None:
    assert not any(action.isEnabled() for action in menu(panel))
    train(panel, 0.5)
    assert all(action.isEnabled() for action in menu(panel))


def test_the_picture_has_the_curves_in_their_colours(panel: LossPanel, tmp_path: Path) -> None:
    train(panel, 0.5, 0.4, 0.1)
    assert panel.export.write(tmp_path / "a.png")
    image = QImage(str(tmp_path / "a.png"))
    assert image.pixelColor(0, 0) == QColor("white")
    colours = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }
    assert {LIGHT.train.lower(), LIGHT.test.lower()} <= colours


def test_the_drawing_has_every_word(panel: LossPanel, tmp_path: Path) -> None:
    train(panel, 0.5, 0.4)
    train(panel, 0.3)
    assert panel.export.write(tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    texts = root.iter("{http://www.w3.org/2000/svg}text")
    words = [(element.text or "").strip() for element in texts]
    assert {"smoothed", "earlier", "epoch", "accuracy, %", "100"} <= set(words)
    assert f"{panel.headline()}; {panel.best()}" in " ".join(words), "in two lines"
    assert cut_off(root) == []


def cut_off(root: ElementTree.Element) -> list[str]:
    """Return the words of a drawing that begin outside of what is drawn of them."""
    svg = "{http://www.w3.org/2000/svg}"
    areas = {
        f"url(#{clip.get('id')})": np.array(
            re.findall(r"(-?[\d.e-]+),(-?[\d.e-]+)", clip[0].get("d", "")), float
        )
        for clip in root.iter(f"{svg}clipPath")
    }
    lost = []
    for clipped in root.iter(f"{svg}g"):
        area = areas.get(clipped.get("clip-path", ""))
        if area is None:
            continue
        for group in clipped:
            matrix = re.findall(r"-?[\d.e-]+", group.get("transform", "").partition("(")[2])
            for text in group.iter(f"{svg}text"):
                place = float(text.get("x", 0)), float(text.get("y", 0)), 1.0
                x, y = np.reshape(matrix, (3, 2)).astype(float).T @ place
                (left, top), (right, bottom) = area.min(axis=0), area.max(axis=0)
                if not (left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1):
                    lost.append(text.text or "")
    return lost


def test_a_refusal_is_said(panel: LossPanel, tmp_path: Path, qtbot: QtBot) -> None:
    train(panel, 0.5)
    with qtbot.waitSignal(panel.export.refused) as refused:
        assert not panel.export.write(tmp_path / "gone" / "a.csv")
    assert "a.csv was not written" in refused.args[0]
