"""The preview beside a kernel: what it makes of the digit that is looked at."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from scipy.signal import correlate2d

from engine.blocks import Conv
from engine.data.sources import load
from engine.inspection.snapshot import Sample, Snapshot, take_snapshot
from engine.model.network import Network
from engine.model.weights import initial_weights
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_place import KernelPlace
from gui.kernel_editor.dialog import KernelEditor
from tests.engine.closeness import relative_error
from tests.gui.editor.gestures import LEFT, pull
from tests.gui.kernel_editor.kernels import at, choose, kernel, opened


def look_at(document: Document) -> Snapshot:
    settings = document.settings
    samples = load(settings.dataset, settings.classes, 3)[1]
    kept = document.project().weights
    weights = initial_weights(document.report, settings.seed, settings.initializer, kept=kept)
    return take_snapshot(Network(document.report, weights), Sample.of(samples, 4))


def test_the_preview_is_what_scipy_makes_of_the_digit(
    editor: KernelEditor, document: Document
) -> None:
    preview = editor.preview
    assert not preview.result.cells.isVisible()
    assert "when there is data" in "".join(label.text() for label in preview.findChildren(QLabel))
    snapshot = look_at(document)
    editor.show_snapshot(snapshot)
    assert np.array_equal(preview.input.cells.values(), snapshot.inputs[0])
    assert preview.input.title.text() == "Test image 5 · a 0"
    assert preview.input.title.textFormat() is Qt.TextFormat.PlainText  # a class has any name
    assert preview.result.title.text() == "X₁ ⋆ K₁,₁"
    found = preview.result.cells.values()
    assert relative_error(found, correlate2d(snapshot.inputs[0], kernel(document), "valid")) < 1e-5
    choose(editor, "sobel_y")
    found = preview.result.cells.values()
    assert relative_error(found, correlate2d(snapshot.inputs[0], kernel(document), "valid")) < 1e-5
    pull(editor.grid, at(editor, 0, 0), at(editor, 0, 1))  # while it is drawn, too
    drawn = editor.grid.values()
    assert drawn[0, 0] == 1.0
    found = preview.result.cells.values()
    assert relative_error(found, correlate2d(snapshot.inputs[0], drawn, "valid")) < 1e-5
    QTest.mouseRelease(editor.grid, LEFT, pos=at(editor, 0, 1))


def test_the_preview_of_a_later_block_takes_what_comes_into_it(
    document: Document, edits: Edits, window: QWidget, qtbot: QtBot
) -> None:
    edits.add("conv", 2)
    slot_id = document.stack.slots[2].id
    editor = opened(document, window, qtbot, KernelPlace(slot_id, 0, 3))
    snapshot = look_at(document)
    editor.show_snapshot(snapshot)
    channel = snapshot.blocks[1].values[3]  # after the Sigmoid
    assert np.array_equal(editor.preview.input.cells.values(), channel)
    assert editor.preview.input.title.text() == "Test image 5 · a 0: channel 4"
    expected = correlate2d(channel, kernel(document, 0, 3, slot_id), "valid")
    assert relative_error(editor.preview.result.cells.values(), expected) < 1e-5
    edits.change_option(1, "depth", 4)  # the snapshot is at a network that is no more
    assert not editor.preview.result.cells.isVisible()


def test_the_preview_obeys_padding_and_stride(
    document: Document, window: QWidget, qtbot: QtBot
) -> None:
    slot = document.stack.slot(1)
    padded = replace(slot, block=Conv(padding="same", stride=2))
    document.set_stack(document.stack.replaced(padded), 1)
    editor = opened(document, window, qtbot, KernelPlace(1, 0, 0))
    editor.show_snapshot(look_at(document))
    assert editor.preview.result.cells.values().shape == (14, 14)
