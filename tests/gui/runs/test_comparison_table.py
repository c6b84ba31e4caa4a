"""The table of compared runs: only what differs, what came of it, and the means of repeats."""

import statistics

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.model.settings import Settings
from engine.struct_fields import fields_of
from gui.runs.comparison_table import ComparisonModel, ComparisonTable, compared
from tests.engine.runs.made_runs import made_run, with_rates
from tests.gui.showing import on_screen

BLUE = "#0072B2"
RESULTS = ("Test accuracy", "Best test loss", "Epochs done", "Time")
FAST, SLOW = made_run("fast", (0.5, 0.9), learning_rate=0.3), made_run("slow", (0.5,))


@pytest.fixture
def model(qapp: QApplication) -> ComparisonModel:
    return ComparisonModel()


def columns(model: ComparisonModel) -> list[list[str]]:
    return [
        [
            model.headerData(column, Qt.Orientation.Horizontal),
            *(model.index(row, column).data() for row in range(model.rowCount())),
        ]
        for column in range(model.columnCount())
    ]


def test_only_what_differs_has_a_row(model: ComparisonModel) -> None:
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    assert tester.model() is model
    model.set_runs(compared([(FAST, BLUE), (SLOW, BLUE)]))
    titles = [model.headerData(row, Qt.Orientation.Vertical) for row in range(model.rowCount())]
    assert titles == ["Learning rate", *RESULTS]
    assert columns(model) == [
        ["fast", "0.3", "90.00 %", "0.1000", "2", "2.0 s"],
        ["slow", "0.1", "50.00 %", "0.5000", "1", "1.0 s"],
    ]
    spoken = model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "fast: Test accuracy 90.00 %"
    assert not {field.title for field in fields_of(Settings)} & set(RESULTS)


def test_a_rate_that_was_changed_within_a_run_is_named(model: ComparisonModel) -> None:
    later = with_rates(made_run("later", (0.5, 0.6)), None, 0.01)
    model.set_runs(compared([(later, BLUE), (SLOW, BLUE)]))
    assert [row[1] for row in columns(model)] == ["0.1, then 0.01 from epoch 2", "0.1"]
    model.set_runs(compared([(made_run("new", ()), BLUE), (SLOW, BLUE)]))
    assert columns(model)[0][1:] == ["–", "–", "0", "0.0 s"], "it has no epochs"


def test_repeats_have_a_mean_in_which_each_seed_counts_once(model: ComparisonModel) -> None:
    values = (0.9, 0.93, 0.96)
    runs = [made_run(f"s{n}", (value,), seed=n) for n, value in enumerate(values)]
    again = made_run("twice", (0.1,), seed=2)
    model.set_runs(compared([(run, BLUE) for run in (*runs, again, FAST)]))
    found = columns(model)
    names = [each[0] for each in found]
    assert names == ["s0", "s1", "s2", "s0: mean of 3 seeds", "twice", "fast"]
    deviation = 100 * statistics.stdev(values)
    assert found[3][found[0].index("90.00 %")] == f"93.00 ± {deviation:.2f} %"


def test_no_column_is_too_wide(qtbot: QtBot) -> None:
    table = on_screen(qtbot, ComparisonTable(), 480, 200)
    long = made_run("a very long name " * 10, learning_rate=1.0)
    table.set_runs(compared([(FAST, BLUE), (long, BLUE)]))
    assert table.columnWidth(1) <= 26 * 8
    assert table.columnWidth(0) > table.fontMetrics().horizontalAdvance("90.00 %")
