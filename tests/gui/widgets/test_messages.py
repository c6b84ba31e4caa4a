"""What the window says, and what it asks when a user is there to answer."""

from collections.abc import Callable

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

from gui.theme import apply_theme, colours_of
from gui.widgets.messages import (
    Answer,
    MessageBar,
    Overwriting,
    Recovering,
    ask_about_unsaved,
    ask_to_overwrite,
    ask_to_quit,
    ask_to_recover,
    ask_to_replace,
    ask_to_replace_in,
)
from tests.gui.finding import child, named
from tests.gui.waiting import wait_until


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def parent(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QWidget:
    """Return a window in front of which a user sits."""
    monkeypatch.delenv("LAYERSCOPE_UNATTENDED")
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def answer(act: Callable[[QMessageBox], None], said: list[str]) -> None:
    """Wait for a question, note what it says, and answer it."""

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.extend([box.text(), box.informativeText()])
        act(box)

    QTimer.singleShot(0, look)


def press(letter: str) -> Callable[[QMessageBox], None]:
    """Click the button that this letter stands for."""

    def act(box: QMessageBox) -> None:
        button = next(each for each in box.buttons() if letter in each.text().lstrip("&"))
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    return act


def key(key: Qt.Key) -> Callable[[QMessageBox], None]:
    return lambda box: QTest.keyClick(box, key)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (press("S"), Answer.SAVE),
        (press("D"), Answer.DISCARD),
        (press("C"), Answer.CANCEL),
        (key(Qt.Key.Key_Escape), Answer.CANCEL),
        (key(Qt.Key.Key_Return), Answer.SAVE),
    ],
)
def test_unsaved_work_can_be_saved_discarded_or_kept(
    parent: QWidget, act: Callable[[QMessageBox], None], expected: Answer
) -> None:
    said: list[str] = []
    answer(act, said)
    assert ask_about_unsaved(parent, "mine.layerscope") is expected
    assert said[0] == "Save the changes to mine.layerscope?"
    assert "Its kept runs stay in Runs." in said[1]
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert parent.findChildren(QMessageBox) == []


@pytest.mark.parametrize(
    ("ask", "letters", "safe"),
    [
        (lambda parent: ask_about_unsaved(parent, "a"), "dD", Answer.CANCEL),
        (lambda parent: ask_to_quit(parent, "a"), "qQ", False),
        (lambda parent: ask_to_replace(parent, "a"), "rR", False),
        (lambda parent: ask_to_replace_in(parent, "a"), "rR", False),
        (lambda parent: ask_to_overwrite(parent, "a"), "oO", Overwriting.CANCEL),
        (lambda parent: ask_to_recover(parent, "a", "b"), "dD", Recovering.KEEP),
    ],
)
def test_no_letter_alone_destroys_anything(
    parent: QWidget, ask: Callable[[QWidget], object], letters: str, safe: object
) -> None:
    def act(box: QMessageBox) -> None:
        QTest.keyClicks(box, letters)
        QTest.qWait(150)  # as long as a button that a key has clicked stays down
        QTest.keyClick(box, Qt.Key.Key_Escape)

    answer(act, [])
    assert ask(parent) is safe


@pytest.mark.parametrize(
    ("ask", "key", "expected"),
    [
        (lambda parent: ask_about_unsaved(parent, "a"), Qt.Key.Key_D, Answer.DISCARD),
        (lambda parent: ask_about_unsaved(parent, "a"), Qt.Key.Key_S, Answer.SAVE),
        (lambda parent: ask_about_unsaved(parent, "a"), Qt.Key.Key_C, Answer.CANCEL),
        (lambda parent: ask_to_quit(parent, "a"), Qt.Key.Key_Q, True),
        (lambda parent: ask_to_replace(parent, "a"), Qt.Key.Key_R, True),
        (lambda parent: ask_to_overwrite(parent, "a"), Qt.Key.Key_O, Overwriting.OVERWRITE),
        (lambda parent: ask_to_recover(parent, "a", "b"), Qt.Key.Key_D, Recovering.DISCARD),
        (lambda parent: ask_to_recover(parent, "a", "b"), Qt.Key.Key_R, Recovering.RECOVER),
        (lambda parent: ask_to_recover(parent, "a", "b"), Qt.Key.Key_K, Recovering.KEEP),
    ],
)
def test_every_answer_has_a_letter_with_alt(
    parent: QWidget, ask: Callable[[QWidget], object], key: Qt.Key, expected: object
) -> None:
    parent.show()
    letters: list[str] = []

    def act(box: QMessageBox) -> None:
        letters.extend(QKeySequence.mnemonic(each.text()).toString() for each in box.buttons())
        box.activateWindow()
        wait_until(box.isActiveWindow)
        QTest.keyClick(box, key, Qt.KeyboardModifier.AltModifier)

    answer(act, [])
    assert ask(parent) is expected
    assert len(set(letters) - {""}) == len(letters)


def test_a_file_is_replaced_only_if_that_is_chosen(parent: QWidget) -> None:
    said: list[str] = []
    answer(press("R"), said)
    assert ask_to_replace(parent, "a.npz")
    assert said[0] == "a.npz exists already. Replace it?"
    answer(lambda box: QTest.keyClick(box, Qt.Key.Key_Return), [])
    assert not ask_to_replace(parent, "a.npz")


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (press("O"), Overwriting.OVERWRITE),
        (press("a"), Overwriting.SAVE_AS),
        (press("C"), Overwriting.CANCEL),
        (key(Qt.Key.Key_Escape), Overwriting.CANCEL),
        (key(Qt.Key.Key_Return), Overwriting.SAVE_AS),
    ],
)
def test_a_changed_file_is_overwritten_only_if_that_is_chosen(
    parent: QWidget, act: Callable[[QMessageBox], None], expected: Overwriting
) -> None:
    said: list[str] = []
    answer(act, said)
    assert ask_to_overwrite(parent, "mine.layerscope") is expected
    assert said[0] == "Another program has changed mine.layerscope. Overwrite it?"


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (press("R"), Recovering.RECOVER),
        (press("D"), Recovering.DISCARD),
        (press("K"), Recovering.KEEP),
        (key(Qt.Key.Key_Escape), Recovering.KEEP),
        (key(Qt.Key.Key_Return), Recovering.RECOVER),
    ],
)
def test_left_work_is_discarded_only_if_that_is_chosen(
    parent: QWidget, act: Callable[[QMessageBox], None], expected: Recovering
) -> None:
    said: list[str] = []
    answer(act, said)
    assert ask_to_recover(parent, "Recover it?", "It has 3 blocks.") is expected
    assert said == ["Recover it?", "It has 3 blocks."]


def test_where_nobody_is_nobody_is_asked(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    assert ask_about_unsaved(parent, "x") is Answer.DISCARD
    assert not ask_to_replace(parent, "x")
    assert ask_to_overwrite(parent, "x") is Overwriting.CANCEL
    assert ask_to_recover(parent, "x", "y") is Recovering.KEEP


def test_a_message_stays_until_it_is_closed(bar: MessageBar) -> None:
    assert bar.isHidden()
    bar.show_error("This and <b>that</b> went wrong.")
    assert bar.isVisible()
    assert bar.text.text() == "This and <b>that</b> went wrong."
    assert bar.text.textFormat() == Qt.TextFormat.PlainText
    QTest.mouseClick(named(bar, QToolButton, "message.close"), Qt.MouseButton.LeftButton)
    assert not bar.isVisible()


def test_a_long_message_is_wrapped_and_whole(bar: MessageBar) -> None:
    bar.resize(400, bar.sizeHint().height())
    bar.show_error("word " * 60)
    QApplication.processEvents()
    label = bar.text
    assert bar.heightForWidth(400) > 4 * label.fontMetrics().height()


def test_only_the_same_message_is_taken_back(bar: MessageBar) -> None:
    bar.show_error("one")
    bar.take_back("")
    bar.take_back("other")
    assert bar.isVisible()
    bar.take_back("one")
    assert not bar.isVisible()


def test_errors_and_notices_differ_by_mark_and_by_colour(bar: MessageBar) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    seen = []
    for scheme in ("light", "dark"):
        apply_theme(app, scheme)
        bar.show_notice("done")
        mark = next(label for label in bar.findChildren(QLabel) if label is not bar.text)
        assert mark.accessibleName() == "Done"
        bar.show_error("failed")
        assert mark.accessibleName() == "Error"
        colour = mark.palette().color(mark.foregroundRole()).name().upper()
        assert colour == colours_of(bar.palette()).error.upper()
        seen.append(colour)
    apply_theme(app, "light")
    assert mark.palette().color(mark.foregroundRole()).name().upper() == seen[0]
    apply_theme(app, "system")


@pytest.fixture
def over(qtbot: QtBot) -> MessageBar:
    """Return a bar that lies over a field with the focus."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(QLineEdit())
    column.addWidget(QLabel("under"))
    bar = MessageBar()
    bar.lie_over(window)
    window.resize(900, 500)
    window.show()
    window.activateWindow()
    child(window, QLineEdit).setFocus()
    qtbot.waitUntil(child(window, QLineEdit).hasFocus)
    return bar


def test_a_notice_goes_by_itself_and_an_error_stays(
    over: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.widgets.messages._LEAST_TIME", 20)
    monkeypatch.setattr("gui.widgets.messages._TIME_PER_LETTER", 0)
    over.show_notice("Saved.")
    over.show_error("It failed.")
    QTest.qWait(60)
    assert over.text.text() == "It failed."
    over.show_notice("Saved.")
    assert over.isVisible()
    qtbot.waitUntil(lambda: not over.isVisible())


def test_a_notice_stays_while_the_focus_is_on_it(
    over: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_LEAST_TIME", 10), ("_TIME_PER_LETTER", 0), ("_AGAIN", 10)):
        monkeypatch.setattr(f"gui.widgets.messages.{name}", value)
    close = named(over, QToolButton, "message.close")
    over.show_notice("Saved.")
    close.setFocus()
    QTest.qWait(60)
    assert over.isVisible()
    child(over.window(), QLineEdit).setFocus()
    qtbot.waitUntil(lambda: not over.isVisible())


def test_the_bar_lies_over_what_is_there_and_nothing_moves(over: MessageBar) -> None:
    window = over.window()
    under = next(label for label in window.findChildren(QLabel) if label.text() == "under")
    before = under.geometry()
    over.show_error("word " * 60)
    assert over.isVisible()
    assert under.geometry() == before
    for width in (900, 500):
        window.resize(width, 500)
        assert window.rect().contains(over.geometry())
        assert over.height() >= over.heightForWidth(over.width())


def test_what_is_offered_with_a_message_is_taken_once(bar: MessageBar) -> None:
    taken: list[str] = []
    bar.show_offer("Undo", "Deleted a run.", lambda: taken.append("undo"))
    button = named(bar, QToolButton, "message.offer")
    assert (bar.text.text(), button.text(), button.isVisible()) == ("Deleted a run.", "Undo", True)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert taken == ["undo"]
    assert not bar.isVisible()


def test_an_offer_goes_with_its_message(bar: MessageBar) -> None:
    bar.show_offer("Undo", "Deleted a run.", lambda: None)
    bar.show_notice("Saved.")
    assert not named(bar, QToolButton, "message.offer").isVisible()


def test_a_window_may_end_under_a_message(qtbot: QtBot) -> None:
    window, bar = QWidget(), MessageBar()
    bar.lie_over(window)
    window.show()
    bar.show_notice("Saved.")
    with qtbot.captureExceptions() as raised:
        delete(window)
    assert not raised
