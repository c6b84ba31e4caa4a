"""The palette: groups, the search by words, and F1's explanation."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from engine.blocks import KINDS
from gui.document.document import Document
from gui.editor.network_panel import HelpCard, NetworkPanel
from gui.editor.palette import GROUPS, Palette
from gui.theme import kind_colour
from tests.gui.finding import named
from tests.gui.waiting import wait_until


@pytest.fixture
def palette(panel: NetworkPanel) -> Palette:
    return panel.palette_


def found(palette: Palette) -> list[str]:
    return [button.kind for button in palette.buttons if button.isVisible()]


def height_of(widget: QWidget, palette: Palette) -> int:
    return widget.mapTo(palette, QPoint(0, 0)).y()


def test_kinds_stand_in_groups_which_have_headings_where_there_is_room(
    panel: NetworkPanel, palette: Palette
) -> None:
    assert {block.group for block in KINDS.values()} == set(GROUPS)
    headings = {label.text(): label for label in palette.findChildren(QLabel)}
    assert not any(headings[group].isVisible() for group in GROUPS), "in a low window"
    rows = {height_of(button, palette) for button in palette.buttons}
    assert len(rows) < len(GROUPS), "groups share rows"
    assert [button.kind for button in palette.buttons] == [
        kind for group in GROUPS for kind in KINDS if KINDS[kind].group == group
    ]
    panel.resize(320, 900)
    QApplication.processEvents()
    for button in palette.buttons:
        block = KINDS[button.kind]
        group = block.group
        assert (button.text(), button.accessibleName()) == (block.name, f"Add {block.name}")
        assert f"({group})" in button.toolTip()
        assert block.help.split("(")[0].split(",")[0] in button.toolTip()
        stripe = button.grab().toImage().pixelColor(3, button.height() // 2)
        assert stripe == kind_colour(group)
        assert headings[group].isVisible()
        assert headings[group].parent() is button.parent()
        assert height_of(headings[group], palette) < height_of(button, palette)


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("relu", [kind for kind in KINDS if "relu" in kind]),
        ("POOL", [kind for kind, block in KINDS.items() if block.group == "Pooling"]),
        ("activ", [kind for kind, block in KINDS.items() if block.group == "Activation"]),
        ("flattens maps", ["reshape"]),  # a word of the help, where no name has it
        ("transformer", []),
    ],
)
def test_words_find_kinds_by_name_group_or_help(
    palette: Palette, words: str, kinds: list[str]
) -> None:
    height = palette.height()
    palette.search.setFocus()
    QTest.keyClicks(palette.search, words)
    QApplication.processEvents()
    assert found(palette) == kinds
    assert [button.kind for button in palette.buttons if button.first_hit] == kinds[:1]
    assert palette.height() == height  # the list below does not jump
    nothing = next(label for label in palette.findChildren(QLabel) if "No kind" in label.text())
    assert nothing.isVisible() == (not kinds)
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert set(found(palette)) == set(KINDS)
    assert not any(button.first_hit for button in palette.buttons)


def test_enter_adds_the_first_that_was_found_and_ends_the_search(
    document: Document, palette: Palette
) -> None:
    document.select(1)
    palette.search.setFocus()
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert len(document.stack) == 7  # nothing was searched for
    QTest.keyClicks(palette.search, "leaky")
    assert any(button.isHidden() for button in palette.buttons)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.search.text() == ""
    assert not any(button.isHidden() for button in palette.buttons)
    labels = [slot.label for slot in document.stack.slots[:3]]
    assert labels == ["Conv 5, 3×3", "LeakyReLU 0.01", "Sigmoid"]
    QTest.keyClicks(palette.search, "nonsense")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.search.text() == "nonsense", "nothing was added: the word can be corrected"
    document.set_locked(True)
    palette.search.setText("tanh")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert len(document.stack) == 8


def test_escape_and_down_lead_on(panel: NetworkPanel, palette: Palette) -> None:
    panel.actions_.add.trigger()
    assert palette.search.hasFocus()
    QTest.keyClicks(palette.search, "softmax")
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.objectName() == "add.softmax"
    palette.search.setFocus()
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert palette.search.hasFocus()
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert panel.block_list.hasFocus()


def card(panel: NetworkPanel) -> HelpCard:
    return named(panel, HelpCard, "block_help")


def test_f1_explains_the_kind_with_the_focus_the_first_found_or_the_selected_one(
    document: Document, panel: NetworkPanel
) -> None:
    help_card = card(panel)
    panel.block_list.setFocus()
    panel.actions_.help.trigger()
    assert help_card.text.toPlainText().startswith("Select a block, or go to a button")
    document.select(1)
    QApplication.processEvents()
    panel.block_list.setFocus()
    QTest.keyClick(panel.block_list, Qt.Key.Key_F1)
    text = help_card.text.toPlainText()
    assert help_card.isVisible()
    assert "Conv · Convolution" in text
    assert "Yi = Bi + Σj Xj ⋆ Kij" in text  # letters below the line
    assert KINDS["conv"].help in text
    assert "Depth (a whole number from 1 to 512)" in text
    assert help_card.geometry().bottom() <= panel.height()
    QTest.keyClick(help_card.text, Qt.Key.Key_Escape)
    assert not help_card.isVisible()
    assert panel.block_list.hasFocus()
    dropout = next(button for button in panel.palette_.buttons if button.kind == "dropout")
    dropout.setFocus()
    panel.actions_.help.trigger()
    assert help_card.text.toPlainText().startswith("■ Dropout · Regularisation")
    QTest.keyClick(help_card.text, Qt.Key.Key_Escape)
    assert dropout.hasFocus()
    panel.palette_.search.setFocus()
    QTest.keyClicks(panel.palette_.search, "softmax")
    panel.actions_.help.trigger()
    assert "Softmax" in help_card.text.toPlainText()
    document.select(2)  # what is seen of another block is not covered
    assert not help_card.isVisible()


def test_every_kind_can_be_reached_at_any_width_and_a_wider_panel_takes_fewer_rows(
    panel: NetworkPanel, palette: Palette
) -> None:
    viewport, rows = palette.parentWidget(), list[int]()
    assert viewport is not None
    for width in (280, 300, 320, 420):
        panel.resize(width, 900)
        QApplication.processEvents()
        for button in palette.buttons:
            assert button.isVisible()
            left, right = (button.mapTo(viewport, QPoint(x, 0)).x() for x in (0, button.width()))
            assert 0 <= left < right <= viewport.width(), button.kind
            assert height_of(button, palette) + button.height() <= palette.height()
        rows.append(len({height_of(button, palette) for button in palette.buttons}))
    assert rows[0] > rows[1]


def test_a_low_panel_scrolls_to_the_last_kind(
    document: Document, panel: NetworkPanel, palette: Palette
) -> None:
    document.select(1)
    panel.resize(280, 380)
    QApplication.processEvents()
    last = palette.buttons[-1]
    assert last.visibleRegion().isEmpty()
    panel.resize(280, 900)
    wait_until(lambda: not last.visibleRegion().isEmpty())
