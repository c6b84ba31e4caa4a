"""The table of compared runs: only what differs, what came of it, and the means of repeats."""

import statistics
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from engine.model.settings import Settings
from engine.struct_fields import fields_of
from gui.runs.compared_runs import compared
from gui.runs.comparison_model import RESULTS, ComparisonModel
from gui.runs.comparison_names import ComparisonNames
from gui.runs.comparison_table import ComparisonTable
from tests.engine.runs.made_runs import made_run, with_rates
from tests.gui.showing import on_screen

BLUE = "#0072B2"
FAST, SLOW = made_run("fast", (0.5, 0.9), learning_rate=0.3), made_run("slow", (0.5,))


def cells(model: ComparisonModel) -> list[list[str]]:
    columns = range(model.columnCount())
    return [
        [model.index(row, column).data() for column in columns] for row in range(model.rowCount())
    ]


def test_the_model_keeps_the_rules_of_models(qapp: QApplication) -> None:
    model = ComparisonModel()
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    model.set_runs(compared([(FAST, BLUE), (SLOW, BLUE)]))
    assert tester.model() is model


def test_only_what_differs_has_a_column(qapp: QApplication) -> None:
    model = ComparisonModel()
    model.set_runs(compared([(FAST, BLUE), (SLOW, BLUE)]))
    results = ("Test accuracy", "Best test loss", "Epochs done", "Time")
    assert model.head == ("Run", "Learning rate", *results)
    assert cells(model) == [
        ["fast", "0.3", "90.00 %", "0.1000", "2", "2.0 s"],
        ["slow", "0.1", "50.00 %", "0.5000", "1", "1.0 s"],
    ]


def test_a_rate_that_was_changed_within_a_run_is_named(qapp: QApplication) -> None:
    model, later = ComparisonModel(), with_rates(made_run("later", (0.5, 0.6)), None, 0.01)
    model.set_runs(compared([(later, BLUE), (SLOW, BLUE)]))
    assert model.head[1] == "Learning rate"
    assert [row[1] for row in cells(model)] == ["0.1, then 0.01 from epoch 2", "0.1"]


def test_what_came_of_a_run_is_called_as_no_setting_is(qapp: QApplication) -> None:
    model = ComparisonModel()
    longer = made_run("long", (0.5,), epochs=2_000)
    model.set_runs(compared([(longer, BLUE), (SLOW, BLUE)]))
    assert model.head[1:] == ("Epochs", "Test accuracy", "Best test loss", "Epochs done", "Time")
    assert [row[1] for row in cells(model)] == ["2,000", "20"]
    assert not {field.title for field in fields_of(Settings)} & set(RESULTS)


def test_repeats_have_a_row_with_mean_and_deviation(qapp: QApplication) -> None:
    values = (0.9, 0.93, 0.96)
    runs = [made_run(f"s{n}", (value,), seed=n) for n, value in enumerate(values)]
    model = ComparisonModel()
    model.set_runs(compared([(run, BLUE) for run in (*runs, FAST)]))
    rows = cells(model)
    assert [row[0] for row in rows] == ["s0", "s1", "s2", "s0: mean of 3 seeds", "fast"]
    deviation = 100 * statistics.stdev(values)
    assert rows[3][rows[0].index("90.00 %")] == f"93.00 ± {deviation:.2f} %"
    tip = model.index(3, rows[0].index("90.00 %")).data(Qt.ItemDataRole.ToolTipRole)
    assert "3 runs, from 90.00 % to 96.00 %" in tip


def test_a_seed_that_was_trained_twice_counts_once_in_the_mean(qapp: QApplication) -> None:
    values, seeds = (0.9, 0.9, 0.96), (0, 0, 1)
    runs = [
        made_run(f"s{n}", (value,), seed=seed)
        for n, (value, seed) in enumerate(zip(values, seeds, strict=True))
    ]
    model = ComparisonModel()
    model.set_runs(compared([(run, BLUE) for run in runs]))
    rows = cells(model)
    assert [row[0] for row in rows] == [
        "s0",
        "s2",
        "s0: mean of 2 seeds (seed 0 counts once)",
        "s1",
    ]
    assert rows[2][model.head.index("Test accuracy")].startswith("93.00 ± ")


def test_a_run_without_epochs_has_dashes(qapp: QApplication) -> None:
    model = ComparisonModel()
    model.set_runs(compared([(made_run("new", ()), BLUE), (SLOW, BLUE)]))
    assert cells(model)[0][1:] == ["–", "–", "0", "0.0 s"]


@pytest.fixture
def table(qtbot: QtBot) -> ComparisonTable:
    made = on_screen(qtbot, ComparisonTable(), 480, 200)
    made.set_runs(compared([(FAST, BLUE), (SLOW, BLUE)]))
    return made


def test_the_table_is_copied_for_a_spreadsheet(table: ComparisonTable) -> None:
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0].startswith("Run\tLearning rate\t")
    assert lines[1].startswith("fast\t0.3\t90.00 %")


def test_no_column_is_wider_than_its_limit(table: ComparisonTable) -> None:
    long = made_run("a very long name " * 10, learning_rate=1.0)
    table.set_runs(compared([(long, BLUE), (SLOW, BLUE)]))
    assert table.columnWidth(0) <= 26 * 8
    assert table.columnWidth(1) > table.fontMetrics().horizontalAdvance("Learning rate")


@pytest.mark.parametrize("is_turned", [False, True])
def test_what_is_wide_is_shown_whole_where_there_is_room(qtbot: QtBot, is_turned: bool) -> None:
    name = "a long name that says all that was tried in it"
    changes: dict[str, Any] = {"batch_size": 64, "optimizer": "adam", "momentum": 0.9, "seed": 7}
    long = made_run(name, learning_rate=1.0, **(changes if is_turned else {}))
    table = on_screen(qtbot, ComparisonTable(), 700, 200)
    table.set_runs(compared([(long, BLUE), (SLOW, BLUE)]))
    assert (table.model().columnCount() == 2) == is_turned
    whole = table.fontMetrics().horizontalAdvance(name) + table.iconSize().width()
    assert table.columnWidth(0) >= whole > 26 * 8
    assert not table.horizontalScrollBar().maximum()
    table.setColumnWidth(0, 150)
    table.resize(720, 200)
    assert is_turned or table.columnWidth(0) == 150, "as the user has it"


def test_where_many_things_differ_the_runs_stand_side_by_side_and_nothing_scrolls_sideways(
    qtbot: QtBot,
) -> None:
    table = on_screen(qtbot, ComparisonTable(), 352, 140)
    changes: dict[str, Any] = {"batch_size": 64, "optimizer": "adam", "momentum": 0.9, "seed": 7}
    other = made_run("a name of many words", (0.7, 0.8), learning_rate=0.3, **changes)
    last = made_run("last", (0.4,), learning_rate=0.01)
    table.set_runs(compared([(run, BLUE) for run in (SLOW, other, FAST, last)]))
    assert table.model().columnCount() == 4
    titles = [
        table.model().headerData(row, Qt.Orientation.Vertical)
        for row in range(table.model().rowCount())
    ]
    assert titles == list(table.compared.head)
    assert not table.horizontalScrollBar().maximum()
    taken = sum(table.columnWidth(column) for column in range(4))
    assert table.viewport().width() - taken < 4, "there is room for more of the names"
    assert [table.model().index(0, column).data() for column in (1, 2)] == [
        row.texts[0] for row in table.compared.rows[1:3]
    ]
    tip = table.model().index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert "a name of many words" in tip  # what is cut off
    table.resize(1200, 140)
    assert table.model() is table.compared
    assert not table.verticalHeader().isVisible()
    assert not table.horizontalScrollBar().maximum()
    table.resize(352, 140)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("Run\t")


def test_of_very_many_runs_the_numbers_are_read(qtbot: QtBot) -> None:
    table = on_screen(qtbot, ComparisonTable(), 328, 140)
    runs = [made_run(f"Run {n}", batch_size=n, learning_rate=n / 100) for n in range(1, 13)]
    table.set_runs(compared([(run, BLUE) for run in runs]))
    assert table.model().columnCount() == 12
    room = table.columnWidth(11) - table.iconSize().width()
    assert room > table.fontMetrics().horizontalAdvance("Run 12")
    table.set_runs(compared([(FAST, BLUE), (SLOW, BLUE)]))
    assert table.model().columnCount() == 2, "the runs stand side by side"
    assert not table.horizontalScrollBar().maximum()


def test_however_narrow_what_came_of_runs_is_read_whole(qtbot: QtBot) -> None:
    table = on_screen(qtbot, ComparisonTable(), 328, 140)
    names = [f"a name of many words, {n}" for n in (1, 2)]
    runs = [made_run(name, (0.8 + n / 1000,), seed=n) for n, name in enumerate(names)]
    table.set_runs(compared([(run, BLUE) for run in runs]))
    assert table.model().columnCount() == 3, "the runs stand side by side"
    mean = table.compared.rows[2]
    assert mean.texts[2] == "80.05 ± 0.07 %"
    bold = QFontMetrics(table.compared.index(2, 2).data(Qt.ItemDataRole.FontRole))
    for text in mean.texts[-4:]:
        assert bold.horizontalAdvance(text) < table.columnWidth(2)
    assert bold.horizontalAdvance(mean.texts[0]) > table.columnWidth(2), "its name is cut"


def test_names_that_are_cut_are_told_apart(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    written = ComparisonNames._written

    def noted(self: ComparisonNames, option: QStyleOptionViewItem, style: QStyle) -> str:
        drawn.append(written(self, option, style))
        return drawn[-1]

    monkeypatch.setattr(ComparisonNames, "_written", noted)
    table = on_screen(qtbot, ComparisonTable(), 480, 200)
    names = [f"seeds, {word} first, smoothed" for word in ("wide", "narrow", "deep", "flat")]
    runs = [made_run(name, batch_size=n, learning_rate=n / 9) for n, name in enumerate(names, 1)]
    table.set_runs(compared([(run, BLUE) for run in runs]))
    drawn.clear()
    table.grab()
    assert len(set(drawn)) == 4
    assert not set(drawn) & set(names), "there is no room for all of them"
    table.resize(328, 200)
    assert table.horizontalScrollBar().maximum(), "there is no room for any of the names"
    assert table.columnWidth(0) > table.fontMetrics().horizontalAdvance("seeds, wide first")
