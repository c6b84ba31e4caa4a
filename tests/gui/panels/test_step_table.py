"""The numbers of one step, block by block, as they are when a moment of a run is looked at."""

import math

import numpy as np
from pytestqt.qtbot import QtBot

from engine.compute.histogram import count_values
from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.training.step_statistics import BlockNorms, Norms, StepStatistics
from gui.panels.gradients import StepTable

SOME = count_values(np.arange(4.0))
HEALTH = UnitHealth(
    3.0,
    64,
    (
        BlockHealth(1, 1, "Conv 5, 3×3", "Convolution", SOME),
        BlockHealth(2, 2, "Sigmoid", "Activation", SOME, saturated=np.array([True, False])),
        BlockHealth(3, 3, "Reshape", "Shape", SOME),
        BlockHealth(4, 4, "Dense 2", "Dense", SOME),
    ),
)


def step(gradient: float) -> StepStatistics:
    return StepStatistics(
        (
            BlockNorms(1, 1, "Conv 5, 3×3", "Convolution", {"weight": Norms(gradient, 3.0, 0.006)}),
            BlockNorms(
                4,
                4,
                "Dense 2",
                "Dense",
                {"weight": Norms(3.0, 4.0, 0.0), "bias": Norms(4.0, 3.0, 0.0)},
            ),
        ),
        0.0,
    )


def texts(table: StepTable) -> list[list[str]]:
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [[item.text(column) for column in range(5)] for item in items if item is not None]


def shown(qtbot: QtBot, width: int) -> StepTable:
    table = StepTable()
    qtbot.addWidget(table)
    table.resize(width, 200)
    table.show()
    return table


def test_a_row_for_what_learns_or_can_be_stuck(qtbot: QtBot) -> None:
    table = shown(qtbot, 500)
    table.show_step(step(0.25), HEALTH)
    assert texts(table) == [
        ["1 Conv 5", "0.25", "3.0", "0.0020", ""],
        ["2 Sigmoid", "", "", "", "50.0 %"],
        ["4 Dense 2", "5.0", "5.0", "0", ""],
    ]


def test_what_is_locked_has_no_gradient(qtbot: QtBot) -> None:
    table = shown(qtbot, 500)
    table.show_step(step(math.nan), HEALTH)
    assert texts(table)[0][1] == "–"


def test_without_a_step_only_units_are_told_of(qtbot: QtBot) -> None:
    table = shown(qtbot, 500)
    table.show_step(None, HEALTH)
    assert texts(table) == [["2 Sigmoid", "", "", "", "50.0 %"]]


def test_in_a_narrow_one_the_names_have_the_room_of_the_weights(qtbot: QtBot) -> None:
    table = shown(qtbot, 260)
    table.show_step(step(0.25), HEALTH)
    assert table.isColumnHidden(2)
    table.resize(500, 200)
    assert not table.isColumnHidden(2)
