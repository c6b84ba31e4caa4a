"""The filter of digits against a plain loop, and its row of controls."""

from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.predictions.panel import FilterRow, SampleFilter, Verdict
from gui.widgets.prediction_model import PredictionModel
from tests.gui.showing import on_screen

CLASSES = ("1", "4", "7")
DICE = np.random.default_rng(7)
LABELS = DICE.integers(0, 3, 60)
OUTPUTS = DICE.random((60, 3))
VERDICTS: tuple[Verdict, ...] = ("all", "wrong", "right")


@pytest.fixture
def digits(qapp: QApplication) -> PredictionModel:
    made = PredictionModel()
    made.set_samples(np.zeros((60, 1, 28, 28), dtype=np.uint8), LABELS, CLASSES)
    made.set_outputs(OUTPUTS)
    return made


def expected(wanted: SampleFilter) -> list[int]:
    """Go through all samples, as one would by hand."""
    found = []
    for sample in range(60):
        outputs = OUTPUTS[sample].tolist()
        said, true = outputs.index(max(outputs)), int(LABELS[sample])
        if wanted.verdict == "wrong" and said == true:
            continue
        if wanted.verdict == "right" and said != true:
            continue
        if wanted.true not in (None, true) or wanted.predicted not in (None, said):
            continue
        found.append(sample)
    return found


def test_all_conditions_hold_together(digits: PredictionModel) -> None:
    for verdict, true, predicted in product(VERDICTS, (None, 0, 2), (None, 1)):
        wanted = SampleFilter(verdict, true, predicted)
        assert wanted.rows(digits).tolist() == expected(wanted), wanted


def test_a_filter_and_that_it_lets_nothing_through_are_said() -> None:
    assert SampleFilter("wrong", 0, 2).describe(CLASSES) == "wrong, true 1, predicted 7"
    for wanted, words in (
        (SampleFilter(true=2, predicted=0, hardest_first=True), "No 7 was taken for a 1."),
        (SampleFilter(true=2, predicted=2), "No image is true 7, predicted 7."),
        (SampleFilter(verdict="wrong"), "No image is wrong."),
    ):
        assert wanted.none_words(CLASSES).startswith(words)


@pytest.fixture
def row(qtbot: QtBot) -> FilterRow:
    made = FilterRow()
    made.set_classes(CLASSES)
    return on_screen(qtbot, made, 484, 60)


def test_it_is_set_by_keys(qtbot: QtBot, row: FilterRow) -> None:
    row.verdict.setFocus()
    with qtbot.waitSignal(row.changed):
        QTest.keyClick(row.verdict, Qt.Key.Key_Down)
    QTest.keyClick(row.true, Qt.Key.Key_Down)
    QTest.keyClick(row.predicted, Qt.Key.Key_End)
    QTest.keyClick(row.order, Qt.Key.Key_Down)
    assert row.filter() == SampleFilter("wrong", 0, 2, hardest_first=True)
