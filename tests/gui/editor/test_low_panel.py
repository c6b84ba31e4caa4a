"""The network panel where it is low or narrow, or its letters are large."""

from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QPushButton,
    QScrollArea,
)

from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.network_panel import NetworkPanel
from gui.widgets.elision import ElidedLabel
from tests.gui.finding import in_words, named


def test_a_low_panel_leaves_the_room_of_the_totals_to_the_list(panel: NetworkPanel) -> None:
    totals = named(panel, QLabel, "totals")
    panel.resize(300, 900)
    QApplication.processEvents()
    assert len(totals.text().splitlines()) == 2
    panel.resize(300, 340)
    QApplication.processEvents()
    assert totals.text() == "7 blocks · 341,727 parameters"
    assert "368,620 multiply-adds" in in_words(totals.toolTip())


def test_in_a_low_panel_a_selected_block_leaves_room_to_the_list(
    document: Document, panel: NetworkPanel
) -> None:
    panel.resize(280, 470)
    document.select(document.stack.slots[0].id)
    QApplication.processEvents()
    assert panel.inspector.isVisible()
    assert panel.block_list.height() >= 4 * panel.block_list.sizeHintForRow(0) * 3 // 4
    assert panel.block_list.viewport().height() >= 100
    document.select(None)
    QApplication.processEvents()
    palette = panel.palette_.parentWidget()
    assert palette is not None
    assert palette.height() >= panel.palette_.height()


def test_in_a_large_font_no_option_is_cut(document: Document, panel: NetworkPanel) -> None:
    font = panel.font()
    font.setPointSizeF(14)
    panel.setFont(font)
    panel.resize(280, 620)
    document.select(document.stack.slots[0].id)
    QApplication.processEvents()
    area = panel.inspector.findChildren(QScrollArea)[0]
    page = area.widget()
    assert page is not None
    assert page.width() <= area.viewport().width()


def test_in_a_low_panel_an_error_leaves_room_for_its_row_and_two_more(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    document.select(document.stack.slots[2].id)
    edits.delete()  # the Reshape
    panel.resize(280, 465)
    QApplication.processEvents()
    assert document.selected == document.stack.slots[2].id
    rows, seen = panel.block_list, panel.block_list.viewport().rect()
    places = [rows.visualRect(rows.model().index(row, 0)) for row in range(6)]
    assert seen.contains(places[2]), "the row with the error is whole"
    assert sum(seen.contains(place) for place in places) >= 3
    buttons = [one for one in panel.repairs.findChildren(QPushButton) if one.isVisible()]
    assert buttons[0].text() == "Insert a Reshape before block 3", "it is not cut"
    edits.undo()
    QApplication.processEvents()
    assert named(panel, QLabel, "totals").isVisible()


def test_in_a_narrow_panel_the_name_of_a_block_is_seen_beside_its_buttons(
    document: Document, panel: NetworkPanel
) -> None:
    panel.resize(280, 465)
    document.select(document.stack.slots[0].id)
    QApplication.processEvents()
    names = [label for label in panel.inspector.findChildren(ElidedLabel) if label.text() == "Conv"]
    assert [label.written() for label in names] == ["Conv"]
