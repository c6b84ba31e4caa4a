"""The page of the life of an image: what it says, which list it shows, and what it offers."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.runs.learning_history import LearningHistory, Lifetime
from gui.runs.life_view import Bars, LifeStrip, LifeView
from gui.runs.life_words import RELEARNED, image_bars, lists_of
from gui.runs.run_images import FoundImages
from gui.theme import LIGHT
from tests.gui.finding import row_texts
from tests.gui.runs.made_predictions import made_predictions, made_test
from tests.gui.showing import colours_in, on_screen, takes

TEST = made_test([0, 1, 1])
PREDICTIONS = made_predictions(TEST, [[0, 1, 0], [0, 0, 0], [0, 1, 0]])
BARS = image_bars(PREDICTIONS, 1, ("0", "1"))
LISTS = lists_of(Lifetime(PREDICTIONS, 0), LearningHistory.of(PREDICTIONS))


@pytest.fixture
def view(qtbot: QtBot) -> LifeView:
    made = on_screen(qtbot, LifeView(), 480, 360)
    made.show_life(BARS, "Test image 2 · a 1: right", LISTS, FoundImages(TEST))
    made.refresh()
    return made


def test_the_first_list_with_images_is_shown_until_another_is_chosen(view: LifeView) -> None:
    texts = [view.lists.itemText(place) for place in range(view.lists.count())]
    assert texts == ["learned late (0)", "forgotten (1)", "relearned (1)", "never learned (1)"]
    assert row_texts(view.grid.samples) == ["1  1×"]
    view.lists.setFocus()
    QTest.keyClick(view.lists, Qt.Key.Key_Down)
    assert row_texts(view.grid.samples) == ["1  since 3"]
    view.show_life(BARS, "", LISTS, FoundImages(TEST))
    view.refresh()
    assert view.lists.currentText().startswith(RELEARNED)
    QTest.keyClick(view.lists, Qt.Key.Key_Down)
    assert row_texts(view.grid.samples) == ["1  → 0"]


def test_the_headline_says_what_is_read_and_a_problem_hides_all(view: LifeView) -> None:
    assert view.headline.text() == "Test image 2 · a 1: right"
    view.strip.setFocus()
    QTest.keyClick(view.strip, Qt.Key.Key_Home)
    assert view.headline.text() == "epoch 1: a 1 with 0.75, right"
    view.lists.setFocus()
    assert view.headline.text() == "Test image 2 · a 1: right"
    view.show_problem("Nothing was kept.")
    view.refresh()
    assert not view.lists.isVisible()
    view.show_life(BARS, "", LISTS, FoundImages(None, "The data is gone."))
    view.refresh()
    assert not view.grid.isVisible()
    assert view.lists.currentText() == "forgotten (1)"


def test_in_a_low_panel_the_epochs_are_seen_under_their_bars(view: LifeView, qtbot: QtBot) -> None:
    view.resize(340, view.minimumSizeHint().height())
    qtbot.waitUntil(lambda: view.strip.visibleRegion().boundingRect() == view.strip.rect())
    assert view.height() < 180
    assert view.strip.height() >= view.strip.minimumSizeHint().height()


def bars(count: int = 4, wrong: tuple[int, ...] = (1,)) -> Bars:
    epochs = np.arange(1, count + 1)
    is_wrong = np.isin(np.arange(count), wrong)
    said = ["seven" if each else "one" for each in is_wrong]
    return Bars(epochs, np.full(count, 0.8), is_wrong, said, lambda n: f"bar {n}")


@pytest.fixture
def strip(qtbot: QtBot) -> LifeStrip:
    made = on_screen(qtbot, LifeStrip(), 320, 120)
    made.set_bars(bars())
    return made


def colours_of_bar(strip: LifeStrip, index: int) -> set[str]:
    image: QImage = strip.grab().toImage()
    box = strip.place_of(index).toRect()
    height = strip.height() - 2 * strip.fontMetrics().height() - 4
    return {
        image.pixelColor(x, y).name()
        for x in range(box.left() + 3, box.right() - 3)
        for y in range(box.top() + 30, height)
    }


def test_wrong_bars_are_hatched_and_the_epoch_that_is_shown_is_marked(strip: LifeStrip) -> None:
    assert colours_of_bar(strip, 0) == {QColor(LIGHT.right).name()}
    assert {QColor(LIGHT.wrong).name(), QColor(LIGHT.base).name()} <= colours_of_bar(strip, 1)
    past = QColor(LIGHT.past).name()
    assert past not in colours_in(strip.grab().toImage())
    strip.set_looked(3)
    assert past in colours_in(strip.grab().toImage())
    strip.set_looked(None)
    assert past not in colours_in(strip.grab().toImage())


def test_mouse_and_keys_read_bars_and_a_click_or_enter_chooses(
    strip: LifeStrip, qtbot: QtBot
) -> None:
    said: list[str] = []
    strip.pointed.connect(said.append)
    QTest.mouseMove(strip, strip.place_of(1).center().toPoint())
    assert said[-1] == "bar 1"
    assert strip.bar_at(strip.width() + 1) is strip.bar_at(-1) is None
    with qtbot.waitSignal(strip.epoch_chosen) as chosen:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(2).center().toPoint())
    assert chosen.args == [3]
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_End)
    QTest.keyClick(strip, Qt.Key.Key_Left)
    assert strip.accessibleDescription() == "bar 2"
    with qtbot.waitSignal(strip.epoch_chosen) as chosen:
        QTest.keyClick(strip, Qt.Key.Key_Return)
    assert chosen.args == [3]
    assert not takes(strip, Qt.Key.Key_Escape), "that is for the window"
    for count in (1, 1000):
        strip.set_bars(bars(count, wrong=()))
        strip.grab()
        QTest.keyClick(strip, Qt.Key.Key_End)
        assert strip.accessibleDescription() == f"bar {count - 1}"
        assert strip.minimumWidth() == 3 * count
        assert strip.place_of(count - 1).right() <= max(strip.width(), 3 * count)
