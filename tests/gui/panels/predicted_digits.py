"""Six digits of which four are right, for the tests of the panel Predictions."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from engine.data.dataset import Dataset
from gui.panels.predictions import PredictionsPanel

# Six samples of the digits 3 and 8; two are told wrong: number 1 and number 4.
LABELS = [0, 1, 0, 1, 0, 1]
OUTPUTS = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.1, 0.6], [0.4, 0.5], [0.0, 1.0]])


def dataset(labels: list[int] = LABELS) -> Dataset:
    images = np.zeros((len(labels), 1, 28, 28), dtype=np.uint8)
    images[:, 0, 0, 0] = np.arange(len(labels))
    return Dataset(images, np.array(labels), (3, 8), "the test")


def shown(panel: PredictionsPanel) -> list[int]:
    model = panel.grid.samples
    return [
        model.data(model.index(row), Qt.ItemDataRole.UserRole) for row in range(model.rowCount())
    ]


def choose(panel: PredictionsPanel, box: QComboBox, text: str) -> None:
    """Walk to a choice of the filter by keys, as a person would."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findText(text)):
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == text
