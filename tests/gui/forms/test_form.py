"""Forms: what is committed and when, refusals, and changes from elsewhere."""

from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import SettingsError
from engine.struct_fields import change, fields_of
from gui.forms.form import Form, stacked
from tests.gui.finding import child, named
from tests.gui.forms.options import Options, Owner, combo, line, message, number, spin
from tests.gui.hands import type_into
from tests.gui.showing import turn_wheel


def test_leaving_a_field_or_a_flush_commits_what_is_typed(owner: Owner, window: QWidget) -> None:
    type_into(spin(window, "count"), "7", enter=False)
    assert owner.commits == []
    spin(window, "batch").setFocus()
    assert owner.commits == [("count", 7)]
    for widget, text in (
        (spin(window, "count"), "8"),
        (number(window, "rate"), "3"),
        (line(window, "classes"), "2,3"),
    ):
        type_into(widget, text, enter=False)
        owner.form.flush()
    owner.form.flush()
    assert owner.commits[1:] == [("count", 8), ("rate", 3.0), ("classes", (2, 3))]


def test_changes_from_elsewhere_are_shown_and_not_committed(owner: Owner, window: QWidget) -> None:
    others = {"count": 9, "rate": 3.0, "mode": "same", "shape": (2, 3), "classes": (4, 5, 6)}
    owner.form.show(change(owner.options, "Options", data="/x", on=True, **others))
    assert spin(window, "count").value() == 9
    assert number(window, "rate").text() == "3"
    assert combo(window, "mode").currentData() == "same"
    assert line(window, "shape").text() == "2×3"
    assert line(window, "classes").text() == "4-6"
    assert combo(window, "data").currentText() == "/x"
    owner.form.flush()
    assert owner.commits == []
    for box in (spin(window, "count"), number(window, "rate")):
        box.setFocus()
        box.selectAll()
        owner.form.show(change(owner.options, "Options", **others))
        assert box.lineEdit().hasSelectedText(), "nothing was changed"
    owner.form.show(change(owner.options, "Options", count=8, rate=0.001))
    assert (spin(window, "count").value(), number(window, "rate").value()) == (8, 0.001)
    assert not spin(window, "count").lineEdit().hasSelectedText()
    assert not number(window, "rate").lineEdit().hasSelectedText()


def test_what_is_typed_or_refused_stays_while_others_change_and_is_dropped_when_asked(
    owner: Owner, window: QWidget
) -> None:
    shape = line(window, "shape")
    type_into(shape, "5x", enter=False)
    owner.form.show(change(owner.options, "Options", count=9))
    assert shape.text() == "5x"
    owner.form.show(owner.options, afresh=True)
    assert shape.text() == "-1"
    for name, typed, before in (
        ("shape", "5x26xx", "-1"),
        ("classes", "1", "0, 1"),
        ("data", " ", "First"),
    ):
        widget = named(window, QWidget, f"option.{name}")
        edit = child(widget, QLineEdit) if isinstance(widget, QComboBox) else widget
        assert isinstance(edit, QLineEdit)
        type_into(widget, typed)
        owner.form.show(change(owner.options, "Options", count=9))
        assert (message(window, name) != "", edit.text()) == (True, typed)
        owner.form.drop_refused()
        assert (message(window, name), edit.text()) == ("", before)
    type_into(spin(window, "count"), "99")
    type_into(shape, "5x", enter=False)
    owner.form.drop_refused()
    assert message(window, "count") == ""
    assert shape.text() == "5x"  # this was not refused


def test_typing_the_value_in_use_takes_the_refusal_back(owner: Owner, window: QWidget) -> None:
    for name, refused, in_use in (
        ("shape", "5x26xx", "-1"),
        ("classes", "1", "0, 1"),
        ("data", " ", "First"),
        ("rate", "1e9", "0.1"),
        ("count", "99", "5"),
    ):
        widget = named(window, QWidget, f"option.{name}")
        type_into(widget, refused)
        assert message(window, name) != ""
        type_into(widget, in_use)
        assert message(window, name) == ""
    assert owner.commits == []


def test_letters_that_no_number_has_are_left_to_the_window(owner: Owner, window: QWidget) -> None:
    action = QAction(window, shortcut=QKeySequence("N"))
    other = QAction(window, shortcut=QKeySequence("Shift+N"))
    taken = QAction(window, shortcut=QKeySequence("E"))
    heard: list[str] = []
    for name, some in (("n", action), ("N", other), ("e", taken)):
        some.triggered.connect(lambda *_, name=name: heard.append(name))
        window.addAction(some)
    for box in (spin(window, "count"), number(window, "rate")):
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_N)
        QTest.keyClick(box, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert heard == ["n", "N", "n", "N"]
    assert (spin(window, "count").text(), number(window, "rate").text()) == ("5 maps", "0.1")
    type_into(number(window, "rate"), "1e-3")
    type_into(number(window, "rate"), "2E-3")
    assert [value for _, value in owner.commits] == [0.001, 0.002]
    type_into(line(window, "shape"), "n")
    type_into(combo(window, "data"), "/n")
    assert owner.options.data == "/n"
    assert line(window, "shape").text() == "n"
    assert len(heard) == 4


def test_undo_keys_reach_the_window_when_nothing_is_typed(owner: Owner, window: QWidget) -> None:
    undone: list[str] = []
    action = QAction(window)
    action.setShortcut(QKeySequence("Ctrl+Z"))
    action.triggered.connect(lambda: undone.append("x"))
    window.addAction(action)
    control = Qt.KeyboardModifier.ControlModifier
    box = spin(window, "count")
    type_into(box, "8", enter=False)
    QTest.keyClick(box, Qt.Key.Key_Z, control)
    assert undone == []  # took the typing back
    type_into(box, "8")
    QTest.keyClick(box, Qt.Key.Key_Z, control)
    assert undone == ["x"]
    type_into(line(window, "classes"), "3,4")
    QTest.keyClick(line(window, "classes"), Qt.Key.Key_Z, control)
    assert undone == ["x", "x"]


def test_the_wheel_changes_only_the_field_with_the_focus(owner: Owner, window: QWidget) -> None:
    line(window, "shape").setFocus()
    for field in (spin(window, "count"), combo(window, "mode")):
        turn_wheel(field, QPointF(5, 5), 1)
    assert owner.commits == []
    spin(window, "count").setFocus()
    turn_wheel(spin(window, "count"), QPointF(5, 5), 1)
    assert owner.commits == [("count", 6)]


def test_every_field_is_named_explained_and_labelled(owner: Owner, window: QWidget) -> None:
    letters = []
    for name, editor in owner.form.editors.items():
        assert editor.input.objectName() == f"option.{name}"
        assert editor.input.accessibleName().startswith(editor.field.title)
        assert editor.label.buddy() is editor.input
        letters += [editor.label.text().partition("&")[2][:1].lower()]
    assert spin(window, "count").accessibleName() == "Count (maps)"
    tip = spin(window, "count").toolTip()
    assert "How many. A whole number from 1 to 64. Default: 5." in tip
    used = [letter for letter in letters if letter]
    assert len(used) == len(set(used))


def test_a_locked_form_says_why(owner: Owner, window: QWidget) -> None:
    owner.form.set_locked("Not now.")
    assert not spin(window, "count").isEnabled()
    assert spin(window, "count").toolTip() == "Not now."
    assert not number(window, "rate").isEnabled()
    assert not owner.form.editors["rate"].label.isEnabled()
    owner.form.set_locked("")
    assert spin(window, "count").isEnabled()
    assert "How many" in spin(window, "count").toolTip()


def test_a_value_that_the_owner_refuses_is_not_shown(window: QWidget, qtbot: QtBot) -> None:
    def refuse(name: str, value: Any) -> None:
        raise SettingsError(f"Options: {name} cannot be {value} today.")

    form = Form(fields_of(Options), "option", refuse, window)
    page = QWidget()
    qtbot.addWidget(page)
    page.setLayout(stacked(form.editors.values()))
    form.show(Options())
    page.show()
    for name in ("count", "batch"):
        spin(page, name).stepUp()
        assert message(page, name).startswith(f"{name.capitalize()} cannot be")
    combo(page, "mode").setCurrentIndex(1)
    assert spin(page, "count").value() == 5
    assert combo(page, "mode").currentData() == "valid"
