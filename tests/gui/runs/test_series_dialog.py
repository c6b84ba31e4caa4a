"""The dialog of series shows each choice of a setting, at any width."""

import pytest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from engine.model.project import Project
from engine.runs.suggested_values import fields_to_try
from gui.runs.series_dialog import SeriesDialog
from tests.engine.runs.made_runs import STACK
from tests.gui.showing import on_screen

CHOICES = [each for each in fields_to_try() if each.kind in ("choice", "bool")]


@pytest.mark.parametrize("width", [300, 420, 700, 1400])
def test_all_choices_of_a_setting_are_seen(qtbot: QtBot, width: int) -> None:
    made = SeriesDialog(lambda: Project(STACK), lambda: None)
    made.attempt.setChecked(True)
    dialog = on_screen(qtbot, made, width, 400)
    dialog.renew()
    for field in CHOICES:
        dialog.setting.setCurrentText(field.title)
        ticks = dialog.values.findChildren(QCheckBox)
        shown = [each for each in ticks if not each.isHidden()]
        assert len(shown) >= 2
        qtbot.waitUntil(
            lambda shown=shown: all(  # type: ignore[misc]
                each.visibleRegion().boundingRect() == each.rect() for each in shown
            ),
            timeout=2_000,
        )
