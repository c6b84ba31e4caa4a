"""The table of compared runs: only what differs, what came of it, and the means of repeats."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.model.settings import Settings
from engine.runs.run_folder import Run
from engine.struct_fields import fields_of
from gui.runs.comparison_table import ComparisonModel, ComparisonTable, compared
from tests.approved import assert_approved
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


def repeats() -> Iterator[Run]:
    """Give runs of three seeds, with another of the last of them."""
    for place, (accuracy, seed) in enumerate(((0.9, 0), (0.93, 1), (0.96, 2), (0.1, 2))):
        yield made_run(f"s{place}", (accuracy,), seed=seed)


CASES: dict[str, tuple[Run, ...]] = {
    "two rates": (FAST, SLOW),
    "a rate that was changed within a run": (
        with_rates(made_run("later", (0.5, 0.6)), None, 0.01),
        SLOW,
    ),
    "a run without an epoch": (made_run("new", ()), SLOW),
    "repeats": (*repeats(), FAST),
}


def test_only_what_differs_has_a_row_and_each_seed_counts_once(model: ComparisonModel) -> None:
    """Of 90, 93 and 96 % the deviation is 3 %."""
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    said = list[str]()
    for title, runs in CASES.items():
        model.set_runs(compared([(run, BLUE) for run in runs]))
        heads = (model.headerData(n, Qt.Orientation.Vertical) for n in range(model.rowCount()))
        said += [f"# {title}", " | ".join(["", *heads]), *map(" | ".join, columns(model))]
        said.append(model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert_approved("run_table.txt", "\n".join(said) + "\n")
    assert not {field.title for field in fields_of(Settings)} & set(RESULTS)


def test_no_column_is_too_wide(qtbot: QtBot) -> None:
    table = on_screen(qtbot, ComparisonTable(), 480, 200)
    long = made_run("a very long name " * 10, learning_rate=1.0)
    table.set_runs(compared([(FAST, BLUE), (long, BLUE)]))
    assert table.columnWidth(1) <= 26 * 8
    assert table.columnWidth(0) > table.fontMetrics().horizontalAdvance("90.00 %")
