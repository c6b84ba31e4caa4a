"""The draw panel: what the network is sent, keys and buttons, what is said, what is in view."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence, QUndoCommand, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from engine.data.handwriting import centre
from engine.inspection.snapshot import Sample, Snapshot
from gui.panels.draw import BETWEEN, DrawPanel
from gui.widgets.empty_state import EmptyState
from gui.widgets.output_bars import OutputBars
from gui.widgets.pictures import Bytes
from gui.widgets.plot import Plot
from tests.gui.finding import child
from tests.gui.showing import activated, on_screen

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(qtbot: QtBot) -> DrawPanel:
    """Return the panel in an active window, as if its drawing were pinned whenever it is drawn."""
    made = DrawPanel()
    made.drawn.connect(lambda _image: made.set_pinned(None))
    return activated(qtbot, on_screen(qtbot, made, 500, 300))


def stroke(panel: DrawPanel, *shares: tuple[float, float]) -> None:
    """Draw from point to point, given as shares of the canvas."""
    side = panel.canvas.square().width()
    points = [QPoint(int(x * side), int(y * side)) for x, y in shares]
    QTest.mousePress(panel.canvas, LEFT, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(panel.canvas, point)
    QTest.mouseRelease(panel.canvas, LEFT, pos=points[-1])


def down(panel: DrawPanel) -> None:
    stroke(panel, (0.3, 0.2), (0.3, 0.5), (0.3, 0.8))


def across(panel: DrawPanel) -> None:
    stroke(panel, (0.2, 0.5), (0.8, 0.5))


def look(*outputs: float, sample: int | None = None) -> Snapshot:
    image = np.zeros((1, 28, 28), dtype=np.uint8)
    seen = Sample(image, tuple(range(len(outputs))), sample)
    return Snapshot(seen, image[0] / 255, np.array(outputs), ())


def bars(panel: DrawPanel) -> list[str]:
    return panel.bars.texts()


def sentence(panel: DrawPanel) -> str:
    panel.refresh()
    return child(panel, EmptyState).sentence()


def test_it_has_its_names(panel: DrawPanel) -> None:
    assert panel.objectName() == "panel.draw"
    assert panel.accessibleName() == "Draw"
    parts: list[QWidget] = [panel.canvas, panel.tools.brush, panel.bars]
    for part in (*parts, *panel.findChildren(QToolButton)):
        assert part.accessibleName(), part
    assert "will be here" in sentence(panel)


def test_the_bars_are_made_with_the_first_answer(qtbot: QtBot, panel: DrawPanel) -> None:
    made: list[OutputBars] = []
    panel.bars_made.connect(made.append)
    down(panel)
    panel.refresh()
    assert made == panel.findChildren(Plot) == []
    for outputs in ((0.25, 0.75), (0.5, 0.125)):
        panel.show_snapshot(look(*outputs))
        panel.refresh()
        assert panel.bars.isVisible()
        assert [row.value for row in panel.bars.rows()] == list(outputs)
    assert made == panel.findChildren(Plot) == [panel.bars]


def test_the_network_is_sent_the_centred_drawing(qtbot: QtBot, panel: DrawPanel) -> None:
    sent: list[Bytes] = []
    panel.drawn.connect(sent.append)
    down(panel)
    expected = centre(panel.canvas.ink(), (28, 28))
    qtbot.waitUntil(lambda: bool(sent) and bool((sent[-1] == expected).all()))
    assert sent[-1].shape == (1, 28, 28)
    assert not sent[-1].flags.writeable
    rows, columns = np.nonzero(expected)
    assert np.ptp(rows) == 19
    assert columns.mean() == pytest.approx(14, abs=0.6)
    panel.refresh()
    assert (panel.seen.picture() == expected).all()


def test_other_sizes_are_sent_in_their_shape(qtbot: QtBot, panel: DrawPanel) -> None:
    panel.set_samples(Dataset(np.zeros((2, 1, 20, 16), np.uint8), np.arange(2), (0, 1)))
    with qtbot.waitSignal(panel.drawn) as drawn:
        down(panel)
    assert drawn.args[0].shape == (1, 20, 16)
    assert drawn.args[0].max() == 255


def test_it_sends_at_most_twenty_times_a_second(qtbot: QtBot, panel: DrawPanel) -> None:
    """A stroke of 200 moves is sent when it begins and once more; the last state is not lost."""
    sent: list[Bytes] = []
    panel.drawn.connect(sent.append)
    stroke(panel, *((0.2 + share / 400, 0.5) for share in range(200)))
    assert 1 <= len(sent) < 100
    expected = panel.image()
    qtbot.waitUntil(lambda: bool((sent[-1] == expected).all()))


def test_a_digit_that_is_pinned_just_after_a_stroke_stays_pinned(
    qtbot: QtBot, panel: DrawPanel
) -> None:
    """The rest of the stroke, which waits to be sent, must not pin the drawing again."""
    down(panel)  # its first ink is sent at once, the rest waits
    panel.set_pinned(3)
    with qtbot.assertNotEmitted(panel.drawn, wait=3 * BETWEEN):
        pass
    assert sentence(panel).startswith("Test image 4 is pinned.")


def test_the_look_at_the_drawing_is_shown(panel: DrawPanel) -> None:
    down(panel)
    assert "Waiting" in sentence(panel)
    panel.show_snapshot(look(0.125, 0.75, 0.5))
    assert panel.dirty
    assert sentence(panel) == ""
    assert bars(panel) == ["0  0.125", "▸ 1  0.750", "2  0.500"]
    assert panel.said.text() == "▸ 1, 75 %"


def test_a_look_at_a_sample_is_not_the_drawing(panel: DrawPanel) -> None:
    down(panel)
    panel.show_snapshot(look(0.125, 0.75, sample=7))
    assert "Waiting" in sentence(panel)


def test_it_says_that_a_digit_is_pinned_and_pins_again_on_return(
    qtbot: QtBot, panel: DrawPanel
) -> None:
    down(panel)
    panel.show_snapshot(look(0.125, 0.75))
    panel.set_pinned(1234)
    assert sentence(panel).startswith("Test image 1,235 is pinned.")
    panel.tools.load.setFocus()
    with qtbot.waitSignal(panel.drawn) as drawn:
        panel.canvas.setFocus()
    assert (drawn.args[0] == panel.image()).all()
    panel.show_snapshot(look(0.125, 0.75))
    assert sentence(panel) == ""


def test_a_click_on_the_canvas_pins_the_drawing_again_without_a_dot(
    qtbot: QtBot, panel: DrawPanel
) -> None:
    down(panel)
    before = panel.canvas.ink()
    qtbot.waitUntil(lambda: not panel.canvas.dormant)
    for focus in (panel.tools.load, panel.canvas):
        panel.set_pinned(7)
        focus.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        assert panel.canvas.dormant
        with qtbot.waitSignal(panel.drawn):
            QTest.mouseClick(panel.canvas, LEFT, pos=QPoint(150, 30))
        assert (panel.canvas.ink() == before).all()
    panel.set_pinned(7)
    across(panel)
    assert (panel.canvas.ink() != before).any()
    panel.tools.undo.click()
    assert (panel.canvas.ink() == before).all()


def test_an_empty_canvas_is_not_pinned_by_the_focus(qtbot: QtBot, panel: DrawPanel) -> None:
    panel.tools.load.setFocus()
    with qtbot.assertNotEmitted(panel.drawn, wait=100):
        panel.canvas.setFocus()


def test_an_obstacle_is_said(panel: DrawPanel) -> None:
    down(panel)
    panel.show_snapshot(look(0.125, 0.75))
    panel.set_obstacle("No block fits.")
    assert sentence(panel) == "No block fits."
    panel.set_obstacle("")
    assert sentence(panel) == ""


def test_buttons_undo_redo_and_clear(panel: DrawPanel) -> None:
    assert not panel.tools.undo.isEnabled()
    assert panel.tools.undo.toolTip() == "Nothing to undo here."
    assert not panel.tools.clear.isEnabled()
    down(panel)
    one = panel.canvas.ink()
    across(panel)
    both = panel.canvas.ink()
    QTest.mouseClick(panel.tools.undo, LEFT)
    assert (panel.canvas.ink() == one).all()
    QTest.mouseClick(panel.tools.redo, LEFT)
    assert (panel.canvas.ink() == both).all()
    assert not panel.tools.redo.isEnabled()
    QTest.mouseClick(panel.tools.clear, LEFT)
    assert not panel.canvas.ink().any()
    assert "will be here" in sentence(panel)


def test_a_cleared_drawing_is_looked_at_no_more(qtbot: QtBot, panel: DrawPanel) -> None:
    sent: list[Bytes] = []
    panel.drawn.connect(sent.append)
    down(panel)
    with qtbot.waitSignal(panel.emptied):
        panel.tools.clear.click()
    panel.set_pinned(0)  # as the presenter does
    with qtbot.assertNotEmitted(panel.emptied):
        panel.tools.undo.click()
    qtbot.waitUntil(lambda: bool(sent[-1].any()))
    assert all(image.any() for image in sent), "an empty canvas is no digit"


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [((0.2, 0.9), "this network knows only 0 and 1"), ((0.1,) * 10, "")],
)
def test_it_says_which_classes_the_network_knows(
    panel: DrawPanel, outputs: tuple[float, ...], expected: str
) -> None:
    down(panel)
    panel.show_snapshot(look(*outputs))
    panel.refresh()
    assert panel.knows.text() == expected
    panel.tools.clear.click()
    panel.refresh()
    assert panel.knows.text() == ""


@pytest.mark.parametrize("focus", ["canvas", "brush", "load"])
def test_keys_mean_the_drawing_and_not_the_network(
    qtbot: QtBot, panel: DrawPanel, focus: str
) -> None:
    """In a window whose Ctrl+Z and Ctrl+Y are taken, they go to the drawing here."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(panel)
    stack = QUndoStack(window)
    for made, keys in ((stack.createUndoAction, "Ctrl+Z"), (stack.createRedoAction, "Ctrl+Y")):
        action = made(window)
        action.setShortcut(QKeySequence(keys))
        window.addAction(action)
    stack.push(QUndoCommand("an edit of the network"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    down(panel)
    one = panel.canvas.ink()
    across(panel)
    both = panel.canvas.ink()
    target = getattr(panel if focus == "canvas" else panel.tools, focus)
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_Z, CONTROL)
    assert (panel.canvas.ink() == one).all()
    QTest.keyClick(target, Qt.Key.Key_Y, CONTROL)
    assert (panel.canvas.ink() == both).all()
    QTest.keyClick(target, Qt.Key.Key_Z, CONTROL)
    QTest.keyClick(target, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert (panel.canvas.ink() == both).all()
    for _ in range(3):
        QTest.keyClick(target, Qt.Key.Key_Z, CONTROL)
    assert panel.canvas.is_empty()
    assert stack.canUndo()
    QTest.keyClick(panel.canvas, Qt.Key.Key_Y, CONTROL)
    QTest.keyClick(panel.canvas, Qt.Key.Key_Delete)
    assert panel.canvas.is_empty()
    panel.setParent(None)  # or the window would take it along


def test_the_brush_is_set_by_keys(panel: DrawPanel) -> None:
    before = panel.canvas.brush
    panel.canvas.setFocus()
    QTest.keyClicks(panel.canvas, "]")
    assert panel.canvas.brush == before + 4
    panel.tools.brush.setFocus()
    QTest.keyClick(panel.tools.brush, Qt.Key.Key_End)
    assert panel.canvas.brush == 56
    across(panel)
    column = panel.canvas.ink()[:, 140]
    assert (column > 127).sum() == pytest.approx(56, abs=2)
    QTest.keyClicks(panel.canvas, "[")
    assert panel.canvas.brush == 52


SIZES = pytest.mark.parametrize("size", [(503, 312), (760, 460), (952, 700), (1590, 960)])


@SIZES
@pytest.mark.parametrize("classes", [2, 10])
def test_the_canvas_has_all_of_the_height_and_nothing_is_cut(
    qtbot: QtBot, panel: DrawPanel, size: tuple[int, int], classes: int
) -> None:
    panel.resize(*size)
    qtbot.waitUntil(lambda: panel.canvas.height() == panel.canvas.width())
    assert panel.canvas.height() >= size[1] - 12
    down(panel)
    panel.show_snapshot(look(*np.linspace(0, 1, classes).tolist()))
    panel.refresh()
    QApplication.processEvents()
    parts: list[QWidget] = [panel.canvas, panel.seen, panel.said, panel.bars, panel.tools.brush]
    buttons = [each for each in panel.findChildren(QToolButton) if each.isVisible()]
    for part in (*parts, *buttons):
        place = QRect(part.mapTo(panel, QPoint(0, 0)), part.size())
        assert panel.rect().contains(place), part
        assert place.width() >= part.minimumSizeHint().width()
    rows = [panel.bars.row_rect(row).toRect() for row in range(classes)]
    assert all(panel.bars.rect().contains(row) for row in rows)


@SIZES
def test_what_the_network_sees_has_whole_pixels(panel: DrawPanel, size: tuple[int, int]) -> None:
    panel.resize(*size)
    assert panel.seen.width() % 28 == 0
    assert panel.seen.width() >= 56


def test_the_brush_is_shown_while_it_is_set(panel: DrawPanel) -> None:
    """A ring in the middle, as wide as the brush will be."""
    panel.tools.brush.setFocus()
    before = panel.canvas.grab().toImage()
    handle = QPoint(
        panel.tools.brush.width() * (24 - 8) // (56 - 8), panel.tools.brush.height() // 2
    )
    QTest.mousePress(panel.tools.brush, LEFT, pos=handle)
    assert panel.canvas.grab().toImage() != before
    QTest.mouseRelease(panel.tools.brush, LEFT, pos=handle)
    assert panel.canvas.grab().toImage() == before


@pytest.mark.parametrize("height", range(140, 200, 10))
def test_in_a_low_panel_what_stands_beside_the_canvas_scrolls(
    panel: DrawPanel, height: int
) -> None:
    panel.resize(340, height)
    QApplication.processEvents()
    shown = [each for each in panel.tools.findChildren(QToolButton) if not each.isHidden()]
    buttons = [button.geometry() for button in shown]
    lowest = max(place.bottom() for place in buttons) + panel.tools.y()
    assert panel.seen.geometry().top() > lowest
    area = child(panel, QScrollArea)
    page = area.widget()
    assert page is not None
    needed = panel.bars.mapTo(page, QPoint(0, 36)).y()
    assert page.height() >= needed > panel.seen.geometry().bottom()


def test_a_drawing_whose_outputs_are_not_finite_has_no_answer(panel: DrawPanel) -> None:
    down(panel)
    panel.show_snapshot(look(np.nan, np.nan))
    panel.refresh()
    assert panel.said.text() == "no answer: outputs not finite"
    assert not any("▸" in bar for bar in bars(panel))
