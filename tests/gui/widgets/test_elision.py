"""Texts that are cut short where there is no room."""

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from gui.widgets.elision import ElidedLabel, elide, elide_button, elide_names, told_apart


def test_a_text_is_cut_to_what_fits(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    metrics = label.fontMetrics()
    text = "a title of several words"
    wide = metrics.horizontalAdvance(text) + 1  # advances are rounded
    assert elide(text, metrics, wide) == text
    cut = elide(text, metrics, wide / 2)
    assert cut.endswith("…")
    assert metrics.horizontalAdvance(cut) <= wide / 2
    assert text.startswith(cut.removesuffix("…"))
    assert len(elide(text, metrics, -5)) <= 1


def test_an_ampersand_on_a_button_is_no_key(qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    elide_button(button, "Salt & pepper", 1000)
    assert button.shortcut().isEmpty()
    assert button.text() == "Salt && pepper"


def test_a_label_asks_for_no_width_of_its_own(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("a very long title " * 20)
    label.resize(60, 20)
    narrow = label.grab().toImage()
    label.setText(label.text() + "that ends otherwise")
    assert label.grab().toImage() == narrow
    assert label.width() == 60


def test_a_label_writes_the_first_of_its_texts_that_fits(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    texts = ("epoch 3: loss 0.1, test loss 0.2", "epoch 3: test loss 0.2", "loss 0.2")
    label.set_texts(*texts)
    assert label.text() == texts[0]
    for text in texts:
        label.resize(label.fontMetrics().horizontalAdvance(text), 20)
        assert label.written() == text
    label.resize(label.width() - 5, 20)
    assert label.written().endswith("…")
    assert texts[-1].startswith(label.written().removesuffix("…"))


def test_a_label_cuts_some_words_short_before_the_end(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    name = "a name of many more words than others"
    label.set_texts(f"epoch 3 of {name}, which is gone for ever", f"of {name}, gone", cut=name)
    wide = label.fontMetrics().horizontalAdvance
    label.resize(wide("of a name, gone") + wide("…") + 2, 20)
    assert label.written() == "of a name…, gone"
    label.resize(wide("of …"), 20)
    assert label.written().startswith("of")
    assert wide(label.written()) <= label.width()


def tooltip_of(label: ElidedLabel) -> str:
    """Let the mouse rest over a label, and return what is shown."""
    label.show()
    event = QHelpEvent(QEvent.Type.ToolTip, QPoint(1, 1), label.mapToGlobal(QPoint(1, 1)))
    QApplication.sendEvent(label, event)
    return QToolTip.text() if event.isAccepted() else ""


def test_the_tooltip_says_what_is_cut_short(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("a title of several words")
    label.resize(60, 20)
    assert label.written().endswith("…")
    assert tooltip_of(label) == "a title of several words"
    label.resize(400, 20)
    assert label.written() == "a title of several words"
    assert tooltip_of(label) == ""


def test_a_tooltip_of_its_own_stays(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("a title of several words")
    label.setToolTip("as of epoch 3")
    label.resize(60, 20)
    assert tooltip_of(label) == "as of epoch 3"


ALIKE = ["red small circle left", "red large circle left", "red large square left", "blue"]


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_names_that_differ_in_their_middle_alone_are_told_apart(qtbot: QtBot, share: float) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    metrics = label.fontMetrics()
    width = share * metrics.horizontalAdvance(ALIKE[0])
    cut = elide_names(ALIKE, metrics, width)
    assert len(set(cut)) == len(ALIKE)
    assert all(metrics.horizontalAdvance(text) <= width for text in cut)
    assert cut[-1] == "blue"
    assert elide_names(ALIKE, metrics, 1000) == ALIKE
    assert elide_names([], metrics, width) == []


def test_a_name_that_another_begins_with_does_not_vanish() -> None:
    def first(name: str) -> str:
        return name if len(name) < 4 else f"{name[:3]}…"

    assert told_apart(["aaaa", "aaaabbbb", "aaa"], first, first) == ["…a", "…bb…", "aaa"]


def test_equal_names_are_cut_alike() -> None:
    one, other = told_apart(["a long name", "a long name"], str.upper, str.lower)
    assert one == other == "A LONG NAME"
