"""The drawing: to scale, clickable, marked where it fails, and the same in files."""

import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QScrollArea
from pytestqt.qtbot import QtBot

from engine.blocks import Conv, Dense, KnownBlock, Reshape, Sigmoid
from engine.model.project import Project
from engine.model.stack import Stack
from engine.model.templates import blank, lenet, notebook
from gui.document.document import Document
from gui.document.edits import Edits
from gui.network_drawing.layout import DrawingLayout, DrawnStage
from gui.network_drawing.painter import drawing_of, to_png, to_svg
from gui.network_drawing.view import NetworkDrawing
from gui.theme import KIND_COLOURS, LIGHT, small_font
from tests.gui.finding import child

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def drawn(document: Document, qtbot: QtBot) -> NetworkDrawing:
    panel = NetworkDrawing(document)
    qtbot.addWidget(panel)
    panel.resize(430, 240)
    panel.show()
    qtbot.waitActive(panel)
    return panel


def drawing(project: Project) -> DrawingLayout:
    return drawing_of(project.check(), project.stack.input_shape)


def bounds(stage: DrawnStage) -> QRectF:
    box = QRectF()
    for tile in stage.tiles:
        box = box.united(tile)
    return box


def click(panel: NetworkDrawing, slot_id: int) -> None:
    stage = panel.canvas.stage_of(slot_id)
    assert stage is not None
    spot = stage.tiles[-1].center().toPoint()
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)


# --- geometry ----------------------------------------------------------------------------------


def test_maps_are_tiles_of_one_scale_and_as_many_as_there_are(qapp: QApplication) -> None:
    stages = drawing(lenet()).stages
    assert [len(stage.tiles) for stage in stages[:5]] == [1, 16, 16, 16, 24]  # 32 of them fit not
    sides = [28, 28, 28, 14, 10]
    scale = stages[0].tiles[0].width() / 28
    for stage, side in zip(stages, sides, strict=False):
        assert stage.tiles[0].width() == pytest.approx(scale * side)
        assert stage.tiles[0].height() == pytest.approx(scale * side)


def test_vectors_are_bars_as_long_as_the_root_of_their_size(qapp: QApplication) -> None:
    stages = drawing(notebook()).stages
    bars = {stage.shape_text: stage.tiles[0] for stage in stages if "×" not in stage.shape_text}
    assert set(bars) == {"3380", "100", "2"}
    ratio = bars["3380"].height() / bars["100"].height()
    assert ratio == pytest.approx(math.sqrt(33.8))
    assert bars["2"].height() >= 3  # and none vanishes


@pytest.mark.parametrize("blocks", [0, 1, 12, 40])
def test_nothing_overlaps_and_all_is_inside(qapp: QApplication, blocks: int) -> None:
    layers: list[KnownBlock] = [Conv(depth=200, kernel_size=1), Sigmoid()] * 20
    stack = Stack().appended(*layers[:blocks])
    plan = drawing_of(stack.check(2, "bce"), stack.input_shape)
    assert len(plan.stages) == blocks + 1
    page = QRectF(0, 0, plan.width, plan.height)
    right = 0.0
    for stage in plan.stages:
        assert page.contains(stage.area)
        assert stage.area.contains(bounds(stage))
        assert stage.area.contains(stage.label)
        assert bounds(stage).top() >= stage.label.bottom() - 1
        assert bounds(stage).bottom() <= stage.shape.top() + 1
        assert stage.area.left() >= right
        right = stage.area.right()
    for before, after in zip(plan.stages, plan.stages[1:], strict=False):
        assert after.arrow is not None
        start, end = after.arrow
        assert bounds(before).right() <= start.x() < end.x() <= bounds(after).left()
    assert page.contains(plan.legend)


def test_what_does_not_fit_and_what_follows_it_have_no_shape(qapp: QApplication) -> None:
    stack = Stack().appended(Conv(), Dense(units=2), Sigmoid())
    stages = drawing_of(stack.check(2, "bce"), stack.input_shape).stages
    assert [stage.shape_text for stage in stages] == ["1×28×28", "5×26×26", "?", "?"]
    assert [stage.text for stage in stages] == ["Input", "Conv 5, 3×3", "✗ Dense 2", "Sigmoid"]
    metrics = QFontMetricsF(small_font())
    assert all(metrics.horizontalAdvance(s.text) <= s.label.width() + 1 for s in stages)


# --- the panel ---------------------------------------------------------------------------------


def test_a_click_selects_and_a_click_beside_selects_nothing(
    document: Document, drawn: NetworkDrawing
) -> None:
    click(drawn, 1)
    assert document.selected == 1
    low = QPoint(3, drawn.canvas.height() - 2)
    QTest.mouseClick(drawn.canvas, Qt.MouseButton.LeftButton, pos=low)
    assert document.selected is None


def test_arrows_go_from_block_to_block(document: Document, drawn: NetworkDrawing) -> None:
    drawn.canvas.setFocus()
    passed = []
    keys = [Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_End]
    for key in keys:
        QTest.keyClick(drawn.canvas, key)
        passed.append(document.selected)
    assert passed == [1, 2, 1, 1, 7]
    QTest.keyClick(drawn.canvas, Qt.Key.Key_Escape)
    assert document.selected is None


def test_the_selected_block_is_highlighted_and_in_sight(
    document: Document, drawn: NetworkDrawing
) -> None:
    plain = drawn.canvas.grab().toImage()
    document.select(7)
    stage = drawn.canvas.stage_of(7)
    assert stage is not None
    corner = stage.area.topLeft().toPoint() + QPoint(8, 5)
    lit = drawn.canvas.grab().toImage()
    assert lit.pixelColor(corner) != plain.pixelColor(corner)
    assert lit.pixelColor(20, 20) == plain.pixelColor(20, 20)
    viewport = child(drawn, QScrollArea).viewport()
    shown = drawn.canvas.mapFromGlobal(viewport.mapToGlobal(QPoint(0, 0))).x()
    assert shown > 0
    assert shown <= stage.area.left()
    assert stage.area.right() <= shown + viewport.width()


def has_colour(image: QImage, colour: QColor) -> bool:
    rgb = colour.rgb()
    return any(
        image.pixel(x, y) == rgb for x in range(image.width()) for y in range(image.height())
    )


def test_a_failing_block_is_marked(edits: Edits, drawn: NetworkDrawing) -> None:
    error = QColor(LIGHT.error)
    assert not has_colour(drawn.canvas.grab().toImage(), error)
    edits.change_option(6, "units", 3)
    assert has_colour(drawn.canvas.grab().toImage(), error)
    edits.undo()
    assert not has_colour(drawn.canvas.grab().toImage(), error)


def test_it_follows_the_stack_and_says_what_will_be_here(
    document: Document, edits: Edits, drawn: NetworkDrawing
) -> None:
    width = drawn.canvas.width()
    edits.add("tanh")
    assert drawn.canvas.width() > width
    said = drawn.canvas.accessibleDescription()
    assert said.startswith("Input 1×28×28; Conv 5, 3×3: 5×26×26; Sigmoid: 5×26×26")
    assert "Block 8 (Tanh) gives values of any size" in said
    document.replace_project(blank(), None)
    assert not drawn.canvas.isVisible()
    assert not drawn.export_action.isEnabled()
    assert drawn.export_action.toolTip() == "There are no blocks to draw."


# --- files -------------------------------------------------------------------------------------


def test_the_svg_has_every_tile_and_every_word(qapp: QApplication) -> None:
    plan = drawing(lenet())
    root = ElementTree.fromstring(to_svg(plan, "LeNet"))
    words = [element.text for element in root.iter(f"{SVG}text")]
    for stage in plan.stages:
        assert stage.text in words
        assert stage.shape_text in words
    page = 1
    assert len(list(root.iter(f"{SVG}rect"))) == page + sum(len(s.tiles) for s in plan.stages)
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == "LeNet"


def test_both_formats_show_the_same_picture(qapp: QApplication) -> None:
    plan = drawing(notebook())
    png = QImage.fromData(QByteArray(to_png(plan)))
    assert abs(png.width() - 2 * plan.width) <= 2
    conv = next(s for s in plan.stages if s.row is not None and s.row.slot.id == 1)
    spot = (conv.tiles[-1].center() * 2).toPoint()
    front = png.pixelColor(spot)
    assert front.hue() == pytest.approx(QColor(KIND_COLOURS["Convolution"]).hue(), abs=3)
    renderer = QSvgRenderer(QByteArray(to_svg(plan, "")))
    assert renderer.isValid()
    assert renderer.defaultSize().width() > 0


def test_a_very_long_network_is_still_a_picture(qapp: QApplication) -> None:
    layers: list[KnownBlock] = [Dense(units=10), Sigmoid()] * 200
    stack = Stack().appended(Reshape(), *layers)
    data = to_png(drawing_of(stack.check(10, "bce"), stack.input_shape))
    assert 10_000 < QImage.fromData(QByteArray(data)).width() <= 30_000


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
    with qtbot.waitSignal(drawn.exported) as done:
        drawn.export_action.trigger()
    assert name in done.args[0]
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_is_gone_is_said(drawn: NetworkDrawing, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(drawn.refused) as refused:
        assert not drawn.export_path(tmp_path / "gone" / "net.svg")
    assert "net.svg" in refused.args[0]
