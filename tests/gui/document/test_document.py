"""The document: its report, its signals, what was learned, and its end."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.model.project import Project
from engine.model.templates import digits, notebook
from engine.model.weights import Weights, initial_weights
from gui.document.document import Document
from gui.document.edits import Edits


def test_the_report_follows_options_and_settings(
    document: Document, edits: Edits, qtbot: QtBot
) -> None:
    assert document.report.problem is None
    with qtbot.waitSignal(document.report_changed):
        edits.change_setting("classes", (0, 1, 2))
    assert document.report.problem is not None
    assert "3 classes need a vector of 3" in document.report.problem.text
    with qtbot.waitSignal(document.report_changed):
        edits.change_option(6, "units", 3)
    assert document.report.problem is None
    with qtbot.assertNotEmitted(document.report_changed):
        edits.change_setting("epochs", 2)


def test_modified_follows_undo_saving_and_training(
    document: Document, edits: Edits, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(document.modified_changed) as changed:
        edits.change_option(1, "depth", 6)
    assert changed.args == [True]
    edits.undo()
    assert not document.modified
    document.keep_learned({4: {"bias": np.zeros(100, np.float32)}}, 1)
    assert document.modified
    with qtbot.waitSignals([document.modified_changed, document.path_changed]):
        document.mark_saved(Path("net.layerscope"))
    assert not document.modified
    assert document.path == Path("net.layerscope")


def learned(document: Document) -> Weights:
    return initial_weights(document.report, 0, "lecun")


def test_a_replaced_project_starts_clean(document: Document, edits: Edits, qtbot: QtBot) -> None:
    document.keep_learned(learned(document), 3)
    document.select(1)
    edits.delete()
    document.set_locked(True)
    expected = digits()
    with qtbot.waitSignals(
        [document.project_replaced, document.stack_changed, document.locked_changed]
    ):
        document.replace_project(expected, Path("d.layerscope"))
    assert document.project() == expected
    assert (document.selected, document.modified, document.locked) == (None, False, False)
    assert not document.undo_stack.canUndo()
    assert document.path == Path("d.layerscope")


def test_a_replaced_project_brings_its_weights(document: Document) -> None:
    weights = learned(document)
    document.replace_project(Project(notebook().stack, weights=weights, trained_epochs=2), None)
    assert document.project().weights.keys() == {1, 4, 6}
    assert document.trained_epochs == 2


COLLECTED = """
import gc
from PySide6.QtCore import QObject
from engine.model.templates import notebook
from gui.document.document import Document
from gui.document.edits import Edits

for _ in range(20):
    owner = QObject() if {owned} else None
    document = Document(notebook(), owner)
    document.circle = [document, owner]  # so that only the garbage collector takes them
    for _ in range(9):
        Edits(document).add("conv")
    del document, owner
gc.collect()
print("alive")
"""


@pytest.mark.parametrize("owned", [True, False])
def test_the_garbage_collector_may_take_a_document_with_undo_steps(owned: bool) -> None:
    # In a process of its own: PySide6 before 6.12 ended it with a segmentation fault.
    code = COLLECTED.format(owned=owned)
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (child.stdout, child.stderr, child.returncode) == ("alive\n", "", 0)
