"""The network panel as a whole: palette, actions, problem, repairs, warnings, totals; its size."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.advice.repairs import MOST, repairs_for
from engine.blocks import (
    BatchNorm,
    Conv,
    Dense,
    KnownBlock,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    UnknownBlock,
)
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Stack
from engine.model.templates import notebook
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.network_panel import MARK, NetworkPanel
from gui.widgets.messages import MessageBar
from tests.approved import assert_approved
from tests.gui.finding import in_words, named, not_none, row_texts
from tests.gui.hands import click, type_into
from tests.gui.waiting import run_events


def add_button(panel: NetworkPanel, kind: str) -> QToolButton:
    if not panel.palette_.isVisible():
        click(named(panel, QPushButton, "add_block.0"))
    return named(panel, QToolButton, f"add.{kind}")


def problem(panel: NetworkPanel) -> str:
    found = named(panel, QLabel, "problem")
    assert found.isVisible() == bool(found.text())
    return found.text()


def test_after_the_palette_by_keys_or_a_click_the_keys_go_to_the_list(
    document: Document, panel: NetworkPanel
) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        button = add_button(panel, "tanh")
        button.setFocus()
        QTest.keyClick(button, key)
        assert panel.block_list.hasFocus()
    assert row_texts(panel.block_list.model())[-2:] == ["Tanh", "Tanh"]
    click(add_button(panel, "tanh"))
    for _ in range(3):
        QTest.keyClick(panel.block_list, Qt.Key.Key_Delete)
    assert document.stack == notebook().stack


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard")
def test_alt_and_an_arrow_open_a_choice_alone(document: Document, panel: NetworkPanel) -> None:
    document.select(1)
    bias = named(panel, QWidget, "option.bias")
    bias.setFocus()
    QTest.keyClick(bias, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    not_none(QApplication.activePopupWidget()).close()
    assert row_texts(panel.block_list.model())[0] == "Conv 5, 3×3"


def test_actions_have_keys_and_say_what_they_would_do_or_why_not(
    document: Document, panel: NetworkPanel
) -> None:
    """After the first state of all there is what each step has changed."""
    said, before, actions = list[str](), set[str](), panel.actions_

    def note(title: str) -> None:
        shown, palette = set[str](), add_button(panel, "conv")
        for each in (each for each in actions.menu() if not each.isSeparator()):
            keys = ", ".join(key.toString() for key in each.shortcuts())
            sign = "" if each.isEnabled() else "not now: "
            shown.add(f"{each.text()} ({keys}) {sign}{in_words(each.toolTip())}")
        shown.add(f"The palette: {palette.isEnabled()}, {in_words(palette.toolTip())}")
        said.extend([f"# {title}", *sorted(shown - before)])
        before.clear()
        before.update(shown)

    note("at first")
    document.select(1)
    note("the first block")
    actions.move_down.trigger()
    note("moved down")
    document.select(7)
    note("the last block")
    actions.undo.trigger()
    note("undone")
    document.select(4)
    note("a Dense")
    document.select(1)
    document.set_locked(True)
    note("a Conv, while it trains")
    document.set_locked(False)
    note("a Conv, afterwards")
    assert_approved("actions.txt", "\n".join(said) + "\n")


def test_input_and_totals_are_shown(document: Document, edits: Edits, panel: NetworkPanel) -> None:
    totals = named(panel, QLabel, "totals")
    assert "1×28×28" in [label.text() for label in panel.findChildren(QLabel)]
    # 3,425 + 338,100 + 100 · 2 + 2
    assert totals.text() == "341,727 weights"
    said = in_words(totals.toolTip())
    assert said.startswith("7 blocks\n341,727 parameters, 1.37 MB\n")
    # 5 · 26 · 26 · 9 + 3380 · 100 + 100 · 2 multiplications; 4 bytes for each of the values
    # 3 · 3380 + 2 · 100 + 2 · 2
    assert "368,620 multiply-adds · 41.4 kB per sample" in said
    document.select(3)
    edits.delete()  # the Reshape
    assert totals.text() == "2 of 6 blocks fit"
    while len(document.stack) > 1:
        document.select(document.stack.slots[-1].id)
        edits.delete()
    assert in_words(totals.toolTip()).startswith("1 block\n3,425 parameters, 13.7 kB\n")


def test_an_error_and_repairs_leave_five_rows_and_in_a_low_panel_the_selected_one(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    rows, area = panel.block_list, panel.block_list.viewport()
    large = [block for _ in range(12) for block in (Conv(depth=8, kernel_size=5), ReLU())]
    document.replace_project(Project(Stack().appended(*large), Settings()), None)
    document.select(13)
    QApplication.processEvents()
    assert problem(panel).startswith("Block 13 (Conv 8, 5×5) needs maps of at least 5×5")
    assert len(offers(panel)) == 4
    places = [rows.visualRect(rows.model().index(row, 0)) for row in range(24)]
    assert area.rect().contains(places[12])
    assert sum(area.rect().intersects(place) for place in places) >= 5, "too little is left of it"
    blocks = [block for _ in range(6) for block in (Conv(depth=5, padding="same"), ReLU())]
    document.replace_project(Project(Stack().appended(*blocks), Settings()), None)
    panel.resize(280, 465)
    document.select(document.stack.slots[6].id)
    selected = not_none(document.selected)
    edits.change_option(selected, "padding", "valid")
    edits.change_option(selected, "kernel_size", 31)
    QApplication.processEvents()
    assert problem(panel)
    assert panel.height() <= 470, "there is no room for more in a window of 940×620"
    assert rows.viewport().rect().contains(rows.visualRect(rows.currentIndex()))


def test_in_a_narrow_panel_no_option_and_no_word_is_cut(
    document: Document, panel: NetworkPanel
) -> None:
    for slot_id in (1, 3, 4):
        panel.resize(280, 465)
        document.select(slot_id)
        QApplication.processEvents()
        scroll = not_none(panel.inspector.findChild(QScrollArea))
        assert not_none(scroll.widget()).width() <= scroll.viewport().width(), slot_id
        panel.resize(308, 690)
        QApplication.processEvents()
        assert panel.width() == 308
        assert panel.minimumSizeHint().width() <= 300
        for child in panel.findChildren(QLabel):
            if child.isVisible() and not child.wordWrap():
                drawn = child.text().replace("&", "")
                assert child.width() >= child.fontMetrics().horizontalAdvance(drawn), drawn


def test_the_input_is_that_of_the_data_though_undo_brings_an_older_one(
    document: Document, edits: Edits, kernel_edits: KernelEdits, messages: MessageBar, qtbot: QtBot
) -> None:
    def adopt() -> None:  # as the session does with the shape of the data
        stack = document.stack
        if stack.input_shape != (1, 14, 14):
            document.set_stack(replace(stack, input_shape=(1, 14, 14)), None)

    edits.add("tanh")
    document.store.watch(lambda s: s.document.stack, adopt)
    panel = NetworkPanel(document, edits, kernel_edits, messages)
    qtbot.addWidget(panel)
    edits.undo()
    assert document.stack.input_shape == (1, 14, 14)
    assert "1×14×14" in [label.text() for label in panel.findChildren(QLabel)]


END = (Dense(units=2), Sigmoid())
UNKNOWN = UnknownBlock({"kind": "attention"}, "its kind, 'attention', is not known")
BROKEN: dict[str, tuple[KnownBlock | UnknownBlock, ...]] = {
    "no blocks": (),
    "maps after a vector": (Conv(), Reshape(), MaxPool(), *END),
    "unknown": (Reshape(), UNKNOWN, *END),
    "too large": (Conv(depth=99), Reshape(), Dense(units=90_000), *END),
    "units": (Reshape(), Dense(units=10), Sigmoid()),
}


def show(document: Document, *blocks: KnownBlock | UnknownBlock, loss: str = "bce") -> None:
    slots = tuple(BlockSlot(i + 1, block) for i, block in enumerate(blocks))
    chosen = Settings().with_changes(loss=loss)
    document.replace_project(Project(Stack(slots), chosen), None)
    run_events(1)


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
        written = button.text().replace("\n", " ")
        assert written == label or label.startswith(written.removesuffix("…").rstrip())
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


def test_several_problems_are_fixed_one_after_another_or_all_at_once(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    show(document, Conv(), Dense(units=50), Reshape(target_shape=(7,)), ReLU())
    for name, value in (("classes", (0, 1, 2)), ("loss", "mse")):  # what the end must give
        edits.change_setting(name, value)
        expected = repairs_for(document.stack, document.settings)
        assert labels(panel) == [repair.label for repair in expected]
        for repair, button in zip(expected, offers(panel), strict=True):
            assert all(step in in_words(button.toolTip()) for step in repair.steps)
        edits.undo()
    broken = document.stack
    assert labels(panel)[-1] == "Repair everything in 3 steps"
    assert "1. Insert a Reshape" in in_words(offers(panel)[-1].toolTip())
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


def test_training_locks_the_offers_and_a_setting_is_repaired_too(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    show(document, Reshape(), Dense(units=2), ReLU())
    document.set_locked(True)
    assert all(not button.isEnabled() for button in offers(panel))
    assert {button.toolTip() for button in offers(panel)} == {LOCKED_REASON}
    click(offers(panel)[0])
    assert document.undo_stack.count() == 0
    document.set_locked(False)
    click(offers(panel)[labels(panel).index("Use mean squared error")])
    assert (problem(panel), document.settings.loss) == ("", "mse")
    show_stack(document, Stack().appended(BatchNorm(), Reshape(), *END), batch_size=1)
    assert "a batch has only one" in caution(panel).text()
    (offer,) = offers(panel)
    assert offer.text() == "Set the batch size to 16"
    click(offer)
    assert document.settings.batch_size == 16
    assert not panel.cautions.isVisible()
    assert not panel.repairs.isVisible()
    edits.undo()
    assert document.settings.batch_size == 1
    assert panel.repairs.isVisible()


def test_an_offer_that_typed_text_has_overtaken_does_nothing(
    document: Document, panel: NetworkPanel
) -> None:
    document.select(6)
    units = named(panel, QSpinBox, "option.units")
    type_into(units, "7")
    assert labels(panel)[0] == "Set the units of block 6 to 2"
    type_into(units, "2", enter=False)  # not committed; it fixes the network itself
    click(offers(panel)[0])
    assert document.stack == notebook().stack
    assert not document.undo_stack.undoText().startswith("Repair")


def test_a_long_label_has_two_lines_and_then_is_cut_and_told_in_full(
    document: Document, panel: NetworkPanel
) -> None:
    show(document)
    long = offers(panel)[1]
    panel.resize(200, 690)
    run_events(1)
    assert long.height() >= 2 * long.fontMetrics().height(), "both lines are seen"
    assert (
        long.text().replace("\n", " ") == "Add Conv 5, 3×3, Sigmoid, Reshape, Dense 2 and Sigmoid"
    )
    panel.resize(140, 690)
    run_events(1)
    assert long.text().endswith("…")
    assert in_words(long.toolTip()).startswith(
        "Add Conv 5, 3×3, Sigmoid, Reshape, Dense 2 and Sigmoid"
    )
    panel.resize(520, 690)
    QApplication.processEvents()
    assert long.text() == "Add Conv 5, 3×3, Sigmoid, Reshape, Dense 2 and Sigmoid"


STACK = Stack().appended(Reshape(), Dense(units=2))


def caution(panel: NetworkPanel) -> QLabel:
    return named(panel, QLabel, "cautions")


def show_stack(document: Document, stack: Stack, **settings: object) -> None:
    document.replace_project(Project(stack, Settings().with_changes(**settings)), None)
    QApplication.processEvents()


def test_a_warning_is_whole(document: Document, panel: NetworkPanel) -> None:
    show_stack(document, STACK.appended(Softmax()))
    panel.resize(300, 690)
    QApplication.processEvents()
    label = caution(panel)
    assert label.text().startswith(f"{MARK} Block 3 (Softmax)")
    assert "use categorical cross-entropy" in label.text()
    assert label.isVisible()
    assert label.height() >= label.heightForWidth(label.width())
    assert label.mapTo(panel, label.rect().topRight()).x() <= panel.width()


def test_settings_and_samples_bring_warnings_and_take_them_away(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    show_stack(document, STACK.appended(Sigmoid()), batch_size=300)
    assert not panel.cautions.isVisible()
    panel.cautions.set_samples(200)
    assert "more than the 200 training samples" in caution(panel).text()
    edits.change_setting("batch_size", 200)
    assert not panel.cautions.isVisible()
    edits.undo()
    edits.change_setting("loss", "mse")
    edits.add("dropout")
    assert caution(panel).text().startswith(f"{MARK} Block 4")
    assert caution(panel).text().endswith("(And 1 more.)")
    assert len(in_words(caution(panel).toolTip()).splitlines()) == 2
    panel.cautions.set_samples(None)
    show_stack(document, STACK)
    assert not panel.cautions.isVisible()
