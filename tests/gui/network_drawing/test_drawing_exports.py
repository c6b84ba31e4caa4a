"""The living network in files: drawings and pictures."""

import base64
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.blocks import Dense, KnownBlock, Reshape, Sigmoid
from engine.model.project import Project
from engine.model.stack import Stack
from engine.model.templates import lenet
from gui.document.document import Document
from gui.network_drawing.drawing_view import NetworkDrawing
from gui.theme import KIND_COLOURS
from tests.gui.network_drawing.drawn_digit import has_colour, seen

SVG = "{http://www.w3.org/2000/svg}"


def export(panel: NetworkDrawing, path: Path) -> bytes:
    assert panel.exports.write(path)
    return path.read_bytes()


def test_the_svg_has_every_word_as_text_and_every_picture(
    document: Document, drawn: NetworkDrawing, tmp_path: Path
) -> None:
    document.replace_project(lenet(), None)
    snapshot = seen(document.project())
    drawn.show_snapshot(snapshot)
    root = ElementTree.fromstring(export(drawn, tmp_path / "LeNet.svg"))
    words = [element.text for element in root.iter(f"{SVG}text")]
    titles = [str(word).rstrip("…") for word in words]
    for number, row in enumerate(document.report.rows, 1):
        title = f"{number} {row.slot.label}"
        assert any(title.startswith(word) for word in titles if word.startswith(f"{number} "))
    assert any("16×28×28" in word for word in titles)
    link = "{http://www.w3.org/1999/xlink}href"
    images = [
        QImage.fromData(base64.b64decode(element.attrib[link].split(",", 1)[1]))
        for element in root.iter(f"{SVG}image")
    ]
    assert len(images) >= 11  # the input and each block but the outputs
    assert not any(image.isNull() for image in images)
    heading = root.find(f"{SVG}title")
    assert heading is not None
    assert heading.text == "LeNet"


def test_both_formats_show_the_same_picture_on_white(
    document: Document, drawn: NetworkDrawing, tmp_path: Path
) -> None:
    png = QImage.fromData(QByteArray(export(drawn, tmp_path / "net.png")))
    assert png.pixelColor(2, 2) == QColor("white")
    assert has_colour(png.scaled(png.size() / 2), QColor(KIND_COLOURS["Convolution"]))
    assert has_colour(png, QColor(0, 0, 0))  # the ground of the digit
    renderer = QSvgRenderer(QByteArray(export(drawn, tmp_path / "net.svg")))
    assert renderer.isValid()
    assert renderer.viewBox().size() == png.size() / 2


def test_a_very_long_network_is_still_a_picture(
    document: Document, drawn: NetworkDrawing, tmp_path: Path
) -> None:
    layers: list[KnownBlock] = [Dense(units=10), Sigmoid()] * 200
    document.replace_project(Project(Stack().appended(Reshape(), *layers)), None)
    png = QImage.fromData(QByteArray(export(drawn, tmp_path / "long.png")))
    assert png.width() == 2400
    assert 1350 < png.height() <= 30_000


@pytest.mark.parametrize(
    ("typed", "chosen", "name", "begins"),
    [
        ("net.svg", "SVG", "net.svg", b"<?xml"),
        ("net.png", "PNG", "net.png", b"\x89PNG"),
        ("net", "PNG picture", "net.png", b"\x89PNG"),
        ("net.v2", "SVG drawing", "net.v2.svg", b"<?xml"),
    ],
)
def test_it_is_exported_by_the_ending(
    drawn: NetworkDrawing,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    typed: str,
    chosen: str,
    name: str,
    begins: bytes,
) -> None:
    def ask(*_: object) -> tuple[str, str]:
        return str(tmp_path / typed), "PNG picture (*.png)" if "PNG" in chosen else chosen

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    with qtbot.waitSignal(drawn.exports.exported) as done:
        drawn.export_action.trigger()
    assert done.args[0] == f"Picture of the network exported to {tmp_path / name}."
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_is_gone_is_said(drawn: NetworkDrawing, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(drawn.exports.refused) as refused:
        assert not drawn.exports.write(tmp_path / "gone" / "net.svg")
    assert "net.svg" in refused.args[0]
