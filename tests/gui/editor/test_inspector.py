"""The inspector: what it shows of a block, and that it edits the block that it shows."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QSpinBox, QWidget

from engine.blocks import KINDS, UnknownBlock
from engine.model.project import Project
from engine.model.stack import BlockSlot, Stack
from engine.struct_fields import fields_of
from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.network_panel import NetworkPanel
from tests.approved import assert_approved
from tests.gui.finding import named
from tests.gui.hands import type_into


def fact(panel: NetworkPanel, name: str) -> str:
    return named(panel, QLabel, f"inspector.{name}").text()


def spin(panel: NetworkPanel, name: str) -> QSpinBox:
    return named(panel, QSpinBox, f"option.{name}")


def visible_texts(panel: QWidget) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_it_shows_shapes_counts_equation_and_help_of_the_selected_blocks(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    """Of a Conv there are 5 · 26 · 26 · 9 multiply-adds, 4 bytes a parameter and a value."""
    assert not panel.inspector.isVisible()
    height = panel.block_list.height()
    document.select(1)
    QApplication.processEvents()
    assert panel.inspector.height() > 200
    assert panel.block_list.height() < height - 200
    (equation,) = [label for label in panel.inspector.findChildren(QLabel) if "⋆" in label.text()]
    assert equation.visibleRegion().boundingRect() == equation.rect()
    said = list[str]()

    def note(title: str, selected: int) -> None:
        document.select(selected)
        texts = [text for text in visible_texts(panel.inspector) if text]
        said.extend([f"# {title}", *texts])

    note("a Conv", 1)
    document.select_many((1, 4), 4)
    assert panel.findChild(QSpinBox, "option.depth") is None
    assert not panel.inspector.isVisible()
    note("a Dense", 4)
    edits.change_option(1, "depth", 1)
    note("a Dense after a Conv of one map", 4)
    document.select(3)
    edits.delete()
    assert document.selected == 4
    note("a Dense that does not fit", 4)
    note("a Sigmoid that waits for it", 5)
    strange = UnknownBlock({"kind": "lstm"}, "its kind is not known")
    document.replace_project(Project(Stack((BlockSlot(1, strange),))), None)
    note("a block of another version", 1)
    assert_approved("inspector.txt", "\n".join(said) + "\n")
    document.select(None)
    QApplication.processEvents()
    assert not panel.inspector.isVisible()


def test_every_option_of_every_kind_has_its_field(edits: Edits, panel: NetworkPanel) -> None:
    for kind, block in KINDS.items():
        edits.add(kind)
        names = {
            widget.objectName()
            for widget in panel.findChildren(QWidget)
            if widget.objectName().startswith("option.") and not isinstance(widget, QLabel)
        }
        assert names == {f"option.{field.name}" for field in fields_of(block)}


def test_an_option_edits_the_selected_block_and_follows_undo(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    document.select(1)
    kernel_size = spin(panel, "kernel_size")
    kernel_size.setFocus()
    for _ in range(2):
        QTest.keyClick(kernel_size, Qt.Key.Key_Up)
    assert document.stack.slots[0].block.summary() == "Conv 5, 5×5"
    assert fact(panel, "output") == "5×24×24"
    assert document.undo_stack.count() == 1
    edits.undo()
    assert kernel_size.value() == 3
    assert fact(panel, "output") == "5×26×26"
    edits.redo()
    assert spin(panel, "kernel_size") is kernel_size  # the field and its focus stay
    assert kernel_size.value() == 5


def test_blocks_of_a_kind_share_fields_not_values(document: Document, panel: NetworkPanel) -> None:
    document.select(4)
    units = spin(panel, "units")
    type_into(units, "64", enter=False)
    document.select(6)
    assert spin(panel, "units").value() == 2
    assert [slot.label for slot in document.stack][3] == "Dense 64"
    units.setValue(3)
    assert [slot.label for slot in document.stack][3:6:2] == ["Dense 64", "Dense 3"]


def test_a_target_shape_is_typed(document: Document, panel: NetworkPanel) -> None:
    document.select(3)
    target = named(panel, QLineEdit, "option.target_shape")
    type_into(target, "5x676")
    assert fact(panel, "output") == "5×676"
    type_into(target, "0")
    assert document.stack.slots[2].block.summary() == "Reshape to 5×676"
    texts = visible_texts(panel)
    assert "Target shape needs sizes of at least 1; one of them may be -1." in texts


def test_while_training_runs_it_shows_what_is_in_use_but_does_not_edit(
    document: Document, panel: NetworkPanel
) -> None:
    document.select(3)
    shape = named(panel, QLineEdit, "option.target_shape")
    said = named(panel, QLabel, "option.target_shape.problem")
    before = shape.text()
    type_into(shape, "5x26xx")
    assert (shape.text(), said.isVisible()) == ("5x26xx", True)
    document.set_locked(True)
    assert (shape.text(), said.isVisible()) == (before, False)
    document.select(4)
    assert not spin(panel, "units").isEnabled()
    assert spin(panel, "units").toolTip() == "Pause training first."
    assert "Pause training first." in visible_texts(panel)
    document.set_locked(False)
    assert spin(panel, "units").isEnabled()
    assert "Pause training first." not in visible_texts(panel)


def test_what_an_add_takes_is_chosen_among_the_blocks_before_it(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    """The notebook's network is Conv, Sigmoid, Reshape and more: maps of 26×26, then vectors."""
    document.select(2)
    edits.add_residual()
    add = next(slot.id for slot in document.stack if slot.block.kind == "add")
    document.select(add)
    QApplication.processEvents()
    box = named(panel, QComboBox, "option.source")
    assert box.currentText() == "2 Sigmoid · 5×26×26"
    words = [box.itemText(place) for place in range(box.count())]
    assert words[:2] == ["1 Conv 5, 3×3 · 5×26×26", "2 Sigmoid · 5×26×26"]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert document.report.rows[7].slot.label == "Add block 1"
    edits.undo()
    assert box.currentText() == "2 Sigmoid · 5×26×26"
    document.select(document.stack.slots[-1].id)
    edits.add("add")
    QApplication.processEvents()
    items = named(panel, QComboBox, "option.source").model()
    grey = [not items.index(row, 0).flags() & Qt.ItemFlag.ItemIsEnabled for row in range(3)]
    assert grey == [True, True, True], "maps cannot be added to a vector of two"
