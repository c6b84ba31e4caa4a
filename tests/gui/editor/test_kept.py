"""Rows of a trained network say which blocks keep what they have learned and which start new."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from engine.model.weights import initial_weights
from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.block_list import BlockList
from gui.editor.block_list_model import FATE_ROLE
from gui.editor.network_panel import NetworkPanel
from gui.theme import colours_of

ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


def train(document: Document, epochs: int = 1) -> None:
    """Hold what training hands over."""
    document.keep_learned(initial_weights(document.report, 5, "lecun"), epochs)


def learned(panel: NetworkPanel) -> list[str]:
    model = panel.block_list.model()
    return [model.index(row, 0).data(FATE_ROLE) for row in range(model.rowCount())]


def spoken(panel: NetworkPanel, row: int) -> str:
    return str(panel.block_list.model().index(row, 0).data(ACCESSIBLE))


def joint(blocks: BlockList, row: int) -> QImage:
    """Take a picture of the right half of the strip below a row."""
    QApplication.processEvents()
    rect = blocks.visualRect(blocks.model().index(row, 0))
    strip = rect.adjusted(rect.width() // 2, rect.height() - 12, 0, 0)
    return blocks.viewport().grab(strip).toImage()


def has(image: QImage, colour: str) -> bool:
    wanted = QColor(colour)
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return any(pixel == wanted for pixel in pixels)


def test_nothing_is_said_while_nothing_is_trained(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    empty = joint(panel.block_list, 0)
    assert learned(panel) == [""] * 7
    assert "trained" not in spoken(panel, 0)
    train(document)
    assert learned(panel) == [""] * 7, "no edit has cost anything"
    edits.change_option(1, "depth", 6)
    assert joint(panel.block_list, 0) != empty
    edits.undo()
    edits.forget_learned()
    assert learned(panel) == [""] * 7
    assert joint(panel.block_list, 0) == empty


def test_an_edit_makes_new_what_it_does_not_leave_fitting_and_undo_brings_it_back(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    train(document)
    document.select(None)
    assert learned(panel) == [""] * 7
    edits.change_option(1, "depth", 6)  # the Dense after it takes more values now
    document.select(None)
    assert learned(panel) == ["untrained", "", "", "untrained", "", "still trained", ""]
    assert spoken(panel, 0).endswith(
        "4,110 parameters. It is untrained: training starts from initial weights."
    )
    assert "It is still trained" in spoken(panel, 5)
    assert "It is still trained" in panel.block_list.model().index(5, 0).data(
        Qt.ItemDataRole.ToolTipRole
    )
    link = colours_of(panel.palette()).link
    assert has(joint(panel.block_list, 0), link)
    assert not has(joint(panel.block_list, 5), link)
    edits.undo()
    assert learned(panel) == [""] * 7


def test_a_copy_starts_new_and_a_moved_block_keeps_what_fits(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    train(document)
    document.select(4)
    edits.duplicate()
    assert learned(panel) == [
        "still trained",
        "",
        "",
        "still trained",
        "untrained",
        "",
        "still trained",
        "",
    ]
    edits.delete()
    document.select(2)
    edits.move(-1)  # the Sigmoid before the Conv changes no shape
    assert learned(panel) == [""] * 7


def test_what_does_not_fit_says_its_error_only(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    train(document)
    document.select(3)
    edits.delete()  # the Reshape
    assert learned(panel) == [""] * 6
    assert "trained" not in spoken(panel, 2)
    edits.undo()
    assert learned(panel) == [""] * 7


def test_nothing_is_said_while_it_trains(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    train(document)
    edits.change_option(1, "depth", 6)
    document.set_locked(True)
    assert learned(panel) == [""] * 7
    train(document, 2)
    document.set_locked(False)
    assert learned(panel) == [""] * 7
