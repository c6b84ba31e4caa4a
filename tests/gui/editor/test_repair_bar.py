"""Repair buttons under the problem: one click fixes, one undo brings the problem back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from engine.advice.repairs import MOST, repairs_for
from engine.blocks import Conv, Dense, KnownBlock, MaxPool, ReLU, Reshape, Sigmoid, UnknownBlock
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Stack
from engine.model.templates import notebook
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.editor.network_panel import NetworkPanel
from tests.gui.finding import in_words, named
from tests.gui.hands import click, type_into

END = (Dense(units=2), Sigmoid())
UNKNOWN = UnknownBlock({"kind": "attention"}, "its kind, 'attention', is not known")
BROKEN: dict[str, tuple[KnownBlock | UnknownBlock, ...]] = {
    "no blocks": (),
    "no Reshape": (Conv(), Sigmoid(), *END),
    "maps after a vector": (Conv(), Reshape(), MaxPool(), *END),
    "kernel too large": (MaxPool(size=9), Conv(kernel_size=5), Reshape(), *END),
    "target shape": (Reshape(target_shape=(10, 10)), *END),
    "unknown": (Reshape(), UNKNOWN, *END),
    "too large": (Conv(depth=99), Reshape(), Dense(units=90_000), *END),
    "units": (Reshape(), Dense(units=10), Sigmoid()),
    "maps at the end": (Conv(), Sigmoid()),
    "loss": (Reshape(), Dense(units=2), ReLU()),
}


def show(document: Document, *blocks: KnownBlock | UnknownBlock, loss: str = "bce") -> None:
    slots = tuple(BlockSlot(i + 1, block) for i, block in enumerate(blocks))
    chosen = Settings().with_changes(loss=loss)
    document.replace_project(Project(Stack(slots), chosen), None)
    QApplication.processEvents()


def problem(panel: NetworkPanel) -> str:
    found = named(panel, QLabel, "problem")
    return found.text()


def offers(panel: NetworkPanel) -> list[QPushButton]:
    found = [panel.findChild(QPushButton, f"repair.{number}") for number in range(MOST)]
    return [button for button in found if button is not None and button.isVisible()]


def labels(panel: NetworkPanel) -> list[str]:
    return [button.accessibleName().removeprefix("Repair: ") for button in offers(panel)]


@pytest.mark.parametrize("name", BROKEN)
def test_every_offer_is_whole_one_click_fixes_and_one_undo_brings_the_problem_back(
    name: str, document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    show(document, *BROKEN[name])
    before, stack, offered = problem(panel), document.stack, labels(panel)
    assert before
    for button, label in zip(offers(panel), offered, strict=True):
        assert button.text() == label or button.text()[:-1] == label[: len(button.text()) - 1]
        assert in_words(button.toolTip()).startswith(label)
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert panel.repairs.rect().contains(button.geometry())
    last, below = offers(panel)[-1], named(panel, QPushButton, "add_block.0")
    bottom = last.mapTo(panel, last.rect().bottomLeft()).y()
    assert bottom < below.mapTo(panel, below.rect().topLeft()).y()
    click(offers(panel)[0])
    assert problem(panel) == ""
    assert offers(panel) == []
    assert not panel.repairs.isVisible()
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == f"Repair: {offered[0]}"
    edits.undo()
    assert (problem(panel), document.stack, labels(panel)) == (before, stack, offered)
    edits.redo()
    assert problem(panel) == ""


def test_offers_follow_what_the_end_must_give_while_a_block_before_it_is_bad(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    show(document, Conv(), Dense(units=50), Reshape(target_shape=(7,)), ReLU())
    for name, value in (("classes", (0, 1, 2)), ("loss", "mse")):
        edits.change_setting(name, value)
        expected = repairs_for(document.stack, document.settings)
        assert labels(panel) == [repair.label for repair in expected]
        tips = [in_words(button.toolTip()) for button in offers(panel)]
        for repair, tip in zip(expected, tips, strict=True):
            assert all(step in tip for step in repair.steps)


def test_several_problems_are_fixed_one_after_another_or_all_at_once(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    show(document, Conv(), Dense(units=50), Reshape(target_shape=(7,)), ReLU())
    broken = document.stack
    assert labels(panel)[-1] == "Repair everything in 3 steps"
    assert "1. Insert a Reshape" in in_words(offers(panel)[-1].toolTip())
    assert "Then this is left to fix: Block" in in_words(offers(panel)[0].toolTip())
    for _ in range(3):
        assert problem(panel)
        click(offers(panel)[0])
    assert problem(panel) == ""
    for _ in range(3):
        edits.undo()
    assert document.stack == broken
    click(offers(panel)[-1])
    assert problem(panel) == ""


def test_the_block_that_was_fixed_is_selected_and_its_id_is_in_no_undo_step(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    show(document, Conv(), Sigmoid(), *END)
    edits.add("tanh")  # its id lives on in the undo step
    taken = document.stack.slots[-1].id
    edits.delete()
    document.select(None)
    click(offers(panel)[0])
    assert document.selected == document.stack.slots[2].id > taken
    edits.undo()
    assert document.selected is None


def test_keys_reach_the_offers_and_then_the_list(document: Document, panel: NetworkPanel) -> None:
    show(document, Conv(), Dense(units=50), Sigmoid())
    panel.block_list.setFocus()
    for _ in range(3):
        if panel.focusWidget() in offers(panel):
            break
        QTest.keyClick(panel.focusWidget(), Qt.Key.Key_Tab)
    assert panel.focusWidget() is offers(panel)[0]
    QTest.keyClick(panel.focusWidget(), Qt.Key.Key_Space)
    assert panel.focusWidget() is offers(panel)[0]  # the next problem's
    QTest.keyClick(panel.focusWidget(), Qt.Key.Key_Space)
    assert problem(panel) == ""
    assert panel.block_list.hasFocus()


def test_training_locks_the_offers(document: Document, panel: NetworkPanel) -> None:
    show(document, Reshape(), Dense(units=2), ReLU())
    document.set_locked(True)
    assert all(not button.isEnabled() for button in offers(panel))
    assert {button.toolTip() for button in offers(panel)} == {LOCKED_REASON}
    click(offers(panel)[0])
    assert document.undo_stack.count() == 0
    document.set_locked(False)
    click(offers(panel)[labels(panel).index("Use mean squared error")])
    assert (problem(panel), document.settings.loss) == ("", "mse")


def test_an_offer_that_typed_text_has_overtaken_does_nothing(
    qtbot: QtBot, document: Document, panel: NetworkPanel
) -> None:
    document.select(6)
    units = named(panel, QSpinBox, "option.units")
    type_into(units, "7")
    assert labels(panel)[0] == "Set the units of block 6 to 2"
    type_into(units, "2", enter=False)  # not committed; it fixes the network itself
    click(offers(panel)[0])
    assert document.stack == notebook().stack
    assert not document.undo_stack.undoText().startswith("Repair")


def test_a_long_label_is_cut_and_told_in_full(document: Document, panel: NetworkPanel) -> None:
    show(document)
    long = offers(panel)[1]
    assert long.text().endswith("…")
    assert in_words(long.toolTip()).startswith(
        "Add Conv 5, 3×3, Sigmoid, Reshape, Dense 2 and Sigmoid"
    )
    panel.resize(520, 690)
    QApplication.processEvents()
    assert long.text() == "Add Conv 5, 3×3, Sigmoid, Reshape, Dense 2 and Sigmoid"
