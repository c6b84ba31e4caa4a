"""The document: its report, its signals, what was learned, and its end."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from engine.model.templates import digits
from engine.model.weights import Weights, initial_weights
from gui.document.document import Document
from gui.document.edits import Edits


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
