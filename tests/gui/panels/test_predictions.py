"""The predictions panel: headline, filter, pinning."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from gui.panels.predictions import PredictionsPanel
from gui.widgets.empty import EmptyState
from tests.gui.finding import child

# Six samples of the digits 3 and 8; two are told wrong: number 1 and number 4.
LABELS = [0, 1, 0, 1, 0, 1]
OUTPUTS = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.1, 0.6], [0.4, 0.5], [0.0, 1.0]])


def dataset(labels: list[int] = LABELS) -> Dataset:
    images = np.zeros((len(labels), 1, 28, 28), dtype=np.uint8)
    images[:, 0, 0, 0] = np.arange(len(labels))
    return Dataset(images, np.array(labels), (3, 8), "the test")


@pytest.fixture
def panel(qtbot: QtBot) -> PredictionsPanel:
    made = PredictionsPanel()
    qtbot.addWidget(made)
    made.resize(480, 330)
    made.show()
    return made


@pytest.fixture
def predicted(panel: PredictionsPanel) -> PredictionsPanel:
    panel.set_samples(dataset())
    panel.set_outputs(OUTPUTS)
    panel.refresh()
    return panel


def shown(panel: PredictionsPanel) -> list[int]:
    model = panel.grid.digits
    return [
        model.data(model.index(row), Qt.ItemDataRole.UserRole) for row in range(model.rowCount())
    ]


def captions(panel: PredictionsPanel) -> list[str]:
    model = panel.grid.digits
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def choose(qtbot: QtBot, panel: PredictionsPanel, text: str) -> None:
    """Walk to a choice of the filter by keys, as a person would."""
    panel.filter.setFocus()
    for _ in range(panel.filter.count()):
        QTest.keyClick(panel.filter, Qt.Key.Key_Up)
    for _ in range(panel.filter.findText(text)):
        QTest.keyClick(panel.filter, Qt.Key.Key_Down)
    assert panel.filter.currentText() == text


def test_it_has_its_names(panel: PredictionsPanel) -> None:
    assert panel.objectName() == "panel.predictions"
    assert panel.accessibleName() == "Predictions"
    assert panel.minimumHeight() <= 280


def test_it_says_what_will_be_here(panel: PredictionsPanel) -> None:
    assert "Choose a data set" in child(panel, EmptyState).sentence()


def test_before_training_digits_have_question_marks(panel: PredictionsPanel) -> None:
    panel.set_samples(dataset())
    assert panel.dirty
    panel.refresh()
    assert not panel.dirty
    assert panel.headline.text() == "6 test digits, not yet predicted"
    assert captions(panel)[:2] == ["3 → ?", "8 → ?"]


def test_the_headline_counts_what_is_right(predicted: PredictionsPanel) -> None:
    assert predicted.headline.text() == "4 of 6 right (66.6 %)"


def test_the_headline_separates_thousands(panel: PredictionsPanel) -> None:
    panel.set_samples(dataset([0] * 2000))
    outputs = np.tile([1.0, 0.0], (2000, 1))
    outputs[[5, 700]] = [0.0, 1.0]
    panel.set_outputs(outputs)
    panel.refresh()
    assert panel.headline.text() == "1,998 of 2,000 right (99.9 %)"


def test_outputs_are_drawn_by_refresh(predicted: PredictionsPanel) -> None:
    better = OUTPUTS.copy()
    better[4] = [0.75, 0.1]
    predicted.set_outputs(better)
    assert captions(predicted)[4] == "3 → 8  50 %"
    predicted.refresh()
    assert captions(predicted)[4] == "3  75 %"
    assert predicted.headline.text() == "5 of 6 right (83.3 %)"


@pytest.mark.parametrize(
    ("text", "samples"),
    [
        ("all", [0, 1, 2, 3, 4, 5]),
        ("wrong", [1, 4]),
        ("right", [0, 2, 3, 5]),
        ("class 3", [0, 2, 4]),
        ("class 8", [1, 3, 5]),
    ],
)
def test_the_filter_shows_a_part(
    qtbot: QtBot, predicted: PredictionsPanel, text: str, samples: list[int]
) -> None:
    choose(qtbot, predicted, text)
    assert shown(predicted) == samples


def test_the_filter_follows_the_outputs(qtbot: QtBot, predicted: PredictionsPanel) -> None:
    choose(qtbot, predicted, "wrong")
    predicted.set_outputs(OUTPUTS[:, ::-1].copy())
    predicted.refresh()
    assert shown(predicted) == [0, 2, 3, 5]


def test_no_wrong_digit_is_said_in_words(qtbot: QtBot, predicted: PredictionsPanel) -> None:
    choose(qtbot, predicted, "wrong")
    predicted.set_outputs(np.eye(2)[LABELS])
    predicted.refresh()
    said = [state.sentence() for state in predicted.findChildren(EmptyState)]
    assert "No digit is wrong." in said
    assert predicted.headline.text() == "6 of 6 right (100 %)"


def test_the_filter_stays_with_new_samples(qtbot: QtBot, predicted: PredictionsPanel) -> None:
    choose(qtbot, predicted, "class 8")
    predicted.set_samples(dataset([1, 1, 0]))
    predicted.refresh()
    assert predicted.filter.currentText() == "class 8"
    assert shown(predicted) == [0, 1]


def test_a_click_pins(qtbot: QtBot, predicted: PredictionsPanel) -> None:
    choose(qtbot, predicted, "wrong")
    rect = predicted.grid.visualRect(predicted.grid.digits.index(1))
    with qtbot.waitSignal(predicted.sample_pinned) as pinned:
        QTest.mouseClick(predicted.grid.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert pinned.args == [4]
    assert predicted.grid.digits.pinned == 4


def test_a_digit_is_pinned_from_outside_without_a_signal(
    qtbot: QtBot, panel: PredictionsPanel
) -> None:
    panel.set_samples(dataset([0] * 2000))
    with qtbot.assertNotEmitted(panel.sample_pinned):
        panel.set_pinned(1500)
    assert panel.grid.digits.pinned == 1500
    rect = panel.grid.visualRect(panel.grid.digits.index(1500))
    assert panel.grid.viewport().rect().contains(rect)
