"""The living network as a panel: clicks, keys, the mouse, and what does not fit."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.model.templates import lenet
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.network_drawing.drawing_view import NetworkDrawing
from gui.network_drawing.layout import DrawnStage
from gui.network_drawing.painter import fitting_words, gradient_share
from gui.theme import KIND_COLOURS, LIGHT
from tests.gui.network_drawing.drawn_digit import has_colour, seen


def stage(panel: NetworkDrawing, slot_id: int) -> DrawnStage:
    found = panel.canvas.stage_of(slot_id)
    assert found is not None
    return found


def click(panel: NetworkDrawing, slot_id: int) -> None:
    spot = stage(panel, slot_id).body.center().toPoint()
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)


def shot(panel: NetworkDrawing) -> QImage:
    return panel.canvas.grab().toImage()


# --- what is seen ------------------------------------------------------------------------------


def test_nothing_is_placed_before_it_is_seen(document: Document, qtbot: QtBot) -> None:
    panel = NetworkDrawing(document)
    qtbot.addWidget(panel)
    panel.show_snapshot(seen(document.project()))
    panel.refresh()
    assert panel.canvas.drawing.stages == ()
    panel.show()
    qtbot.waitUntil(lambda: len(panel.canvas.drawing.stages) == len(document.stack) + 1)
    assert all(picture is not None for picture in panel.canvas.pictures)


def test_new_values_are_drawn_when_it_is_their_turn(drawn: NetworkDrawing) -> None:
    before = shot(drawn)
    drawn.show_snapshot(None)
    assert drawn.dirty
    assert shot(drawn) == before
    drawn.refresh()
    assert not drawn.dirty
    assert shot(drawn) != before
    assert drawn.canvas.pictures == [None] * 8


def test_a_block_that_does_not_fit_says_why_and_the_others_wait(
    edits: Edits, drawn: NetworkDrawing
) -> None:
    error = QColor(LIGHT.error)

    def is_red(slot_id: int) -> bool:
        return has_colour(shot(drawn).copy(stage(drawn, slot_id).card.toRect()), error)

    assert not is_red(6)
    edits.change_option(6, "units", 3)
    assert is_red(7)  # too many outputs for two classes
    edits.undo()
    assert not is_red(6)
    edits.add("dense", 1)
    failing = [s for s in drawn.canvas.drawing.stages if s.row and s.row.problem]
    assert [s.number for s in failing] == [2]
    assert "Takes a vector" in failing[0].row.problem.predicate  # type: ignore[union-attr]
    filled = [picture is not None for picture in drawn.canvas.pictures]
    assert filled == [True, True, *[False] * 7]


def test_a_locked_block_has_a_padlock(kernel_edits: KernelEdits, drawn: NetworkDrawing) -> None:
    card = stage(drawn, 4).card.toRect()
    plain = shot(drawn).copy(card)
    kernel_edits.lock([4], True)
    assert shot(drawn).copy(card) != plain


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


def test_a_click_selects_and_a_click_beside_selects_nothing(
    document: Document, drawn: NetworkDrawing
) -> None:
    click(drawn, 1)
    assert document.selected == 1
    low = drawn.canvas.rect().bottomRight()
    QTest.mouseClick(drawn.canvas, Qt.MouseButton.LeftButton, pos=low)
    assert document.selected is None


def test_arrows_go_from_block_to_block_and_from_row_to_row(
    document: Document, drawn: NetworkDrawing
) -> None:
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


def test_enter_and_a_double_click_put_a_block_under_glass(
    document: Document, drawn: NetworkDrawing, qtbot: QtBot
) -> None:
    wanted: list[int] = []
    drawn.canvas.glass_wanted.connect(wanted.append)
    spot = stage(drawn, 4).body.center().toPoint()
    QTest.mouseClick(drawn.canvas, Qt.MouseButton.LeftButton, pos=spot)
    QTest.mouseDClick(drawn.canvas, Qt.MouseButton.LeftButton, pos=spot)
    assert wanted == [4]
    document.select(1)
    QTest.keyClick(drawn.canvas, Qt.Key.Key_Return)
    assert wanted == [4, 1]
    drawn.glass_action.trigger()
    assert wanted == [4, 1, 1]
    document.select(None)
    assert not drawn.glass_action.isEnabled()


def test_the_mouse_reads_the_value_under_it(document: Document, drawn: NetworkDrawing) -> None:
    conv = stage(drawn, 1)
    assert conv.grid is not None
    snapshot = seen(document.project())
    x, y = conv.grid.corner(2)
    spot = conv.picture.topLeft() + QPointF(x + 7 * conv.grid.cell, y + 11 * conv.grid.cell)
    QTest.mouseMove(drawn.canvas, spot.toPoint())
    words = drawn.readout()
    assert words.startswith("1 Conv 5, 3×3, 5×26×26 · map 3 of 5, row 12, column 8: ")
    said = float(words.rsplit(" ", 1)[1].replace("−", "-"))
    assert said == pytest.approx(float(snapshot.blocks[0].values[2, 11, 7]), rel=1e-3)
    QTest.mouseMove(drawn.canvas, drawn.canvas.rect().topLeft())
    assert drawn.readout().startswith("Test image 3 · a 0 · the network says ")


def test_outputs_that_are_not_finite_are_no_answer(
    document: Document, drawn: NetworkDrawing
) -> None:
    unanswered = np.full(len(document.project().settings.classes), np.nan)
    drawn.show_snapshot(replace(seen(document.project()), outputs=unanswered))
    drawn.refresh()
    assert drawn.readout() == "Test image 3 · a 0 · no answer: outputs not finite"


def test_a_reason_is_written_whole_or_in_fewer_words(qtbot: QtBot) -> None:
    image = QImage(300, 200, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    texts = ("Takes maps (channels×height×width), but gets a vector", "does not fit", "✗")
    found = [
        fitting_words(painter, texts, QRectF(0, 0, width, height))
        for width, height in ((200, 100), (200, 18), (100, 50), (20, 18))
    ]
    painter.end()
    assert found == [texts[0], texts[1], texts[1], texts[2]]


def test_without_data_it_says_what_to_choose(qtbot: QtBot) -> None:
    panel = NetworkDrawing(Document(lenet()))
    qtbot.addWidget(panel)
    panel.show_snapshot(None, "Choose data.")
    panel.refresh()
    assert panel.readout() == "Choose data."
    panel.show_snapshot(seen(lenet()))
    panel.refresh()
    assert panel.readout().startswith("Test image 3 ")
