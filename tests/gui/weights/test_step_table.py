"""The numbers of one step, block by block, as they are when a moment of a run is looked at."""

import math

import numpy as np
from pytestqt.qtbot import QtBot

from engine.compute.histogram import count_values
from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.training.step_statistics import BlockNorms, Norms, StepStatistics
from gui.weights.gradients import StepTable
from tests.gui.showing import on_screen

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
    conv = {"weight": Norms(gradient, 3.0, 0.006)}
    dense = {"weight": Norms(3.0, 4.0, 0.0), "bias": Norms(4.0, 3.0, 0.0)}
    return StepStatistics(
        (
            BlockNorms(1, 1, "Conv 5, 3×3", "Convolution", conv),
            BlockNorms(4, 4, "Dense 2", "Dense", dense),
        ),
        0.0,
    )


def texts(table: StepTable) -> list[list[str]]:
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [[item.text(column) for column in range(5)] for item in items if item is not None]


def test_a_row_for_what_learns_or_can_be_stuck(qtbot: QtBot) -> None:
    table = on_screen(qtbot, StepTable(), 500, 200)
    table.show_step(step(0.25), HEALTH)
    stuck = ["2 Sigmoid", "", "", "", "50.0 %"]
    assert texts(table) == [
        ["1 Conv 5", "0.25", "3.0", "0.0020", ""],
        stuck,
        ["4 Dense 2", "5.0", "5.0", "0", ""],
    ]
    table.show_step(step(math.nan), HEALTH)
    assert texts(table)[0][1] == "–", "what is locked has no gradient"
    table.show_step(None, HEALTH)
    assert texts(table) == [stuck]
    table.show_step(step(0.25), HEALTH)
    for width in (260, 500):  # where it is narrow the names have the room of the weights
        table.resize(width, 200)
        assert table.isColumnHidden(2) == (width == 260)
