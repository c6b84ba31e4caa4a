"""The living network as a panel: clicks, keys, the mouse, and what does not fit."""

import base64
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from engine.blocks import Add, Conv, Dense, ReLU, Reshape, Sigmoid
from engine.inspection.snapshot import Sample, Snapshot, take_snapshot
from engine.model.network import ParameterKey
from engine.model.project import Project
from engine.model.stack import Stack
from engine.model.templates import lenet
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.network_drawing.drawing_view import NetworkDrawing
from gui.network_drawing.layout import DrawnStage
from gui.network_drawing.painter import fitting_words, gradient_share
from gui.theme import KIND_COLOURS, LIGHT
from gui.widgets.messages import MessageBar
from tests.gui.finding import named, not_none
from tests.gui.showing import has_colour, hover


def seen(project: Project) -> Snapshot:
    """Look at a digit that is a frame."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 5:23, 5] = image[0, 5:23, 22] = image[0, 5, 5:23] = image[0, 22, 5:23] = 255
    return take_snapshot(project.network(), Sample(image, project.settings.classes, 2, 0))


@pytest.fixture
def drawn(document: Document, messages: MessageBar, qtbot: QtBot) -> NetworkDrawing:
    panel = NetworkDrawing(document)
    panel.export.serve(document, messages)
    qtbot.addWidget(panel)
    panel.resize(500, 310)
    panel.show()
    qtbot.waitActive(panel)
    panel.show_snapshot(seen(document.project()))
    panel.refresh()
    return panel


def stage(panel: NetworkDrawing, slot_id: int) -> DrawnStage:
    return not_none(panel.canvas.stage_of(slot_id))


def click(panel: NetworkDrawing, slot_id: int) -> None:
    spot = stage(panel, slot_id).body.center().toPoint()
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)


def shot(panel: NetworkDrawing) -> QImage:
    return panel.canvas.grab().toImage()


# --- what is seen ------------------------------------------------------------------------------


def test_a_white_image_has_an_edge_on_the_card(document: Document, drawn: NetworkDrawing) -> None:
    white = Sample(np.full((1, 28, 28), 255, np.uint8), (0, 1), 2, 0)
    drawn.show_snapshot(take_snapshot(document.project().network(), white))
    drawn.refresh()
    place = drawn.canvas.drawing.stages[0].tile(0).toRect()
    for beside in (place.topLeft() - QPoint(1, 1), place.bottomRight() + QPoint(1, 1)):
        assert shot(drawn).pixelColor(beside) == QColor(LIGHT.border)


def test_in_a_narrow_view_the_words_stand_above_the_key(drawn: NetworkDrawing) -> None:
    key = named(drawn, QLabel, "drawing.key")
    for width, above in ((320, True), (800, False)):
        drawn.resize(width, 310)
        QApplication.processEvents()
        words, place = drawn.readout.mapTo(drawn, QPoint(0, 0)), key.mapTo(drawn, QPoint(0, 0))
        assert (words.y() + drawn.readout.height() <= place.y()) is above
        assert drawn.readout.written() == drawn.readout.text()


def test_it_is_drawn_when_it_is_seen_and_new_values_when_it_is_their_turn(
    document: Document, qtbot: QtBot
) -> None:
    panel = NetworkDrawing(document)
    qtbot.addWidget(panel)
    panel.show_snapshot(seen(document.project()))
    panel.refresh()
    assert panel.canvas.drawing.stages == ()
    panel.show()
    qtbot.waitUntil(lambda: len(panel.canvas.drawing.stages) == len(document.stack) + 1)
    assert all(picture is not None for picture in panel.canvas.pictures)
    before = shot(panel)
    unanswered = np.full(len(document.project().settings.classes), np.nan)
    looks = (
        (replace(seen(document.project()), outputs=unanswered), "no answer: outputs not finite"),
        (seen(document.project()), "Test image 3 · a 0 · the network says "),
        (None, "Choose data."),
    )
    for snapshot, words in looks:
        panel.show_snapshot(snapshot, "Choose data.")
        assert panel.dirty
        assert shot(panel) == before
        panel.refresh()
        assert not panel.dirty
        assert words in panel.readout.text()
        before = shot(panel)
    assert panel.canvas.pictures == [None] * 8


def test_lines_painted_bit_by_bit_are_those_painted_at_once(
    document: Document, edits: Edits, drawn: NetworkDrawing
) -> None:
    project = document.project()
    other = Project(project.stack, project.settings.with_changes(seed=5))
    before, room = shot(drawn), drawn.canvas.drawing.size
    drawn.show_snapshot(seen(other))
    for draw in drawn.parts():
        draw()
    bit_by_bit = shot(drawn)
    drawn.canvas.fit(room)
    assert before != bit_by_bit == shot(drawn)
    drawn.show_snapshot(seen(project))
    fill, begin, *rest = drawn.parts()[1:]
    fill()
    begin()
    edits.add("dense")
    QApplication.processEvents()
    as_it_is = shot(drawn)
    for draw in rest:  # of a network that is no more
        draw()
    assert shot(drawn) == as_it_is
    drawn.canvas.fit(room)
    fill, begin, *rest = drawn.parts()[1:]
    fill()
    begin()
    drawn.canvas.fit(room / 2)  # before any of it was painted
    for draw in rest:
        draw()
    painted = shot(drawn)
    drawn.canvas.fit(room / 2)
    assert shot(drawn) == painted


def test_a_block_that_does_not_fit_says_why(edits: Edits, drawn: NetworkDrawing) -> None:
    error = QColor(LIGHT.wrong)

    def is_red(slot_id: int) -> bool:
        card = stage(drawn, slot_id).card.toRect()
        return bool(has_colour(shot(drawn).copy(card), error).any())

    assert not is_red(6)
    edits.change_option(6, "units", 3)
    assert not is_red(7)  # too many outputs for two classes: that is unfinished, and not wrong
    edits.undo()
    edits.add("dense", 1)
    failing = [s for s in drawn.canvas.drawing.stages if s.row and s.row.problem]
    assert [s.number for s in failing] == [2]
    assert "Takes a vector" in failing[0].row.problem.predicate  # type: ignore[union-attr]
    filled = [picture is not None for picture in drawn.canvas.pictures]
    assert filled == [True, True, *[False] * 7]


def test_a_locked_block_has_a_padlock(kernel_edits: KernelEdits, drawn: NetworkDrawing) -> None:
    title = stage(drawn, 4).title.toRect()
    plain = shot(drawn).copy(title)
    kernel_edits.lock([4], True)
    assert shot(drawn).copy(title) != plain


def test_a_gradient_is_a_bar_by_its_logarithm(drawn: NetworkDrawing) -> None:
    drawn.show_gradients({1: 1e-3, 4: 1.0, 6: float("nan")})
    drawn.refresh()
    image = shot(drawn)

    def filled(slot_id: int, group: str) -> float:
        meter, colour = stage(drawn, slot_id).meter.toRect(), QColor(KIND_COLOURS[group])
        y = meter.center().y()
        xs = range(meter.left(), meter.right() + 1)
        return sum(image.pixel(x, y) == colour.rgb() for x in xs) / len(xs)

    assert filled(4, "Dense") == 1
    assert filled(1, "Convolution") == pytest.approx(0.5, abs=0.03)
    assert filled(6, "Dense") == 0
    assert gradient_share(1e-9, 1) == gradient_share(float("inf"), 1) == gradient_share(0, 0) == 0


# --- mouse and keys ----------------------------------------------------------------------------


def test_arrows_go_by_blocks_and_by_rows(document: Document, drawn: NetworkDrawing) -> None:
    drawn.canvas.setFocus()
    keys, passed = Qt.Key, []
    for key in (keys.Key_Right, keys.Key_Right, keys.Key_Left, keys.Key_Left, keys.Key_End):
        QTest.keyClick(drawn.canvas, key)
        passed.append(document.selected)
    assert passed == [1, 2, 1, 1, 7]
    QTest.keyClick(drawn.canvas, keys.Key_Home)
    QTest.keyClick(drawn.canvas, keys.Key_Down)
    above, below = stage(drawn, 1), stage(drawn, document.selected or 0)
    assert below.card.top() > above.card.bottom()
    distances = {
        s.number: abs(s.card.center().x() - above.card.center().x())
        for s in drawn.canvas.drawing.stages
        if s.card.top() == below.card.top()
    }
    assert below.number == min(distances, key=lambda number: distances[number])
    QTest.keyClick(drawn.canvas, keys.Key_Up)
    assert stage(drawn, document.selected or 0).card.top() == above.card.top()
    QTest.keyClick(drawn.canvas, keys.Key_Escape)
    assert document.selected is None


def test_a_click_selects_and_enter_a_double_click_or_a_cell_leads_under_glass(
    document: Document, drawn: NetworkDrawing
) -> None:
    wanted: list[object] = []
    drawn.canvas.glass_wanted.connect(lambda *found: wanted.append(found))
    click(drawn, 4)
    assert document.selected == 4
    spot = stage(drawn, 4).body.center().toPoint()
    QTest.mouseDClick(drawn.canvas, Qt.MouseButton.LeftButton, pos=spot)
    document.select(1)
    QTest.keyClick(drawn.canvas, Qt.Key.Key_Return)
    drawn.glass_action.trigger()
    assert wanted == [(4, None), (1, None), (1, None)]
    beside = drawn.canvas.rect().bottomRight()
    QTest.mouseClick(drawn.canvas, Qt.MouseButton.LeftButton, pos=beside)
    assert document.selected is None
    assert not drawn.glass_action.isEnabled()
    conv = stage(drawn, 1)
    spot = conv.tile(2).topLeft().toPoint() + QPoint(8, 12) * int(not_none(conv.grid).scale)
    QTest.mouseClick(drawn.canvas, Qt.MouseButton.LeftButton, pos=spot - QPoint(1, 1))
    QTest.mouseClick(drawn.canvas, Qt.MouseButton.LeftButton, pos=conv.title.center().toPoint())
    assert wanted[3:] == [(1, (2, 11, 7))]


def test_the_mouse_reads_the_value_under_it_and_shows_what_it_is_connected_with(
    document: Document, drawn: NetworkDrawing
) -> None:
    conv, snapshot = stage(drawn, 1), seen(document.project())
    grid = not_none(conv.grid)
    hover(drawn.canvas, drawn.canvas.rect().topLeft())
    assert drawn.readout.text().startswith("Test image 3 · a 0 · the network says ")
    plain = shot(drawn)
    spot = conv.picture.topLeft() + grid.cell(*grid.place(2, 11, 7)).topLeft()
    hover(drawn.canvas, spot.toPoint())
    words = drawn.readout.text()
    assert words.startswith("1 Conv 5, 3×3, 5×26×26 · map 3 of 5, row 12, column 8: ")
    said = float(words.rsplit(" ", 1)[1].replace("−", "-"))
    assert said == pytest.approx(float(snapshot.blocks[0].values[2, 11, 7]), rel=1e-3)
    left = drawn.canvas.drawing.stages[0].picture.right()
    between = QRectF(left, conv.picture.y(), 10, 200).toRect()
    changed = shot(drawn).copy(between)
    assert changed != plain.copy(between)
    assert has_colour(changed, QColor(LIGHT.pinned)).any()


def test_the_arc_under_the_mouse_says_what_it_adds(
    document: Document, drawn: NetworkDrawing
) -> None:
    same = Conv(depth=3, kernel_size=3, padding="same", bias="channel")
    blocks = same, ReLU(), same, Add(source=2), Reshape(), Dense(units=2), Sigmoid()
    document.replace_project(Project(Stack().appended(*blocks)), None)
    drawn.show_snapshot(seen(document.project()))
    drawn.refresh()
    ((arc, way),) = drawn.canvas.drawing.arcs
    assert (arc.source, arc.target) == (1, 3)
    _, begin, end, *_ = way[0]
    over = ((begin + end) / 2).toPoint()
    around = QRect(over - QPoint(4, 4), over + QPoint(4, 4))

    def ink() -> int:
        return int((~has_colour(shot(drawn).copy(around), QColor(LIGHT.window))).sum())

    plain = ink()
    assert plain
    hover(drawn.canvas, over)
    assert drawn.readout.text() == "4 Add: x + output of block 2"
    assert ink() > plain
    hover(drawn.canvas, drawn.canvas.rect().topLeft())
    assert ink() == plain
    document.select(2)
    assert ink() > plain


def test_lines_are_as_strong_as_the_weights(document: Document, drawn: NetworkDrawing) -> None:
    project = document.project()
    links, arrays = drawn.canvas.links, project.network().arrays
    kernels = arrays[ParameterKey(1, "weight")]
    norms = [float(np.linalg.norm(kernel)) for kernel in kernels]
    strengths_of_maps = {link.target: link.strength for link in links[1]}
    assert strengths_of_maps == pytest.approx(
        {n: norm / max(norms) for n, norm in enumerate(norms)}, abs=0.051
    )
    weights = arrays[ParameterKey(6, "weight")]
    predicted = not_none(seen(project).predicted)
    row = weights[predicted]
    strongest = {int(place) for place in np.argsort(np.abs(row))[-6:]}
    dense = {link.source: link.strength for link in links[6] if link.target == predicted}
    assert set(dense) == strongest
    for place, strength in dense.items():
        assert strength == pytest.approx(float(row[place] / np.abs(weights).max()), abs=0.051)
    others = [abs(link.strength) for link in links[6] if link.target != predicted]
    assert max(others) <= 0.35
    first = [s.number for s in drawn.canvas.drawing.stages if s.fold]  # of their rows
    assert [number for number, found in enumerate(links) if not found] == [0, *first]


def test_a_reason_is_written_whole_or_in_fewer_words() -> None:
    image = QImage(300, 200, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    texts = ("Takes maps (channels×height×width), but gets a vector", "does not fit", "✗")
    found = [
        fitting_words(painter, texts, QRectF(0, 0, width, height))
        for width, height in ((200, 100), (200, 18), (100, 50), (20, 18))
    ]
    painter.end()
    assert found == [texts[0], texts[1], texts[1], texts[2]]


SVG = "{http://www.w3.org/2000/svg}"


def export(panel: NetworkDrawing, path: Path) -> bytes:
    assert panel.export.write(path)
    return path.read_bytes()


def test_a_file_has_every_word_as_text_and_every_picture_on_white(
    document: Document, drawn: NetworkDrawing, tmp_path: Path
) -> None:
    document.replace_project(lenet(), None)
    drawn.show_snapshot(seen(document.project()))
    svg = export(drawn, tmp_path / "LeNet.svg")
    root = ElementTree.fromstring(svg)
    words = [element.text for element in root.iter(f"{SVG}text")]
    titles = [str(word).rstrip("…") for word in words]
    for number, row in enumerate(document.report.rows, 1):
        assert any(row.slot.label.startswith(word) for word in titles if word), number
    assert any("16×28×28" in word for word in titles)
    link = "{http://www.w3.org/1999/xlink}href"
    images = [
        QImage.fromData(base64.b64decode(element.attrib[link].split(",", 1)[1]))
        for element in root.iter(f"{SVG}image")
    ]
    assert len(images) >= 11  # the input and each block but the outputs
    assert not any(image.isNull() for image in images)
    assert not_none(root.find(f"{SVG}title")).text == "LeNet"
    png = QImage.fromData(QByteArray(export(drawn, tmp_path / "LeNet.png")))
    assert png.pixelColor(2, 2) == QColor("white")
    assert has_colour(png.scaled(png.size() / 2), KIND_COLOURS["Convolution"]).any()
    assert has_colour(png, QColor(0, 0, 0)).any()  # the ground of the digit
    renderer = QSvgRenderer(QByteArray(svg))
    assert renderer.isValid()
    assert (renderer.viewBox().size(), png.width()) == (png.size() / 2, 2400)
