"""The inspector: what it shows of a block, and that it edits the block that it shows."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QSpinBox

from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.inspector import Inspector
from gui.editor.network_panel import NetworkPanel
from tests.gui.finding import named


def fact(panel: NetworkPanel | Inspector, name: str) -> str:
    found = named(panel, QLabel, f"inspector.{name}")
    return found.text()


def spin(panel: NetworkPanel, name: str) -> QSpinBox:
    found = panel.findChildren(QSpinBox, f"option.{name}")
    assert len(found) == 1
    return found[0]


def visible_texts(panel: NetworkPanel | Inspector) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_a_target_shape_is_typed(document: Document, panel: NetworkPanel) -> None:
    document.select(3)
    target = named(panel, QLineEdit, "option.target_shape")
    target.setFocus()
    target.selectAll()
    QTest.keyClicks(target, "5x676")
    QTest.keyClick(target, Qt.Key.Key_Return)
    assert fact(panel, "output") == "5×676"
    target.selectAll()
    QTest.keyClicks(target, "0")
    QTest.keyClick(target, Qt.Key.Key_Return)
    assert document.stack.slots[2].block.summary() == "Reshape to 5×676"
    texts = visible_texts(panel)
    assert "Target shape needs sizes of at least 1; one of them may be -1." in texts


def test_training_shows_the_option_in_use_in_place_of_what_was_refused(
    document: Document, panel: NetworkPanel
) -> None:
    document.select(3)
    shape = named(panel, QLineEdit, "option.target_shape")
    said = named(panel, QLabel, "option.target_shape.problem")
    before = shape.text()
    shape.setFocus()
    shape.selectAll()
    QTest.keyClicks(shape, "5x26xx")
    QTest.keyClick(shape, Qt.Key.Key_Return)
    assert (shape.text(), said.isVisible()) == ("5x26xx", True)
    document.set_locked(True)
    assert (shape.text(), said.isVisible()) == (before, False)


def test_an_option_of_several_blocks_of_one_kind_is_changed_in_one_step(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    document.select_many((4, 6), 6)
    units = spin(panel, "units")
    assert units.value() == 2  # of the block that was selected last
    units.setFocus()
    units.selectAll()
    QTest.keyClicks(units, "7")
    QTest.keyClick(units, Qt.Key.Key_Return)
    assert [document.stack.slot(one).label for one in (4, 6)] == ["Dense 7", "Dense 7"]
    assert document.selection == (4, 6)
    assert document.undo_stack.count() == 1
    edits.undo()
    assert [document.stack.slot(one).label for one in (4, 6)] == ["Dense 100", "Dense 2"]
    document.select_many((1, 4), 4)
    assert panel.findChild(QSpinBox, "option.units") is None


def test_several_blocks_of_a_kind_without_options_say_that_it_has_none(
    document: Document, panel: NetworkPanel
) -> None:
    words = [label for label in panel.inspector.findChildren(QLabel) if label.wordWrap()]
    slots = document.stack.slots
    document.select_many([slots[1].id, slots[4].id], slots[4].id)
    assert "Sigmoid has no options." in [label.text() for label in words]
    document.select_many([slots[0].id, slots[1].id], slots[1].id)
    assert any("Select blocks of one kind" in label.text() for label in words)
