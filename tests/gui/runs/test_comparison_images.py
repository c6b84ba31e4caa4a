"""The images of two runs: four groups, what stands under each image, and which runs are chosen."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from engine.model.network import NO_ANSWER
from gui.runs.comparison_table import compared
from gui.runs.comparison_view import ComparisonImages, TwoSaid
from tests.engine.runs.made_runs import made_run
from tests.gui.finding import row_texts
from tests.gui.runs.made_predictions import made_test
from tests.gui.showing import on_screen

LEFT = Qt.MouseButton.LeftButton
RUNS = compared([(made_run(name, batch_size=n), "#0072B2") for n, name in enumerate("xyz", 1)])
TEST = made_test([0, 1, 2, 0], ("cat", "dog", "owl"))
# Image 0: both are right; 1: A alone; 2: both wrong, in other ways; 3: both wrong alike.
SAID = TwoSaid(
    np.arange(4),
    np.array([[0, 1, 0, 1], [0, 2, 1, 1]]),
    np.full((2, 4), 0.75),
    (np.array([0]), np.array([1]), np.array([], np.int64), np.array([2, 3])),
    "A is better.",
)


@pytest.fixture
def images(qtbot: QtBot) -> ComparisonImages:
    made = on_screen(qtbot, ComparisonImages(), 480, 360)
    made.set_runs(RUNS)
    return made


def spoken(images: ComparisonImages) -> str:
    """Return what is said of the first image to who cannot see it."""
    return str(images.grid.samples.index(0).data(Qt.ItemDataRole.AccessibleTextRole))


def group(images: ComparisonImages, number: int) -> None:
    QTest.mouseClick(images.groups.button(number), LEFT)


def test_the_first_two_runs_are_compared(images: ComparisonImages) -> None:
    assert [each.name for each in images.pair() or ()] == ["x", "y"]
    assert images.names.text() == "A: x · B: y"
    images.set_runs(RUNS[:1])
    assert images.pair() is None
    assert not images.names.isVisible()


def test_each_group_has_its_count_and_its_images(images: ComparisonImages) -> None:
    images.show_said(SAID, TEST)
    assert [button.text() for button in images.groups.buttons()] == [
        *("both 1", "only A 1", "only B 0", "none 2")
    ]
    assert images.groups.button(3).accessibleName() == "2 images in which both are wrong"
    assert row_texts(images.grid.samples) == ["dog  B: owl"]
    assert spoken(images) == "Test image 2: dog; A says dog with 0.75, B says owl with 0.75."
    group(images, 0)
    assert row_texts(images.grid.samples) == ["cat"]
    group(images, 3)
    assert row_texts(images.grid.samples) == ["owl  A: cat B: dog", "cat  → dog"]


def test_an_image_of_which_a_run_said_nothing_is_told_so(images: ComparisonImages) -> None:
    said, certainty = SAID.said.copy(), SAID.certainty.copy()
    said[1, 1], certainty[1, 1] = NO_ANSWER, np.nan
    images.show_said(replace(SAID, said=said, certainty=certainty), TEST)
    assert spoken(images) == (
        "Test image 2: dog; A says dog with 0.75, B: no answer: outputs not finite."
    )
    assert row_texts(images.grid.samples) == ["dog  B: ?"]


def test_a_clicked_image_is_told_by_its_place(images: ComparisonImages, qtbot: QtBot) -> None:
    images.show_said(SAID, TEST)
    group(images, 3)
    at = images.grid.visualRect(images.grid.samples.index(1)).center()
    with qtbot.waitSignal(images.grid.sample_activated) as chosen:
        QTest.mouseClick(images.grid.viewport(), LEFT, pos=at)
    assert chosen.args == [3]


def test_without_the_data_there_are_only_counts(images: ComparisonImages) -> None:
    model = images.grid.samples
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    images.show_said(SAID, None, "The data is gone.")
    assert not images.grid.isVisible()
    assert images.groups.button(3).text() == "none 2"
    images.show_said(SAID, TEST)
    assert images.grid.isVisible()
    group(images, 3)
    assert tester.model() is model


def test_in_a_low_panel_the_verdict_scrolls_and_is_not_pressed_together(
    images: ComparisonImages, qtbot: QtBot
) -> None:
    images.show_said(replace(SAID, sentence="A is better. " * 20, note="By chance. " * 20), TEST)
    images.resize(300, 160)
    labels = images.sentence, images.note
    qtbot.waitUntil(
        lambda: all(label.height() >= label.heightForWidth(label.width()) for label in labels)
    )
    assert images.grid.isVisible()
