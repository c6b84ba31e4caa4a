"""The palette: groups, the search by words, and which kind F1 explains."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from engine.blocks import KINDS
from gui.document.document import Document
from gui.editor.network_panel import NetworkPanel
from gui.editor.palette import ENTRIES, GROUPS, Palette
from gui.theme import GRID, kind_colour, small_font
from tests.gui.editor.gestures import press
from tests.gui.finding import not_none


@pytest.fixture
def palette(panel: NetworkPanel) -> Palette:
    panel.actions_.add.trigger()
    return panel.palette_


def found(palette: Palette) -> list[str]:
    return [button.kind for button in palette.buttons if button.isVisible()]


def test_the_kinds_stand_by_group_with_words_and_its_colour(palette: Palette) -> None:
    assert {block.group for block in KINDS.values()} == set(GROUPS)
    assert [button.kind for button in palette.buttons] == [
        kind for group in GROUPS for kind in ENTRIES if ENTRIES[kind].group == group
    ]
    for button in palette.buttons:
        block = ENTRIES[button.kind]
        assert (button.text(), button.accessibleName()) == (block.name, f"Add {block.name}")
        stripe = button.grab().toImage().pixelColor(12, button.height() // 2)
        assert stripe == kind_colour(block.group)
        metrics, room = (
            QFontMetrics(small_font()),
            QRect(0, 0, button.sizeHint().width() - 4 * GRID, 999),
        )
        brief = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, block.brief)
        assert brief.height() <= 2 * metrics.height(), f"{block.brief} would be cut"
        assert block.help.startswith(block.brief)


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("relu", [kind for kind in KINDS if "relu" in kind]),
        ("POOL", [kind for kind, block in KINDS.items() if block.group == "Pooling"]),
        ("flattens maps", ["reshape"]),  # a word of the help, where no name has it
        ("transformer", []),
    ],
)
def test_words_find_kinds_by_all_their_words(
    palette: Palette, words: str, kinds: list[str]
) -> None:
    height = palette.height()
    QTest.keyClicks(palette.search, words)
    QApplication.processEvents()
    assert found(palette) == kinds
    assert [button.kind for button in palette.buttons if button.first_hit] == kinds[:1]
    assert palette.height() == height
    nothing = next(label for label in palette.findChildren(QLabel) if "No kind" in label.text())
    assert nothing.isVisible() == (not kinds)
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert set(found(palette)) == {*KINDS, "residual"}
    assert not any(button.first_hit for button in palette.buttons)


def test_enter_adds_the_first_hit(
    document: Document, panel: NetworkPanel, palette: Palette
) -> None:
    document.select(1)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert len(document.stack) == 7  # nothing was searched for
    QTest.keyClicks(palette.search, "leaky")
    assert any(button.isHidden() for button in palette.buttons)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert not palette.isVisible()
    panel.actions_.add.trigger()
    assert palette.search.text() == "", "the search is over once a block was added"
    assert not any(button.isHidden() for button in palette.buttons)
    QTest.keyClicks(palette.search, "nonsense")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.search.text() == "nonsense", "the word can be corrected"
    assert [slot.label for slot in document.stack.slots[:3]] == [
        "Conv 5, 3×3",
        "LeakyReLU 0.01",
        "Sigmoid",
    ]
    assert len(document.stack) == 8
    texts = [label for label in palette.findChildren(QLabel) if "Pause training" in label.text()]
    assert not any(label.isVisible() for label in texts)
    document.set_locked(True)
    palette.search.setText("tanh")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert len(document.stack) == 8
    QApplication.processEvents()
    assert any(label.isVisible() for label in texts)
    assert not any(button.isEnabled() for button in palette.buttons)


def test_escape_and_down_lead_on(panel: NetworkPanel, palette: Palette) -> None:
    assert palette.search.hasFocus()
    QTest.keyClicks(palette.search, "softmax")
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    assert not_none(QApplication.focusWidget()).objectName() == "add.softmax"
    palette.search.setFocus()
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert palette.search.hasFocus()
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert panel.block_list.hasFocus()
    assert not palette.isVisible()


def test_the_kind_in_use_has_the_focus_or_was_found_or_is_selected(
    document: Document, panel: NetworkPanel
) -> None:
    assert panel.kind_in_use() == ""
    document.select(1)
    assert panel.kind_in_use() == "Conv"
    panel.actions_.add.trigger()
    palette = panel.palette_
    next(button for button in palette.buttons if button.kind == "dropout").setFocus()
    assert panel.kind_in_use() == "Dropout"
    palette.search.setFocus()
    QTest.keyClicks(palette.search, "softmax")
    assert panel.kind_in_use() == "Softmax"


def test_every_kind_can_be_reached_by_keys(panel: NetworkPanel) -> None:
    panel.resize(460, 460)
    panel.actions_.add.trigger()
    for button in panel.palette_.buttons:
        while not button.hasFocus():
            press(Qt.Key.Key_Tab)
        assert button.visibleRegion().boundingRect() == button.rect(), button.kind
