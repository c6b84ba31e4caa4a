"""The bars of all outputs: their lengths in pixels, their numbers, their marks."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme import LIGHT
from gui.widgets.output_bars import OutputBars, OutputModel
from tests.gui.showing import on_screen

CLASSES = (3, 5, 8)
BLUE, ORANGE, GREY = (QColor(name).name() for name in (LIGHT.pinned, LIGHT.wrong, LIGHT.border))


@pytest.fixture
def bars(qtbot: QtBot) -> OutputBars:
    return on_screen(qtbot, OutputBars(), 300, 120)


def texts(bars: OutputBars, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> list[str]:
    model = bars.outputs
    return [model.data(model.index(row), role) for row in range(model.rowCount())]


def run_of(image: QImage, row: QRectF, colour: str) -> tuple[int, int]:
    """Find where a colour begins and ends on the line through a bar."""
    y = int(row.center().y())
    found = [x for x in range(image.width()) if image.pixelColor(x, y).name() == colour]
    return (found[0], found[-1] + 1) if found else (0, 0)


def picture(bars: OutputBars) -> QImage:
    return bars.viewport().grab().toImage()


def test_the_model_keeps_the_rules_of_models(qapp: QApplication) -> None:
    model = OutputModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_outputs(np.array([0.1, 0.2, 0.3]), CLASSES, None)
    model.set_outputs(np.array([0.3, 0.2, 0.3]), CLASSES, 5)
    model.set_outputs(np.empty(0), (), None)
    assert model.rowCount() == 0


def test_rows_say_class_number_and_marks(bars: OutputBars) -> None:
    bars.set_outputs(np.array([0.25, 0.9876, 0.00004]), CLASSES, 3)
    assert texts(bars) == ["✓ 3  0.250", "▸ 5  0.988", "8  0.000"]
    assert texts(bars, Qt.ItemDataRole.AccessibleTextRole) == [
        "class 3: output 0.2500, the true class",
        "class 5: output 0.9876, the predicted class",
        "class 8: output 4e−5",
    ]


def test_a_right_prediction_has_both_marks(bars: OutputBars) -> None:
    bars.set_outputs(np.array([0.25, 0.5, 0.1]), CLASSES, 5)
    assert texts(bars)[1] == "▸✓ 5  0.500"
    said = texts(bars, Qt.ItemDataRole.AccessibleTextRole)[1]
    assert said == "class 5: output 0.5000, the predicted class, which is true"


def test_bars_are_as_long_as_the_outputs(bars: OutputBars) -> None:
    bars.set_outputs(np.array([0.25, 1.0, 0.5]), CLASSES, 5)
    image = picture(bars)
    quarter, whole, half = (
        run_of(image, bars.bar_of(row), colour) for row, colour in enumerate((GREY, BLUE, GREY))
    )
    assert quarter[0] == whole[0] == half[0]
    length = whole[1] - whole[0]
    assert length > 100
    assert quarter[1] - quarter[0] == pytest.approx(length / 4, abs=1)
    assert half[1] - half[0] == pytest.approx(length / 2, abs=1)


def test_a_wrong_prediction_has_the_colour_of_mistakes(bars: OutputBars) -> None:
    bars.set_outputs(np.array([0.25, 0.9, 0.5]), CLASSES, 8)
    image = picture(bars)
    assert run_of(image, bars.bar_of(1), ORANGE)[1] > 0
    assert run_of(image, bars.bar_of(1), BLUE) == (0, 0)


def test_a_drawing_has_no_true_class_and_no_mistake(bars: OutputBars) -> None:
    bars.set_outputs(np.array([0.25, 0.9, 0.5]), CLASSES)
    assert texts(bars) == ["3  0.250", "▸ 5  0.900", "8  0.500"]
    assert run_of(picture(bars), bars.bar_of(1), BLUE)[1] > 0


def test_the_scale_goes_as_far_as_the_outputs(bars: OutputBars) -> None:
    """Outputs of -1, 0 and 3: zero stands at a quarter, and all of the width is used."""
    bars.set_outputs(np.array([-1.0, 0.0, 3.0]), CLASSES, 8)
    image = picture(bars)
    below, above = run_of(image, bars.bar_of(0), GREY), run_of(image, bars.bar_of(2), BLUE)
    assert below[1] == pytest.approx(above[0], abs=1)
    assert above[1] - above[0] == pytest.approx(3 * (below[1] - below[0]), abs=3)
    assert texts(bars) == ["3  −1.000", "5  0.000", "▸✓ 8  3.000"]


@pytest.mark.parametrize(
    ("classes", "height"), [(2, 60), (10, 130), (10, 190), (26, 320), (26, 700)]
)
def test_all_classes_are_in_view_where_there_is_room(
    bars: OutputBars, classes: int, height: int
) -> None:
    bars.resize(140, height)
    bars.set_outputs(np.linspace(0, 1, classes), tuple(range(classes)), 1)
    QApplication.processEvents()
    assert bars.viewport().rect().contains(bars.visualRect(bars.outputs.index(classes - 1)))
    assert not bars.verticalScrollBar().isVisible()


def whole_rows(bars: OutputBars) -> list[int]:
    """Return the rows in view; none of them is cut."""
    view, model = bars.viewport().rect(), bars.outputs
    rows = [
        row for row in range(model.rowCount()) if view.intersects(bars.visualRect(model.index(row)))
    ]
    assert all(view.contains(bars.visualRect(model.index(row))) for row in rows)
    return rows


@pytest.mark.parametrize("height", range(100, 300, 7))
def test_26_classes_scroll_by_whole_rows(bars: OutputBars, height: int) -> None:
    bars.resize(140, height)
    bars.set_outputs(np.linspace(1, 0, 26), tuple(range(26)), 1)
    QApplication.processEvents()
    assert bars.verticalScrollBar().maximum() > 0
    rows = whole_rows(bars)
    assert rows[0] == 0
    row_height = bars.visualRect(bars.outputs.index(0)).height()
    assert row_height >= bars.fontMetrics().capHeight() + 3
    assert bars.height() - len(rows) * row_height < row_height
    bars.verticalScrollBar().setValue(bars.verticalScrollBar().maximum())
    assert whole_rows(bars)[-1] == 25


def test_the_predicted_class_is_brought_into_view(bars: OutputBars) -> None:
    bars.resize(140, 120)
    for predicted, true in ((25, 24), (0, 2), (13, 13), (20, 3)):
        outputs = np.zeros(26)
        outputs[predicted] = 1
        bars.set_outputs(outputs, tuple(range(26)), true)
        rows = whole_rows(bars)
        assert predicted in rows
        assert (true in rows) == (abs(true - predicted) < len(rows))
    bars.resize(140, 80)
    assert 20 in whole_rows(bars)


def test_a_scrolled_view_stays_while_the_same_class_is_predicted(bars: OutputBars) -> None:
    bars.resize(140, 120)
    outputs = np.zeros(26)
    outputs[25] = 0.5
    bars.set_outputs(outputs, tuple(range(26)), 25)
    bars.verticalScrollBar().setValue(0)
    bars.set_outputs(outputs * 1.5, tuple(range(26)), 25)
    assert whole_rows(bars)[0] == 0


def test_what_is_no_number_is_said_so(bars: OutputBars) -> None:
    bars.set_outputs(np.array([np.nan, 0.5, 250.0]), CLASSES, 5)
    assert texts(bars)[0].endswith("not finite")
    assert texts(bars)[2].endswith("250.0")
    picture(bars)


def test_nothing_is_shown_without_outputs(bars: OutputBars) -> None:
    bars.set_outputs(np.array([0.25, 0.9, 0.5]), CLASSES, 8)
    bars.set_outputs(None)
    assert texts(bars) == []
