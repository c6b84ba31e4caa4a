"""Colours by which runs are told apart."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.runs.comparison_table import ComparedRun, ComparisonTable, compared
from gui.runs.comparison_view import ComparisonCurves
from gui.runs.run_colours import RUN_COLOURS, SWATCH, colour_of, run_colour
from gui.runs.run_model import RunModel
from gui.runs.run_rows import RunRow
from gui.theme import DARK, LIGHT, Colours, contrast, palette_for
from tests.engine.runs.made_runs import made_run
from tests.gui.runs.made_rows import rows, run
from tests.gui.showing import on_screen

THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def test_eight_runs_in_a_row_have_eight_colours_that_stay_as_others_go() -> None:
    found = [row.colour for row in rows(*(run(str(n), number=n) for n in range(3, 11)))]
    assert set(found) == set(RUN_COLOURS)
    assert [row.colour for row in rows(run("9", number=9), run("4", number=4))] == [
        found[6],
        found[1],
    ]


def test_runs_without_a_number_have_all_colours() -> None:
    """As those of other programs; which one follows from the name of the folder."""
    found = [colour_of(run(f"run {number}")) for number in range(100)]
    assert set(found) == set(RUN_COLOURS)


@THEMES
def test_every_colour_is_seen_in_panels_and_lists(colours: Colours) -> None:
    for colour in (*RUN_COLOURS, "#ffffff", "#000000"):
        for ground in QColor(colours.window), QColor(colours.base):
            assert contrast(run_colour(colour, colours), ground) >= 3


def colours_of(
    qtbot: QtBot, given: tuple[ComparedRun, ...], colours: Colours
) -> tuple[list[str], list[str]]:
    """Return the colours of the columns of the table, and those of the curves."""
    table = on_screen(qtbot, ComparisonTable(), 480, 200)
    curves = on_screen(qtbot, ComparisonCurves(), 520, 320)
    for widget in table, curves:
        widget.setPalette(palette_for(colours))
        widget.set_runs(given)
    curves.draw()
    across, role = Qt.Orientation.Horizontal, Qt.ItemDataRole.DecorationRole
    heads = [
        table.compared.headerData(column, across, role)
        for column in range(table.compared.columnCount())
    ]
    images = [head.pixmap(SWATCH, SWATCH).toImage() for head in heads]
    return (
        [image.pixelColor(SWATCH // 2, SWATCH // 2).name() for image in images],
        [held.curve.colour(colours).name() for held in curves.plot()._held.values()],
    )


@pytest.mark.parametrize(("colour", "colours"), [(RUN_COLOURS[5], LIGHT), ("#000000", DARK)])
def test_list_table_and_curves_have_one_colour(qtbot: QtBot, colour: str, colours: Colours) -> None:
    one, other = made_run("one", (0.6, 0.7)), made_run("other", (0.8, 0.9), batch_size=2)
    heads, drawn = colours_of(qtbot, compared([(one, colour), (other, colour)]), colours)
    assert heads == drawn
    model, before = RunModel(), QApplication.palette()
    model.show_rows([RunRow(one, colour, ())])
    QApplication.setPalette(palette_for(colours))
    try:
        icon = model.index(0, 0).data(Qt.ItemDataRole.DecorationRole)
    finally:
        QApplication.setPalette(before)
    assert icon.pixmap(SWATCH, SWATCH).toImage().pixelColor(7, 7).name() == heads[0]


def test_the_mean_of_repeats_has_a_colour_of_its_own_in_curve_and_table(qtbot: QtBot) -> None:
    repeats = [made_run(str(seed), (0.6, 0.7), seed=seed) for seed in range(3)]
    given = compared([(run, RUN_COLOURS[n]) for n, run in enumerate(repeats)])
    heads, drawn = colours_of(qtbot, given, LIGHT)
    assert len(set(heads)) == 4
    assert drawn == heads[3:]


@THEMES
def test_runs_of_one_colour_have_other_shades(colours: Colours) -> None:
    shades = {run_colour(RUN_COLOURS[5], colours, shade).name() for shade in range(3)}
    assert len(shades) == 3
