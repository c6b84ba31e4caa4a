"""The page of the life of an image: what it says, which list it shows, and what it offers."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.runs.learning_history import LearningHistory
from gui.runs.life_view import EMPTY, LifeView
from gui.runs.life_words import RELEARNED, image_bars, lists_of
from tests.gui.runs.made_predictions import made_life, made_predictions, made_test
from tests.gui.showing import on_screen

TEST = made_test([0, 1, 1])
PREDICTIONS = made_predictions(TEST, [[0, 1, 0], [0, 0, 0], [0, 1, 0]])
BARS = image_bars(PREDICTIONS, 1, ("0", "1"))
LISTS = lists_of(made_life(PREDICTIONS), LearningHistory.of(PREDICTIONS))


@pytest.fixture
def view(qtbot: QtBot) -> LifeView:
    made = on_screen(qtbot, LifeView(), 480, 360)
    made.show_life(BARS, ("Test image 2 · a 1: right", "right"))
    made.show_lists(LISTS, TEST)
    made.refresh()
    return made


def captions(view: LifeView) -> list[str]:
    model = view.grid.samples
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def test_the_first_list_with_images_is_shown_at_first(view: LifeView) -> None:
    texts = [view.lists.itemText(place) for place in range(view.lists.count())]
    assert texts == ["learned late (0)", "forgotten (1)", "relearned (1)", "never learned (1)"]
    assert captions(view) == ["1  1×"]


def test_the_run_is_named(view: LifeView) -> None:
    view.set_run("in the run “slow”", "slow")
    assert view.of_run.text() == "in the run “slow”"


def test_a_list_is_chosen_by_key_and_stays(view: LifeView) -> None:
    view.lists.setFocus()
    QTest.keyClick(view.lists, Qt.Key.Key_Down)
    assert captions(view) == ["1  since 3"]
    view.show_lists(LISTS, TEST)
    view.refresh()
    assert view.lists.currentText().startswith(RELEARNED)
    QTest.keyClick(view.lists, Qt.Key.Key_Down)
    assert captions(view) == ["1  → 0"]


def test_the_headline_says_what_is_read(view: LifeView) -> None:
    assert view.headline.text() == "Test image 2 · a 1: right"
    view.strip.setFocus()
    QTest.keyClick(view.strip, Qt.Key.Key_Home)
    assert view.headline.text() == "epoch 1: a 1 with 75 %, right"
    QTest.keyClick(view.strip, Qt.Key.Key_Escape)
    assert view.headline.text() == "Test image 2 · a 1: right"


def test_a_problem_offers_what_helps(view: LifeView, qtbot: QtBot) -> None:
    view.show_problem("Nothing was kept.", "Predict")
    view.refresh()
    assert view.remedy.isVisible()
    assert not view.grid.isVisible()
    with qtbot.waitSignal(view.remedy_wanted):
        QTest.mouseClick(view.remedy, Qt.MouseButton.LeftButton)
    view.show_problem(EMPTY)
    view.refresh()
    assert not view.remedy.isVisible()


def test_without_the_data_the_lists_have_counts_alone(view: LifeView) -> None:
    view.show_lists(LISTS, None, "The data is gone.")
    view.refresh()
    assert not view.grid.isVisible()
    assert view.lists.currentText() == "forgotten (1)"


def test_in_a_low_panel_the_epochs_are_seen_under_their_bars(view: LifeView, qtbot: QtBot) -> None:
    view.resize(340, view.minimumSizeHint().height())
    qtbot.waitUntil(lambda: view.strip.visibleRegion().boundingRect() == view.strip.rect())
    assert view.height() < 180
    assert view.strip.height() >= view.strip.minimumSizeHint().height()
