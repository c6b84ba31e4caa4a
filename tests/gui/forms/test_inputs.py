"""Inputs: every kind of field by keys and mouse, how it writes its value, what it refuses."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QFileDialog, QWidget

from engine.struct_fields import change
from gui.forms.inputs import SuggestionsBox, parse_number, parse_numbers
from tests.approved import assert_approved
from tests.gui.finding import named
from tests.gui.forms.options import Options, Owner, combo, line, message, number, spin
from tests.gui.hands import type_into


def test_it_shows_and_takes_the_values_with_units_and_words(owner: Owner, window: QWidget) -> None:
    count = spin(window, "count")
    assert count.text() == "5 maps"
    assert number(window, "rate").text() == "0.1"
    assert combo(window, "mode").currentText() == "Valid only"
    assert line(window, "shape").text() == "-1"
    assert line(window, "classes").text() == "0, 1"
    assert combo(window, "data").currentText() == "First"
    assert owner.commits == []
    type_into(count, "12")
    assert owner.commits == [("count", 12)], "not through its digits"
    combo(window, "mode").setFocus()
    QTest.keyClick(combo(window, "mode"), Qt.Key.Key_Down)
    QTest.keyClick(named(window, QCheckBox, "option.on"), Qt.Key.Key_Space)
    assert owner.commits[-2:] == [("mode", "same"), ("on", True)]


TYPED = {
    "count": ["12", "1", "65", "0", "-3", "999999", "1.5", "5e"],
    "limit": ["0"],
    "rate": [
        *["0.001", "1e-3", "0,25", "3.0", "1e-8", "0.0012345"],
        *["0", "2000", "1e", "-1", "1e9", "."],
    ],
    "shape": ["5x26x26", "5×26×26", "5, 26, 26", "5x26xx", "0", "1 2 3 4"],
    "classes": ["0-3", "7 3", "1", "all"],
    "data": ["/some/folder", "Second", " "],
}


def test_what_is_typed_is_taken_or_refused_in_words(owner: Owner, window: QWidget) -> None:
    said = ""
    for name, some in TYPED.items():
        for typed in some:
            owner.options = Options()
            owner.form.show(owner.options, afresh=True)
            widget: Any = named(window, QWidget, f"option.{name}")
            type_into(widget, typed)
            shown = widget.currentText() if name == "data" else widget.text()
            taken = getattr(owner.options, name)
            said += f"{name} {typed!r}: {taken!r}, shown “{shown}” {message(window, name)}".rstrip()
            said += "\n"
    assert_approved("typed.txt", said)


@pytest.mark.parametrize(
    "text", ["", "x", "five", "1.5", "5x", "9-0", "0-99999", "1__0", "9" * 20, "--1", "1e3", "0-"]
)
def test_other_texts_are_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a (whole number|range)"):
        parse_numbers(text)


@pytest.mark.parametrize("text", ["inf", "nan", "", "1_0", "1,0,0"])
def test_other_texts_are_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a number|could not convert"):
        parse_number(text)


def test_steps_multiply_where_the_scale_is_logarithmic(owner: Owner, window: QWidget) -> None:
    for step in (0.2, 0.5, 1.0, 2.0):
        QTest.keyClick(number(window, "rate"), Qt.Key.Key_Up)
        assert owner.options.rate == step
    type_into(number(window, "rate"), "0.2")
    QTest.keyClick(number(window, "rate"), Qt.Key.Key_PageDown)
    assert number(window, "rate").text() == "0.0001"  # ten steps
    QTest.keyClick(spin(window, "batch"), Qt.Key.Key_Up)
    assert owner.options.batch == 64
    type_into(spin(window, "batch"), "33")
    QTest.keyClick(spin(window, "batch"), Qt.Key.Key_Down)
    assert owner.options.batch == 32
    QTest.keyClick(spin(window, "batch"), Qt.Key.Key_PageDown)
    assert owner.options.batch == 1
    spin(window, "batch").stepDown()
    assert owner.options.batch == 1


def test_a_word_for_0_is_stepped_and_typed_over(owner: Owner, window: QWidget) -> None:
    share = number(window, "share")
    for typed, shown, value in (("20", "20 %", 20), ("0", "off", 0)):
        type_into(share, typed)
        assert (share.text(), owner.options.share) == (shown, value)
    QTest.keyClick(share, Qt.Key.Key_Up)
    assert (share.text(), owner.options.share) == ("1 %", 1)
    for place, key in ((0, Qt.Key.Key_Delete), (1, Qt.Key.Key_7), (3, Qt.Key.Key_Backspace)):
        type_into(share, "0")
        share.lineEdit().setCursorPosition(place)
        QTest.keyClick(share, key)
        QTest.keyClicks(share, "5\r")
        assert owner.options.share == (75 if key == Qt.Key.Key_7 else 5)


def test_a_bad_list_stays_and_the_old_value_holds(owner: Owner, window: QWidget) -> None:
    plain = line(window, "shape").palette().color(QPalette.ColorRole.Base)
    type_into(line(window, "shape"), "5x26xx")
    assert line(window, "shape").text() == "5x26xx"
    assert "not “5x26xx”" in message(window, "shape")
    assert line(window, "shape").palette().color(QPalette.ColorRole.Base) != plain
    assert owner.options.shape == (-1,)
    QTest.keyClick(line(window, "shape"), Qt.Key.Key_Escape)
    assert line(window, "shape").text() == "-1"
    assert message(window, "shape") == ""
    assert line(window, "shape").palette().color(QPalette.ColorRole.Base) == plain


def test_a_folder_is_chosen(owner: Owner, window: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    type_into(combo(window, "data"), "/some/folder")
    combo(window, "data").setCurrentIndex(1)
    type_into(combo(window, "data"), "First")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: "/another")
    browse = named(window, QWidget, "option.data.browse")
    QTest.mouseClick(browse, Qt.MouseButton.LeftButton)
    assert [value for _, value in owner.commits] == ["/some/folder", "b", "a", "/another"]
    assert combo(window, "data").currentText() == "/another"
    type_into(combo(window, "data"), " ")
    assert message(window, "data").startswith("Data must be a text")


def test_a_question_for_data_begins_where_the_data_is_or_was(
    owner: Owner, window: QWidget, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def ask(_parent: QWidget, _title: str, folder: str) -> str:
        asked.append(folder)
        return ""

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", ask)
    box = combo(window, "data")
    assert isinstance(box, SuggestionsBox)
    box.browse_folder()  # one of the suggestions
    box.offer_recent([str(tmp_path / "used")])
    box.browse_folder()
    type_into(box, str(tmp_path / "gone" / "apples"))
    box.browse_folder()
    assert asked == [str(Path.home()), str(tmp_path), str(tmp_path)]


ODD = [
    "trailing ",
    " leading",
    "~",
    "~/x",
    "caf\udce9",
    "first",
    "./First",
    "two\nlines",
    "\t",
]


@pytest.mark.parametrize("value", ODD, ids=ascii)
def test_a_text_nobody_touched_is_not_committed(owner: Owner, window: QWidget, value: str) -> None:
    """By no Train or Save, no Enter, no Tab, and no return from another field."""
    owner.options = change(owner.options, "Options", data=value)
    owner.form.show(owner.options)
    box = combo(window, "data")
    owner.form.flush()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Return)
    QTest.keyClick(box, Qt.Key.Key_Tab)
    number(window, "rate").setFocus()
    owner.form.flush()
    assert owner.commits == []
    for text, taken in (("Second", "b"), ("First", "a")):
        type_into(box, text)
        assert owner.commits[-1] == ("data", taken)


def test_no_input_commits_what_it_only_shows(owner: Owner, window: QWidget) -> None:
    """A number is written with ten digits, which Enter must not take for the number."""
    names = ["count", "limit", "batch", "share", "mode", "on", "shape", "classes"]
    many_digits = [0.12345678901234, 1 / 3, 1e-8 / 3 + 1e-8, 999.99999999999]
    for name, changes in (
        *((name, {}) for name in names),
        *(("rate", {"rate": value}) for value in many_digits),
    ):
        owner.options = change(owner.options, "Options", **changes)
        owner.form.show(owner.options)
        widget = named(window, QWidget, f"option.{name}")
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_Return)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        owner.form.flush()
    assert owner.commits == []
