"""What the window says, and what it asks when a user is there to answer."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import get_args

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QMessageBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from gui.theme import Scheme, apply_theme, colours_of
from gui.widgets import messages
from gui.widgets.messages import Answer, MessageBar, Overwriting, Recovering
from tests.approved import assert_approved
from tests.gui.finding import child, named
from tests.gui.showing import activated, on_screen
from tests.gui.waiting import wait_until


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def parent(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> QWidget:
    """Return a window in front of which a user sits."""
    monkeypatch.delenv("LAYERSCOPE_UNATTENDED")
    return window


def answer(act: Callable[[QMessageBox], None], said: list[str]) -> None:
    """Wait for a question, note what it says, and answer it."""

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        box.activateWindow()
        wait_until(box.isActiveWindow)
        said.append(f"{box.text()}\n  {box.informativeText()}".rstrip())
        act(box)

    QTimer.singleShot(0, look)


# Each question with what it names, the letters of its buttons, what these answer, the letter of the
# button that destroys something, and of the one that Enter presses. The last one is safe.
QUESTIONS: list[tuple[str, tuple[str, ...], str, Iterable[object], str, str]] = [
    ("ask_about_unsaved", ("a",), "SDC", get_args(Answer), "D", "S"),
    ("ask_to_quit", ("It ends.",), "QC", (True, False), "Q", "C"),
    ("ask_to_replace", ("a",), "RC", (True, False), "R", "C"),
    ("ask_to_replace_in", ("a",), "RC", (True, False), "R", "C"),
    ("ask_to_overwrite", ("a",), "OAC", get_args(Overwriting), "O", "A"),
    ("ask_to_recover", ("Recover it?", "It has 3 blocks."), "RDK", get_args(Recovering), "D", "R"),
]


def test_a_question_has_a_letter_with_alt_for_every_answer_and_a_safe_one(parent: QWidget) -> None:
    parent.show()
    asked: list[str] = []
    for name, of, letters, answers, destroying, by_enter in QUESTIONS:
        ask = partial(getattr(messages, name), parent, *of)
        expected, said = dict(zip(letters, answers, strict=True)), list[str]()
        safe = expected[letters[-1]]

        def click(box: QMessageBox, letter: str) -> None:
            found = {QKeySequence.mnemonic(each.text()): each for each in box.buttons()}
            QTest.mouseClick(found[QKeySequence(f"Alt+{letter}")], Qt.MouseButton.LeftButton)

        def press_without_alt(box: QMessageBox, letter: str) -> None:
            QTest.keyClicks(box, letter.lower() + letter)
            QTest.qWait(150)  # as long as a button that a key has clicked stays down
            QTest.keyClick(box, Qt.Key.Key_Escape)

        for letter in letters:
            answer(partial(click, letter=letter), said)
            assert ask() == expected[letter], (said, letter)
        for key, result in ((Qt.Key.Key_Return, expected[by_enter]), (Qt.Key.Key_Escape, safe)):
            answer(lambda box, key=key: QTest.keyClick(box, key), said)  # type: ignore[misc]
            assert ask() == result, (said, key)
        answer(partial(press_without_alt, letter=destroying), said)
        assert ask() == safe, "no letter alone destroys anything"
        asked.append(said[0])
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert parent.findChildren(QMessageBox) == []
    assert_approved("questions.txt", "\n".join(asked) + "\n")


def test_where_nobody_is_nobody_is_asked(window: QWidget) -> None:
    assert messages.ask_about_unsaved(window, "x") == "discard"
    assert not messages.ask_to_replace(window, "x")
    assert messages.ask_to_overwrite(window, "x") == "cancel"
    assert messages.ask_to_recover(window, "x", "y") == "keep"


def test_a_message_stays_until_it_is_closed_or_its_topic_goes(bar: MessageBar) -> None:
    assert bar.isHidden()
    bar.say("files", "This and <b>that</b> went wrong.")
    assert bar.isVisible()
    assert bar.text.text() == "This and <b>that</b> went wrong."
    assert bar.text.textFormat() == Qt.TextFormat.PlainText
    QTest.mouseClick(named(bar, QToolButton, "message.close"), Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    bar.say("files", "There is no such file.")
    bar.unsay("names")
    assert bar.text.text() == "There is no such file."
    bar.unsay("files")
    assert (bar.text.text(), bar.isVisible()) == ("", False)
    bar.say("files", "no")
    bar.done("Saved.")
    bar.unsay("files")
    assert bar.text.text() == "Saved.", "another message stays"
    bar.say("names", "one")
    bar.unsay("names")
    assert not bar.isVisible()


def test_errors_and_notices_differ_by_mark_and_colour(qapp: QApplication, bar: MessageBar) -> None:
    bar.done("done")
    mark = next(label for label in bar.findChildren(QLabel) if label is not bar.text)
    assert mark.accessibleName() == "Done"
    bar.say("files", "failed")
    assert mark.accessibleName() == "Error"
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        apply_theme(qapp, scheme)
        colour = mark.palette().color(mark.foregroundRole()).name().upper()
        assert colour == colours_of(bar.palette()).wrong.upper()


@pytest.fixture
def over(qtbot: QtBot, window: QWidget) -> MessageBar:
    """Return a bar that lies over a field with the focus."""
    column = QVBoxLayout(window)
    column.addWidget(QLineEdit())
    column.addWidget(QLabel("under"))
    bar = MessageBar()
    bar.lie_over(window)
    activated(qtbot, on_screen(qtbot, window, 900, 500))
    child(window, QLineEdit).setFocus()
    qtbot.waitUntil(child(window, QLineEdit).hasFocus)
    return bar


def test_a_notice_goes_by_itself_but_not_with_the_focus_on_it_and_an_error_stays(
    over: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_LEAST_TIME", 10), ("_TIME_PER_LETTER", 0), ("_AGAIN", 10)):
        monkeypatch.setattr(f"gui.widgets.messages.{name}", value)
    over.done("Saved.")
    over.say("files", "It failed.")
    QTest.qWait(60)
    assert over.text.text() == "It failed."
    over.done("Saved.")
    named(over, QToolButton, "message.close").setFocus()
    QTest.qWait(60)
    assert over.isVisible()
    child(over.window(), QLineEdit).setFocus()
    qtbot.waitUntil(lambda: not over.isVisible())


def test_the_bar_lies_over_what_is_there_and_nothing_moves(over: MessageBar) -> None:
    window = over.window()
    under = next(label for label in window.findChildren(QLabel) if label.text() == "under")
    before = under.geometry()
    over.say("files", "word " * 60)
    assert over.isVisible()
    assert under.geometry() == before
    for width in (900, 500):
        window.resize(width, 500)
        assert window.rect().contains(over.geometry())
        assert over.height() >= over.heightForWidth(over.width())


def test_what_is_offered_with_a_message_is_taken_once_or_goes_with_it(bar: MessageBar) -> None:
    taken: list[str] = []
    button = named(bar, QToolButton, "message.offer")
    for _ in range(2):
        bar.offer("runs", "Deleted a run.", "Undo", lambda: taken.append("undo"))
        assert (bar.text.text(), button.text()) == ("Deleted a run.", "Undo")
        assert button.isVisible()
        bar.done("Saved.")
        assert not button.isVisible()
    bar.offer("runs", "Deleted a run.", "Undo", lambda: taken.append("undo"))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert taken == ["undo"]
    assert not bar.isVisible()


def test_a_window_may_end_under_a_message(qtbot: QtBot) -> None:
    window, bar = QWidget(), MessageBar()
    bar.lie_over(window)
    window.show()
    bar.done("Saved.")
    with qtbot.captureExceptions() as raised:
        delete(window)
    assert not raised
