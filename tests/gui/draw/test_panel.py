"""The draw panel: what the network is sent, keys and buttons, pictures and colours."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QColorDialog,
    QFileDialog,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from engine.data.handwriting import centre, resized
from engine.inspection.snapshot import Sample, Snapshot
from gui.draw.panel import BETWEEN, DrawPanel
from gui.widgets.buttons import fill_by_text
from gui.widgets.empty_state import EmptyState
from gui.widgets.messages import MessageBar
from gui.widgets.pictures import Bytes
from gui.workspace.context import Context
from tests.gui.driving import Driver
from tests.gui.finding import child, named, not_none
from tests.gui.hands import stroke
from tests.gui.reading import output_texts
from tests.gui.showing import activated, on_screen
from tests.picture_sets import write_set

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(qtbot: QtBot, context: Context) -> DrawPanel:
    """Return the panel in an active window, as if its drawing were pinned whenever it is drawn."""
    made = DrawPanel(context)
    made.set_obstacle("")  # there is a network to ask
    made.drawn.connect(lambda _image: made.set_pinned(None))
    return activated(qtbot, on_screen(qtbot, made, 500, 300))


def down(panel: DrawPanel) -> Bytes:
    stroke(panel.canvas, (0.3, 0.2), (0.3, 0.5), (0.3, 0.8))
    return panel.canvas.ink()


def across(panel: DrawPanel) -> Bytes:
    stroke(panel.canvas, (0.2, 0.5), (0.8, 0.5))
    return panel.canvas.ink()


def look(panel: DrawPanel, *outputs: float, sample: int | None = None) -> None:
    image = np.zeros((1, 28, 28), dtype=np.uint8)
    seen = Sample(image, tuple(range(len(outputs))), sample)
    panel.show_snapshot(Snapshot(seen, image[0] / 255, np.array(outputs), ()))


def sentence(panel: DrawPanel) -> str:
    panel.refresh()
    return child(panel, EmptyState).sentence()


def test_the_answer_to_a_drawing_is_shown_in_words_and_bars(panel: DrawPanel) -> None:
    assert "will be here" in sentence(panel)
    down(panel)
    assert "Waiting" in sentence(panel)
    look(panel, 0.125, 0.75, sample=7)
    assert "Waiting" in sentence(panel), "a look at a sample is none at the drawing"
    look(panel, 0.125, 0.75, 0.5)
    assert panel.dirty
    assert sentence(panel) == ""
    assert panel.bars.isVisible()
    assert output_texts(panel.bars) == ["0  0.125", "▸ 1  0.750", "2  0.500"]
    assert panel.said.text() == "▸ 1 (0.75)"
    look(panel, 0.2, 0.9)
    panel.refresh()
    assert panel.knows.text() == "this network knows only 0 and 1"
    panel.set_obstacle("No block fits.")
    assert sentence(panel) == "No block fits."
    panel.set_obstacle("")
    look(panel, *[0.1] * 10)
    assert sentence(panel) == panel.knows.text() == ""
    look(panel, np.nan, np.nan)
    panel.refresh()
    assert panel.said.text() == "no answer: outputs not finite"
    assert not any("▸" in bar for bar in output_texts(panel.bars))
    panel.tools.clear.click()
    assert "will be here" in sentence(panel)
    assert panel.knows.text() == ""


def test_the_network_is_sent_the_centred_drawing(qtbot: QtBot, panel: DrawPanel) -> None:
    """A stroke of 200 moves is sent when it begins and once more; the last state is not lost."""
    sent: list[Bytes] = []
    panel.drawn.connect(sent.append)
    down(panel)
    stroke(panel.canvas, *((0.2 + share / 400, 0.5) for share in range(200)))
    assert 1 <= len(sent) < 100
    expected = centre(panel.canvas.ink(), (28, 28))
    qtbot.waitUntil(lambda: bool((sent[-1] == expected).all()))
    assert sent[-1].shape == (1, 28, 28)
    assert not sent[-1].flags.writeable
    rows, columns = np.nonzero(expected)
    assert np.ptp(rows) == 19
    assert columns.mean() == pytest.approx(14, abs=0.6)
    panel.refresh()
    assert (panel.seen._shown == expected).all()
    panel.set_samples(Dataset(np.zeros((2, 1, 20, 16), np.uint8), np.arange(2), (0, 1)))
    with qtbot.waitSignal(panel.drawn):
        down(panel)
    assert sent[-1].shape == (1, 20, 16)
    assert sent[-1].max() == 255


def test_a_digit_pinned_just_after_a_stroke_stays_pinned(qtbot: QtBot, panel: DrawPanel) -> None:
    """The rest of the stroke, which waits to be sent, must not pin the drawing again."""
    panel.tools.load.setFocus()
    with qtbot.assertNotEmitted(panel.drawn, wait=BETWEEN):
        panel.canvas.setFocus()  # nor does an empty canvas
    down(panel)  # its first ink is sent at once, the rest waits
    panel.set_pinned(1234)
    with qtbot.assertNotEmitted(panel.drawn, wait=3 * BETWEEN):
        pass
    assert sentence(panel).startswith("Test image 1,235 is selected.")


def test_the_focus_or_a_click_pins_the_drawing_without_dot(qtbot: QtBot, panel: DrawPanel) -> None:
    before = down(panel)
    qtbot.waitUntil(lambda: not panel.canvas.dormant)
    look(panel, 0.125, 0.75)
    panel.set_pinned(7)
    panel.tools.load.setFocus()
    with qtbot.waitSignal(panel.drawn) as drawn:
        panel.canvas.setFocus()
    assert (drawn.args[0] == panel.image()).all()
    look(panel, 0.125, 0.75)
    assert sentence(panel) == ""
    for focus in (panel.tools.load, panel.canvas):
        panel.set_pinned(7)
        focus.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        assert panel.canvas.dormant
        with qtbot.waitSignal(panel.drawn):
            QTest.mouseClick(panel.canvas, LEFT, pos=QPoint(150, 30))
        assert (panel.canvas.ink() == before).all()
    panel.set_pinned(7)
    assert (across(panel) != before).any()
    panel.tools.undo.click()
    assert (panel.canvas.ink() == before).all()


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


def test_keys_and_buttons_undo_redo_and_clear_the_drawing(panel: DrawPanel) -> None:
    tools = panel.tools
    assert not tools.undo.isEnabled()
    assert tools.undo.toolTip() == "Nothing to undo here."
    assert not tools.clear.isEnabled()
    one, both = down(panel), across(panel)
    undo, redo = (Qt.Key.Key_Z, CONTROL), (Qt.Key.Key_Y, CONTROL)
    again = Qt.Key.Key_Z, CONTROL | SHIFT
    for target in (panel.canvas, tools.brush, tools.load):
        target.setFocus()
        for keys, ink in ((undo, one), (redo, both), (undo, one), (again, both)):
            QTest.keyClick(target, *keys)
            assert (panel.canvas.ink() == ink).all()
        for _ in range(3):
            QTest.keyClick(target, *undo)
        assert panel.canvas.is_empty()
        for _ in range(2):
            QTest.mouseClick(tools.redo, LEFT)
        assert (panel.canvas.ink() == both).all()
        assert not tools.redo.isEnabled()
    QTest.mouseClick(tools.undo, LEFT)
    assert (panel.canvas.ink() == one).all()
    QTest.keyClick(panel.canvas, Qt.Key.Key_Delete)
    assert panel.canvas.is_empty()


def test_the_brush_is_set_by_keys(panel: DrawPanel) -> None:
    canvas, brush = panel.canvas, panel.tools.brush
    before = canvas.brush
    brush.setFocus()
    QTest.keyClick(brush, Qt.Key.Key_Right)
    assert canvas.brush == before + 4
    QTest.keyClick(brush, Qt.Key.Key_End)
    assert canvas.brush == 56
    assert (across(panel)[:, 140] > 127).sum() == pytest.approx(56, abs=2)


def test_the_canvas_has_all_of_the_height_or_the_width_and_nothing_is_cut(
    qtbot: QtBot, panel: DrawPanel
) -> None:
    """A low panel scrolls what stands beside the canvas."""
    classes = 10
    down(panel)
    look(panel, *np.linspace(0, 1, classes).tolist())
    panel.refresh()
    canvas = panel.canvas
    for width, height in ((503, 312), (1590, 960)):
        panel.resize(width, height)
        qtbot.waitUntil(lambda: canvas.height() == canvas.width() >= panel.height() - 12)
        QApplication.processEvents()
        parts: list[QWidget] = [canvas, panel.seen, panel.said, panel.bars, panel.tools.brush]
        buttons = [each for each in panel.findChildren(QToolButton) if each.isVisible()]
        for part in (*parts, *buttons):
            place = QRect(part.mapTo(panel, QPoint(0, 0)), part.size())
            assert panel.rect().contains(place), part
            assert place.width() >= part.minimumSizeHint().width()
        model, seen = panel.bars.model(), panel.bars.viewport().rect()
        rows = [panel.bars.visualRect(model.index(row, 0)) for row in range(classes)]
        assert all(seen.contains(row) for row in rows)
        assert panel.seen.width() >= 56
        assert panel.seen.width() % 28 == 2, "pixels are whole, in a hairline"
    panel.resize(420, 780)
    qtbot.waitUntil(lambda: canvas.width() == canvas.height() == 420)
    assert panel.tools.mapTo(panel, QPoint(0, 0)).y() > 420
    for height in (140, 190):
        panel.resize(340, height)
        QApplication.processEvents()
        assert canvas.height() >= 96
        page = not_none(child(panel, QScrollArea).widget())
        needed = panel.bars.mapTo(page, QPoint(0, 28)).y()  # two bars
        assert page.height() > panel.tools.buttons.y() >= needed


RIGHT = Qt.MouseButton.RightButton
PAPER = (200, 190, 180)


def samples(channels: int = 3) -> Dataset:
    images = np.empty((4, channels, 10, 10), np.uint8)
    images[...] = np.array(PAPER[:channels], np.uint8)[:, None, None]
    return Dataset(images, np.arange(4) % 2, (0, 1), class_names=("cat", "dog"))


@pytest.fixture
def coloured(panel: DrawPanel) -> DrawPanel:
    panel.set_samples(samples())
    panel.resize(560, 330)
    QApplication.processEvents()
    return panel


def dab(coloured: DrawPanel, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
    side = coloured.canvas.square().width()
    QTest.mouseClick(coloured.canvas, button, pos=QPoint(int(x * side), int(y * side)))


def colour_at(coloured: DrawPanel, x: float, y: float) -> tuple[int, ...]:
    picture = coloured.canvas.picture()
    side = picture.shape[1]
    return tuple(picture[:, int(y * side), int(x * side)].tolist())


def rgb(colour: str) -> tuple[int, ...]:
    ink = QColor(colour)
    return ink.red(), ink.green(), ink.blue()


@pytest.mark.parametrize("size", [(208, 325), (272, 525)], ids=str)
def test_in_a_narrow_place_all_is_in_view(coloured: DrawPanel, size: tuple[int, int]) -> None:
    """The sizes are those in windows of 900×600 and 1280×800 px."""
    dab(coloured, 0.5, 0.5)
    look(coloured, *np.linspace(0, 1, 10).tolist())
    fill_by_text(coloured.adding.classes, [str(digit) for digit in range(10)])
    coloured.resize(*size)
    for _ in range(2):
        coloured.refresh()
        QApplication.processEvents()
    parts = (coloured.canvas, coloured.seen, coloured.said, coloured.bars, coloured.tools.brush)
    for part in (*parts, coloured.tools.buttons):
        assert coloured.rect().contains(QRect(part.mapTo(coloured, QPoint(0, 0)), part.size()))
    assert child(coloured, QScrollArea).verticalScrollBar().maximum() == 0
    model, seen = coloured.bars.model(), coloured.bars.viewport().rect()
    whole = [seen.contains(coloured.bars.visualRect(model.index(row, 0))) for row in range(10)]
    assert sum(whole) >= 3
    assert coloured.canvas.height() >= 96


def test_the_brush_has_the_colour_that_was_chosen(
    coloured: DrawPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right button draws with the paper; who chooses no colour keeps the one before."""
    dab(coloured, 0.2, 0.5)
    for chosen in (QColor("#3255d7"), QColor()):
        monkeypatch.setattr(QColorDialog, "getColor", lambda *_, chosen=chosen: chosen)
        QTest.mouseClick(named(coloured, QToolButton, "draw.ink"), LEFT)
    dab(coloured, 0.8, 0.5)
    assert colour_at(coloured, 0.2, 0.5) == rgb("#d7322d")
    assert colour_at(coloured, 0.8, 0.5) == rgb("#3255d7")
    assert colour_at(coloured, 0.5, 0.1) == PAPER
    QTest.keyClick(coloured.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert colour_at(coloured, 0.8, 0.5) == PAPER
    dab(coloured, 0.2, 0.5, RIGHT)
    assert colour_at(coloured, 0.2, 0.5) == PAPER


def test_it_is_sent_where_it_was_drawn_and_in_its_size(qtbot: QtBot, coloured: DrawPanel) -> None:
    with qtbot.waitSignal(coloured.drawn) as drawn:
        dab(coloured, 0.25, 0.25)  # not in the middle, where a digit would come
    np.testing.assert_array_equal(drawn.args[0], resized(coloured.canvas.picture(), (10, 10)))
    reds = drawn.args[0][1] < 170
    assert reds[:4, :4].any()
    assert not reds[5:].any()


def test_a_picture_is_taken_in_its_colours(coloured: DrawPanel, tmp_path: Path) -> None:
    image = QImage(30, 15, QImage.Format.Format_RGBA8888)
    image.fill(QColor(10, 200, 30))
    image.setPixelColor(0, 0, QColor(0, 0, 0, 0))  # the paper shows through
    assert image.save(str(tmp_path / "green.png"))
    coloured.pictures.take_in(tmp_path / "green.png")
    assert colour_at(coloured, 0.5, 0.5) == (10, 200, 30)
    assert colour_at(coloured, 0.5, 0.1) == PAPER  # it is twice as wide as high
    assert colour_at(coloured, 0.01, 0.26) == PAPER


def test_grey_data_has_no_inks_and_no_old_ink(coloured: DrawPanel) -> None:
    dab(coloured, 0.5, 0.5)
    assert coloured.tools.ink.isVisible()
    coloured.set_samples(samples(channels=1))
    assert not coloured.tools.ink.isVisible()
    assert coloured.canvas.is_empty()
    assert colour_at(coloured, 0.5, 0.5) == (0, 0, 0)
    dab(coloured, 0.5, 0.5)
    assert colour_at(coloured, 0.5, 0.5) == (255, 255, 255)
    assert coloured.image().shape == (1, 10, 10)
    coloured.set_samples(samples(channels=3))
    dab(coloured, 0.5, 0.5)
    assert colour_at(coloured, 0.5, 0.5) == rgb("#d7322d")
    for classes, drawn in (((0, 1), "digit"), ((2019, 2020), "picture")):
        coloured.set_samples(Dataset(np.zeros((2, 1, 8, 8), np.uint8), np.arange(2), classes))
        assert coloured.canvas.accessibleName() == f"Canvas for drawing a {drawn}"


def test_in_the_window_the_network_gets_it_in_colour(driver: Driver, tmp_path: Path) -> None:
    edits, coloured = driver.window.edits, driver.window.panels.draw
    edits.change_setting("classes", tuple(range(9)))
    edits.change_setting("dataset", str(write_set("colour", tmp_path / "forms.npz", 4, 2)))
    driver.settle()
    driver.window.stage.show_panel("Draw")
    driver.settle()
    dab(coloured, 0.5, 0.5)
    driver.wait(lambda: driver.window.session.store.state.data.pinned is None)
    driver.settle()
    drawn = not_none(coloured._snapshot)
    np.testing.assert_allclose(drawn.inputs * 255, coloured.image(), atol=1e-3)


def test_what_the_network_sees_has_whole_pixels_and_no_bars(coloured: DrawPanel) -> None:
    for side in (10, 24, 32, 64, 200):
        images = np.zeros((2, 3, side, side), np.uint8)
        coloured.set_samples(Dataset(images, np.arange(2), (0, 1)))
        assert (coloured.seen.width() - 2) % side == 0 or side > 84
        assert 42 <= coloured.seen.width() <= 86


# Qt 6.12 has another constructor for it, which 6.11 lacks.
pytestmark = pytest.mark.filterwarnings("ignore:Function.*QDragEnterEvent:DeprecationWarning")


def save(path: Path, paper: str, ink: str, size: int = 200) -> Path:
    """Save a picture of a bar that lies a little right of the middle."""
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(QColor(paper))
    for y in range(size // 4, size * 3 // 4):
        for x in range(size // 2, size * 5 // 8):
            image.setPixelColor(x, y, QColor(ink))
    assert image.save(str(path))
    return path


PAPER_AND_INK = (("#e6e6e6", "#202020"), ("#101010", "#f0f0f0"))


def test_a_picture_is_loaded_and_inverted_if_its_paper_is_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, panel: DrawPanel
) -> None:
    panel.resize(503, 312)
    qtbot.waitUntil(lambda: panel.canvas.height() == panel.canvas.width())
    for paper, ink in PAPER_AND_INK:
        path = save(tmp_path / "one.png", paper, ink)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, path=path: (str(path), ""))
        QTest.mouseClick(panel.tools.load, LEFT)
        drawn = panel.canvas.ink()
        assert drawn[140, 160] == 255
        assert drawn[140, 100] == 0
        rows, columns = np.nonzero(panel.image()[0])
        assert np.ptp(rows) == 19
        assert columns.mean() == pytest.approx(14, abs=0.6)


def test_what_is_no_picture_is_refused_till_the_next_ink_and_the_drawing_stays(
    messages: MessageBar, tmp_path: Path, panel: DrawPanel
) -> None:
    across(panel)
    before = panel.canvas.ink()
    path = tmp_path / "notes.png"
    path.write_text("nothing to see")
    panel.pictures.take_in(path)
    assert messages.text.text().startswith("notes.png: It is no PNG, JPEG, BMP, GIF or WebP image")
    for fixed_by_a_stroke in (True, False):
        panel.pictures.take_in(save(tmp_path / "faint.png", "#888888", "#999999"))
        refusal = messages.text.text()
        assert refusal.startswith("faint.png shows")
        assert "only paper, or its ink is too faint. Choose a picture with more" in refusal
        assert (panel.canvas.ink() == before).all()
        if fixed_by_a_stroke:
            before = down(panel)
        else:
            panel.pictures.take_in(save(tmp_path / "one.png", "#ffffff", "#000000"))
        assert messages.isHidden()
    messages.say("else", "Something else.")
    across(panel)
    assert messages.text.text() == "Something else."


def test_a_picture_is_pasted(
    messages: MessageBar, tmp_path: Path, panel: DrawPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithoutData:
        def mimeData(self) -> None:
            return None

    clipboard = QApplication.clipboard()
    clipboard.setImage(QImage(str(save(tmp_path / "one.png", "#ffffff", "#000000"))))
    panel.canvas.setFocus()
    QTest.keyClick(panel.canvas, Qt.Key.Key_V, CONTROL)
    assert panel.canvas.ink()[140, 160] == 255
    clipboard.setText("no picture")
    for _ in range(2):
        messages.clear()
        QTest.mouseClick(panel.tools.paste, LEFT)
        assert messages.text.text() == "There is no picture on the clipboard. Copy one first."
        clipboard.clear()
        monkeypatch.setattr("PySide6.QtGui.QGuiApplication.clipboard", WithoutData)


def drag_and_drop(panel: DrawPanel, data: QMimeData, target: QWidget) -> bool:
    """Drag something onto a part of the panel, and drop it there if it is taken."""
    at, none = QPoint(5, 5), Qt.KeyboardModifier.NoModifier
    widget: QWidget | None = target
    while widget is not None and not widget.acceptDrops():  # as Qt finds who takes it
        widget = widget.parentWidget()
    if widget is None:
        return False
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, none)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        drop = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, none)
        QApplication.sendEvent(widget, drop)
    return enter.isAccepted()


def test_a_picture_may_be_dropped_anywhere(tmp_path: Path, panel: DrawPanel) -> None:
    panel.tools.load.setFocus()
    parts: tuple[QWidget, ...] = (panel.canvas, panel.bars, panel.tools.load)
    for name, part in zip(("one.png", "ONE.JPG", "one.jpeg"), parts, strict=True):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(save(tmp_path / name, "#ffffff", "#000000")))])
        assert drag_and_drop(panel, data, part)
        assert panel.canvas.ink()[140, 160] > 250
        panel.tools.clear.click()
    pixels = QMimeData()
    pixels.setImageData(QImage(str(tmp_path / "one.png")))
    assert drag_and_drop(panel, pixels, panel.canvas)
    assert panel.canvas.ink()[140, 160] == 255
    panel.tools.clear.click()
    for names in (["net.layerscope"], ["a.png", "b.png"]):  # those are left to the window
        other = QMimeData()
        other.setUrls([QUrl.fromLocalFile(f"/somewhere/{name}") for name in names])
        assert not drag_and_drop(panel, other, panel.canvas)
    assert panel.canvas.is_empty()
