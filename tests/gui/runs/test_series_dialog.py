"""The dialog of series shows each choice of a setting, at any width."""

import pytest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from engine.model.project import Project
from engine.runs.series import MOST_RUNS, fields_to_try
from gui.runs.series_dialog import SeriesDialog
from tests.engine.runs.made_runs import STACK
from tests.gui.hands import type_into
from tests.gui.showing import on_screen

CHOICES = [each for each in fields_to_try() if each.kind in ("choice", "bool")]


@pytest.mark.parametrize(
    ("typed", "said"),
    [("40", "40 runs with seeds 0 to 39, "), ("100", "100 runs with "), ("101", ""), ("400", "")],
)
def test_a_number_of_seeds_is_taken_as_it_is_typed_or_said_to_be_too_large(
    qtbot: QtBot, typed: str, said: str
) -> None:
    dialog = on_screen(qtbot, SeriesDialog(lambda: Project(STACK), print), 460, 400)
    dialog.open()
    for box, choice in ((dialog.runs, dialog.repeat), (dialog.seeds, dialog.attempt)):
        choice.setChecked(True)
        type_into(box, typed, enter=False)
        assert box.text() == typed
        if box is dialog.runs:
            assert dialog.summary.text().startswith(said)
        needed = int(typed) * (1 if box is dialog.runs else len(dialog.values.values()))
        assert dialog.start.isEnabled() == (needed <= MOST_RUNS)
        assert dialog.problem.isVisible() == (needed > MOST_RUNS)
        assert f"not {needed}." in dialog.problem.text() or needed <= MOST_RUNS


@pytest.mark.parametrize("width", [300, 420, 700, 1400])
def test_all_choices_of_a_setting_are_seen(qtbot: QtBot, width: int) -> None:
    made = SeriesDialog(lambda: Project(STACK), print)
    made.attempt.setChecked(True)
    dialog = on_screen(qtbot, made, width, 400)
    dialog.open()
    for field in CHOICES:
        dialog.setting.setCurrentText(field.title)
        ticks = dialog.values.findChildren(QCheckBox)
        shown = [each for each in ticks if not each.isHidden()]
        assert len(shown) >= 2
        qtbot.waitUntil(
            lambda shown=shown: all(  # type: ignore[misc]
                each.visibleRegion().boundingRect() == each.rect() for each in shown
            )
        )
