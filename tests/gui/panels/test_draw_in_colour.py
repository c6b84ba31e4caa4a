"""Drawing where the images are in colour: brush, paper, pictures, and what the network gets."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QToolButton
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from engine.data.handwriting import resized
from gui.panels.draw import DrawPanel
from tests.gui.driving import Driver
from tests.gui.finding import named
from tests.gui.showing import activated, on_screen
from tests.picture_sets import write_set

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PAPER = (200, 190, 180)


def samples(channels: int = 3) -> Dataset:
    images = np.empty((4, channels, 10, 10), np.uint8)
    images[...] = np.array(PAPER[:channels], np.uint8)[:, None, None]
    return Dataset(images, np.arange(4) % 2, (0, 1), class_names=("cat", "dog"))


@pytest.fixture
def panel(qtbot: QtBot) -> DrawPanel:
    made = DrawPanel()
    made.drawn.connect(lambda _image: made.set_pinned(None))
    made.set_samples(samples())
    return activated(qtbot, on_screen(qtbot, made, 560, 330))


def dab(panel: DrawPanel, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
    side = panel.canvas.square().width()
    QTest.mouseClick(panel.canvas, button, pos=QPoint(int(x * side), int(y * side)))


def colour_at(panel: DrawPanel, x: float, y: float) -> tuple[int, ...]:
    picture = panel.canvas.picture()
    side = picture.shape[1]
    return tuple(picture[:, int(y * side), int(x * side)].tolist())


def rgb(colour: str) -> tuple[int, ...]:
    ink = QColor(colour)
    return ink.red(), ink.green(), ink.blue()


def test_brush_and_paper_have_the_colours_that_were_chosen(panel: DrawPanel) -> None:
    """What is drawn stays when the paper changes; the right button draws with the paper."""
    dab(panel, 0.2, 0.5)
    QTest.mouseClick(named(panel, QToolButton, "draw.ink.blue"), LEFT)
    dab(panel, 0.8, 0.5)
    assert colour_at(panel, 0.2, 0.5) == rgb("#d7322d")
    assert colour_at(panel, 0.8, 0.5) == rgb("#3255d7")
    assert colour_at(panel, 0.5, 0.1) == PAPER
    QTest.keyClick(panel.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert colour_at(panel, 0.8, 0.5) == PAPER
    box = named(panel, QComboBox, "draw.paper")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert colour_at(panel, 0.1, 0.1) == (0, 0, 0)
    assert colour_at(panel, 0.2, 0.5) == rgb("#d7322d")
    dab(panel, 0.2, 0.5, RIGHT)
    assert colour_at(panel, 0.2, 0.5) == (0, 0, 0)
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert colour_at(panel, 0.2, 0.5) == PAPER


def test_it_is_sent_where_it_was_drawn_and_in_its_size(qtbot: QtBot, panel: DrawPanel) -> None:
    with qtbot.waitSignal(panel.drawn) as drawn:
        dab(panel, 0.2, 0.2)  # not in the middle, where a digit would come
    np.testing.assert_array_equal(drawn.args[0], resized(panel.canvas.picture(), (10, 10)))
    reds = drawn.args[0][1] < 170
    assert reds[:4, :4].any()
    assert not reds[5:].any()


def test_a_picture_is_taken_in_its_colours(panel: DrawPanel, tmp_path: Path) -> None:
    image = QImage(30, 15, QImage.Format.Format_RGBA8888)
    image.fill(QColor(10, 200, 30))
    image.setPixelColor(0, 0, QColor(0, 0, 0, 0))  # the paper shows through
    assert image.save(str(tmp_path / "green.png"))
    panel.pictures.take_in(tmp_path / "green.png")
    assert colour_at(panel, 0.5, 0.5) == (10, 200, 30)
    assert colour_at(panel, 0.5, 0.1) == PAPER  # it is twice as wide as high
    assert colour_at(panel, 0.01, 0.26) == PAPER
    assert panel.pictures.note.text() == "in its colours"


def test_grey_data_has_no_inks_and_no_old_ink(panel: DrawPanel) -> None:
    dab(panel, 0.5, 0.5)
    assert panel.tools.inks.isVisible()
    panel.set_samples(samples(channels=1))
    assert not panel.tools.inks.isVisible()
    assert panel.canvas.is_empty()
    assert colour_at(panel, 0.5, 0.5) == (0, 0, 0)
    dab(panel, 0.5, 0.5)
    assert colour_at(panel, 0.5, 0.5) == (255, 255, 255)
    assert panel.image().shape == (1, 10, 10)
    for classes, drawn in (((0, 1), "digit"), ((2019, 2020), "picture")):
        panel.set_samples(Dataset(np.zeros((2, 1, 8, 8), np.uint8), np.arange(2), classes))
        assert panel.canvas.accessibleName() == f"Canvas for drawing a {drawn}"


def test_in_the_window_the_network_gets_it_in_colour(driver: Driver, tmp_path: Path) -> None:
    edits, panel = driver.window.edits, driver.window.panels.draw.panel
    edits.change_setting("classes", tuple(range(9)))
    edits.change_setting("dataset", str(write_set("colour", tmp_path / "forms.npz", 4, 2)))
    driver.settle()
    driver.window.docks.show_panel("Draw")
    driver.settle()
    dab(panel, 0.5, 0.5)
    driver.wait(lambda: driver.window.session.pinned is None)
    driver.settle()
    drawn = panel._snapshot
    assert drawn is not None
    np.testing.assert_allclose(drawn.inputs * 255, panel.image(), atol=1e-3)


def test_what_the_network_sees_has_whole_pixels_and_no_bars(panel: DrawPanel) -> None:
    for side in (10, 24, 32, 64, 200):
        images = np.zeros((2, 3, side, side), np.uint8)
        panel.set_samples(Dataset(images, np.arange(2), (0, 1)))
        assert panel.seen.width() % side == 0 or side > 84
        assert 40 <= panel.seen.width() <= 84


def test_in_a_narrow_panel_the_class_has_less_room_and_is_not_cut(
    qtbot: QtBot, panel: DrawPanel
) -> None:
    panel.adding.set_classes(["a circle that is blue", "a square that is green"])
    panel.resize(340, 190)

    def is_whole() -> bool:
        parts = panel.adding.add, panel.adding.classes, panel.tools.inks.paper
        rights = [part.mapTo(panel.tools, QPoint(part.width(), 0)).x() for part in parts]
        return max(rights) <= panel.tools.width() < panel.adding.sizeHint().width()

    qtbot.waitUntil(is_whole)
