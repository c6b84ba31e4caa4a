"""The dialog of series: what it takes of what is given, and that each choice is seen."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from engine.model.project import Project
from engine.model.templates import notebook
from engine.runs.series import MOST_RUNS, Series
from gui.runs.series_dialog import SeriesDialog
from tests.engine.runs.made_runs import STACK
from tests.gui.hands import type_into
from tests.gui.showing import on_screen


@pytest.mark.parametrize(("typed", "said"), [("100", "100 runs with seeds 0 to 99, "), ("400", "")])
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
        needed = int(typed) * (1 if box is dialog.runs else 3)
        assert dialog.start.isEnabled() == (needed <= MOST_RUNS)
        assert dialog.problem.isVisible() == (needed > MOST_RUNS)
        assert f"not {needed}." in dialog.problem.text() or needed <= MOST_RUNS


def test_values_of_a_setting_are_tried_if_they_make_a_series_of_a_network_that_fits(
    qtbot: QtBot,
) -> None:
    project, wanted = notebook(), list[Series]()
    dialog = on_screen(qtbot, SeriesDialog(lambda: project, wanted.append), 460, 400)
    dialog.open()
    assert not dialog.values.isEnabled()
    dialog.attempt.click()
    assert (dialog.values.isEnabled(), dialog.runs.isEnabled()) == (True, False)
    dialog.setting.setCurrentText("Loss")
    words = dialog.values.text()
    assert words == "Binary cross-entropy; Mean squared error"
    assert dialog.start.isEnabled()
    dialog.values.setText(words.lower())
    assert dialog.start.isEnabled()
    dialog.values.setText(f"{words}; hinge")
    assert dialog.problem.text().startswith("“hinge” is none of its values: ")
    dialog.values.setText(f"{words}; Categorical cross-entropy")
    assert not dialog.start.isEnabled()
    assert dialog.problem.text().startswith("Block 7 (Sigmoid) gives")
    dialog.setting.setCurrentText("Learning rate")
    line = dialog.values
    assert line.text() == "0.03; 0.1; 0.3"
    line.setText("0.1; x")
    problem = "“x” is no number. Write numbers with semicolons between them."
    assert dialog.problem.text() == problem
    assert not dialog.start.isEnabled()
    line.setText("0.05; 0,5")
    dialog.close()
    project = replace(project, stack=project.stack.removed(project.stack.slots[-1].id))
    dialog.open()
    assert not dialog.start.isEnabled()
    assert dialog.problem.text()
    dialog.close()
    project = notebook()
    dialog.open()
    assert line.text() == "0.05; 0,5"
    dialog.start.click()
    assert not dialog.isVisible()
    ((first, second),) = [series.settings for series in wanted]
    assert (first.learning_rate, second.learning_rate) == (0.05, 0.5)
