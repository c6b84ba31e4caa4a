"""Colours by which runs are told apart."""

import pytest
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.runs.run_form import RUN_COLOURS
from gui.runs.compared_runs import compared
from gui.runs.comparison_curves import ComparisonCurves
from gui.runs.comparison_table import ComparisonTable
from gui.runs.run_colours import SWATCH, colour_of
from gui.runs.run_list import RunList
from gui.runs.run_rows import RunRow
from gui.theme import DARK, LIGHT, Colours, palette_for
from tests.engine.runs.made_runs import made_run
from tests.gui.runs.made_rows import clock, run
from tests.gui.showing import on_screen

COUNT = 6  # of colours that runs get by themselves
THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
NAMES = st.text(st.characters(blacklist_characters="/.", min_codepoint=33), min_size=1, max_size=9)


def test_a_chosen_colour_counts_and_an_odd_one_does_not() -> None:
    assert colour_of(run(colour="#123456", number=3)) == "#123456"
    assert colour_of(run(colour="red; url(x)", number=3)) == colour_of(run(number=3))


@pytest.mark.parametrize("colour", RUN_COLOURS.values(), ids=list(RUN_COLOURS))
@THEMES
def test_list_table_and_curves_have_one_colour(qtbot: QtBot, colour: str, colours: Colours) -> None:
    one, other = made_run("one", (0.6, 0.7)), made_run("other", (0.8, 0.9), batch_size=2)
    given = compared([(one, colour), (other, colour)])
    runs = on_screen(qtbot, RunList(clock), 480, 200)
    table = on_screen(qtbot, ComparisonTable(), 480, 200)
    curves = on_screen(qtbot, ComparisonCurves(), 520, 320)
    for widget in runs, table, curves:
        widget.setPalette(palette_for(colours))
    runs.runs.show_rows([RunRow(one, colour, ())])
    table.set_runs(given)
    curves.set_runs(given)
    curves.draw()
    across, role = Qt.Orientation.Horizontal, Qt.ItemDataRole.DecorationRole
    icons = (table.compared.headerData(run, across, role) for run in range(2))
    middle = SWATCH // 2
    shown, other_shade = (
        icon.pixmap(SWATCH, SWATCH).toImage().pixelColor(middle, middle) for icon in icons
    )
    places = runs._delegate.places(runs.visualRect(runs.runs.index(0)))
    dot = places.lanes.center()
    assert runs.grab().toImage().pixelColor(dot).name() == shown.name()
    drawn = [held.curve.colour(colours).name() for held in curves.plot()._held.values()]
    assert drawn == [shown.name(), other_shade.name()]
