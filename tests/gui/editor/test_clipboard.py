"""Blocks as text: there and back, by mail, from elsewhere, and rubbish answered in a sentence."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.blocks import KINDS, Conv, Dense, Dropout, UnknownBlock
from engine.errors import ProjectError
from engine.model.project import Project
from engine.model.stack import BlockSlot
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.editor_actions import blocks_from_text, blocks_to_text
from gui.editor.network_panel import NetworkPanel
from gui.widgets.messages import MessageBar
from tests.gui.editor.gestures import click_row

CTRL = Qt.KeyboardModifier.ControlModifier


def clip() -> str:
    return QGuiApplication.clipboard().text()


def put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def labels(document: Document) -> list[str]:
    return [slot.label for slot in document.stack]


# --- the text ----------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=8), st.text(max_size=30))
def test_blocks_come_back_as_they_were(kinds: list[str], title: str) -> None:
    title = " ".join(title.split())
    slots = [BlockSlot(0, KINDS[kind](), title) for kind in kinds]
    assert blocks_from_text(blocks_to_text(slots)) == slots


def test_the_text_can_be_read_by_people_and_by_any_json_reader() -> None:
    text = blocks_to_text(
        [BlockSlot(3, Conv(depth=7), "Edges", locked=True), BlockSlot(4, Dense(units=9))]
    )
    assert json.loads(text)["blocks"][1] == {"block": {"kind": "dense", "units": 9}}
    assert '"title": "Edges"' in text
    assert '"depth": 7' in text
    assert "locked" not in text
    assert max(map(len, text.splitlines())) < 72  # no mail program breaks a line


def test_mail_does_not_harm_the_text_and_a_block_or_a_list_of_blocks_is_enough() -> None:
    slots = [BlockSlot(0, Dropout(rate=0.5), "Später")]
    text = blocks_to_text(slots)
    for sent in (
        text.replace("\n", "\r\n"),
        "\ufeff\n\n" + text + "\n\n ",
        text.replace("  ", "\u00a0\u00a0"),
        " ".join(text.split()),
    ):
        assert blocks_from_text(sent) == slots
    assert blocks_from_text('{"kind": "dense", "units": 5}') == [BlockSlot(0, Dense(units=5))]
    two = blocks_from_text('[{"kind": "conv"}, {"kind": "dense"}]')
    assert two == [BlockSlot(0, Conv()), BlockSlot(0, Dense())]
    raw = {"kind": "lstm", "cells": [1, {"deep": True}]}
    slot = blocks_from_text(json.dumps({"blocks": [{"title": "Memory", "block": raw}]}))[0]
    assert isinstance(slot.block, UnknownBlock)
    assert (slot.block.raw, slot.title) == (raw, "Memory")
    assert blocks_from_text(blocks_to_text([slot])) == [slot]


RUBBISH = [
    "",
    " \n ",
    '{"blocks": []}',
    "Dear Ada, see you on Monday.",
    "{",
    "null",
    "7",
    '"conv"',
    "[1, 2]",
    '{"blocks": [null]}',
    '{"units": 5}',
    '{"kind": 5}',
    '{"blocks": [{"title": 5, "block": {"kind": "conv"}}]}',
    '{"kind": "x", "n": NaN}',
    '{"kind": "x", "n": 1e400}',
    "[" * 50_000,
    '{"kind": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    '{"kind": "x", "a": "' + "y" * 1_000_000 + '"}',
]


@pytest.mark.parametrize("text", RUBBISH, ids=lambda text: text[:24])
def test_rubbish_is_answered_in_a_sentence(text: str) -> None:
    with pytest.raises(ProjectError, match=r"^There are no blocks to paste\."):
        blocks_from_text(text)


def test_what_cannot_be_pasted_is_said() -> None:
    for text, said in (
        ('[{"kind": "dense"}, {"kind": "dense", "units": 0}]', r"Block 2 \(Dense\) of the copied"),
        (json.dumps([{"kind": "conv"}] * 1001), "The text has 1,001 blocks"),
    ):
        with pytest.raises(ProjectError, match=f"^{said}"):
            blocks_from_text(text)


def test_damaged_text_gives_blocks_or_one_kind_of_error() -> None:
    chance = random.Random(4)
    text = blocks_to_text(
        [BlockSlot(0, Conv(), "Edges"), BlockSlot(0, Dense()), BlockSlot(0, Dropout())]
    )
    refused = 0
    for _ in range(1000):
        letters = list(text)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(letters))
            letters[at : at + chance.randint(0, 3)] = chance.choice(['"', "{", "9", "", "-", "x"])
        try:
            slots = blocks_from_text("".join(letters))
        except ProjectError:
            refused += 1
        else:
            assert blocks_from_text(blocks_to_text(slots)) == slots
    assert 250 < refused < 1000


# --- in the window -----------------------------------------------------------------------------


def test_blocks_are_copied_or_cut_and_pasted_after_the_selection_also_elsewhere(
    document: Document, edits: Edits, kernel_edits: KernelEdits, panel: NetworkPanel, qtbot: QtBot
) -> None:
    blocks = panel.block_list
    edits.rename(4, "Hidden")
    kernel_edits.lock((4,), True)
    click_row(blocks, 3)
    click_row(blocks, 4, CTRL)
    QTest.keyClick(blocks, Qt.Key.Key_C, CTRL)
    assert json.loads(clip())["blocks"][0]["block"]["units"] == 100
    click_row(blocks, 6)
    QTest.keyClick(blocks, Qt.Key.Key_V, CTRL)
    assert labels(document)[6:] == ["Sigmoid", "Hidden", "Sigmoid"]
    assert [slot.locked for slot in document.stack if slot.title] == [True, False]
    assert list(document.selection) == [8, 9]
    assert document.undo_stack.undoText() == "Paste 2 blocks"
    edits.undo()
    assert len(document.stack) == 7
    click_row(blocks, 0)
    QTest.keyClick(blocks, Qt.Key.Key_X, CTRL)
    assert labels(document)[0] == "Sigmoid"
    assert document.undo_stack.undoText() == "Cut Conv 5, 3×3"
    other = Document(Project())
    second = NetworkPanel(other, Edits(other), KernelEdits(other), MessageBar(panel))
    qtbot.addWidget(second)
    second.actions_.paste.trigger()
    assert labels(other) == ["Conv 5, 3×3"]
    edits.undo()
    assert labels(document)[0] == "Conv 5, 3×3"


def test_text_fields_keep_their_own_and_under_the_lock_one_may_copy_but_not_cut_or_paste(
    document: Document, panel: NetworkPanel
) -> None:
    search = panel.palette_.search
    search.setFocus()
    QTest.keyClicks(search, "tanh")
    search.selectAll()
    QTest.keyClick(search, Qt.Key.Key_X, CTRL)
    assert (clip(), search.text()) == ("tanh", ""), "text fields keep their own clipboard"
    document.select(1)
    document.set_locked(True)
    blocks = panel.block_list
    blocks.setFocus()
    QTest.keyClick(blocks, Qt.Key.Key_X, CTRL)
    assert clip() == "tanh"
    QTest.keyClick(blocks, Qt.Key.Key_C, CTRL)
    assert '"conv"' in clip()
    QTest.keyClick(blocks, Qt.Key.Key_V, CTRL)
    assert len(document.stack) == 7
    assert panel.actions_.paste.toolTip() == "Stop training to change this."
