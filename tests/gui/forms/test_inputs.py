"""Inputs: every kind of field by keys and mouse, how it writes its value, what it refuses."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QWidget,
)

from engine.struct_fields import change
from gui.forms.inputs import SuggestionsBox
from tests.gui.forms.options import Owner, combo, line, message, number, spin, type_into


def test_it_shows_the_values_with_units_and_words(owner: Owner, window: QWidget) -> None:
    assert spin(window, "count").text() == "5 maps"
    assert number(window, "rate").text() == "0.1"
    assert combo(window, "mode").currentText() == "Valid only"
    assert line(window, "shape").text() == "-1"
    assert line(window, "classes").text() == "0, 1"
    assert combo(window, "data").currentText() == "First"
    assert owner.commits == []


def test_typing_a_number_does_not_go_through_its_digits(owner: Owner, window: QWidget) -> None:
    type_into(spin(window, "count"), "12")
    assert owner.commits == [("count", 12)]
    assert spin(window, "count").text() == "12 maps"


def test_one_is_written_in_the_singular(owner: Owner, window: QWidget) -> None:
    type_into(spin(window, "count"), "1")
    assert spin(window, "count").text() == "1 map"


@pytest.mark.parametrize("text", ["65", "0", "-3", "999999", "1.5", "5e"])
def test_a_number_out_of_range_is_answered_in_words(
    owner: Owner, window: QWidget, text: str
) -> None:
    type_into(spin(window, "count"), text)
    said = message(window, "count")
    assert said == f"Count must be a whole number from 1 to 64, not “{text}”."
    assert owner.options.count == 5
    assert spin(window, "count").text() == "5 maps"
    type_into(spin(window, "count"), "6")
    assert owner.options.count == 6
    assert message(window, "count") == ""


@pytest.mark.parametrize("text", ["0", "2000", "1e", "-1", "1e9", "."])
def test_a_rate_out_of_range_is_answered_in_words(owner: Owner, window: QWidget, text: str) -> None:
    type_into(number(window, "rate"), text)
    assert message(window, "rate") == f"Rate must be a number from 1e-08 to 1000, not “{text}”."
    assert number(window, "rate").text() == "0.1"
    assert owner.commits == []


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("0.001", 0.001, "0.001"),
        ("1e-3", 0.001, "0.001"),
        ("0,25", 0.25, "0.25"),
        ("3.0", 3.0, "3"),
        ("1e-8", 1e-8, "1e-8"),
        ("0.0012345", 0.0012345, "0.0012345"),
    ],
)
def test_rates_are_read_and_written_exactly(
    owner: Owner, window: QWidget, text: str, value: float, shown: str
) -> None:
    type_into(number(window, "rate"), text)
    assert owner.options.rate == value
    assert number(window, "rate").text() == shown


def test_steps_multiply_where_the_scale_is_logarithmic(owner: Owner, window: QWidget) -> None:
    QTest.keyClick(number(window, "rate"), Qt.Key.Key_Up)
    assert owner.options.rate == 0.2
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


def test_zero_has_its_word(owner: Owner, window: QWidget) -> None:
    type_into(spin(window, "limit"), "0")
    assert owner.options.limit == 0
    assert spin(window, "limit").text() == "all"


def test_a_choice_and_a_tick_count_at_once(owner: Owner, window: QWidget) -> None:
    combo(window, "mode").setFocus()
    QTest.keyClick(combo(window, "mode"), Qt.Key.Key_Down)
    tick = window.findChild(QCheckBox, "option.on")
    assert isinstance(tick, QCheckBox)
    QTest.keyClick(tick, Qt.Key.Key_Space)
    assert owner.commits == [("mode", "same"), ("on", True)]


@pytest.mark.parametrize("text", ["5x26x26", "5×26×26", "5, 26, 26"])
def test_a_shape_is_read_as_people_write_it(owner: Owner, window: QWidget, text: str) -> None:
    type_into(line(window, "shape"), text)
    assert owner.options.shape == (5, 26, 26)
    assert line(window, "shape").text() == "5×26×26"


def test_a_bad_list_stays_to_be_fixed_and_the_old_value_holds(
    owner: Owner, window: QWidget
) -> None:
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


def test_a_folder_can_be_typed_or_chosen(
    owner: Owner, window: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_into(combo(window, "data"), "/some/folder")
    combo(window, "data").setCurrentIndex(1)
    type_into(combo(window, "data"), "First")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: "/another")
    browse = window.findChild(QWidget, "option.data.browse")
    assert isinstance(browse, QWidget)
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
    "First",
    "first",
    "./First",
    "two\nlines",
    "\t",
]


@pytest.mark.parametrize("value", ODD, ids=ascii)
def test_a_text_that_nobody_touched_is_not_committed(
    owner: Owner, window: QWidget, value: str
) -> None:
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
    type_into(box, "Second")
    assert owner.commits == [("data", "b")]


def test_a_folder_called_as_a_label_is_told_from_it(owner: Owner, window: QWidget) -> None:
    owner.options = change(owner.options, "Options", data="First")
    owner.form.show(owner.options)
    assert combo(window, "data").currentText() == os.path.join(".", "First")
    type_into(combo(window, "data"), "First")
    assert owner.options.data == "a"


@pytest.mark.parametrize("value", [0.12345678901234, 1 / 3, 1e-8 / 3 + 1e-8, 999.99999999999])
def test_a_number_of_many_digits_that_nobody_touched_is_not_committed(
    owner: Owner, window: QWidget, value: float
) -> None:
    """It is written with ten digits, which Enter must not take for the number."""
    owner.options = change(owner.options, "Options", rate=value)
    owner.form.show(owner.options)
    box = number(window, "rate")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Return)
    QTest.keyClick(box, Qt.Key.Key_Tab)
    owner.form.flush()
    assert owner.commits == []


@pytest.mark.parametrize(
    "name", ["count", "limit", "batch", "share", "mode", "on", "shape", "classes"]
)
def test_no_input_commits_what_it_only_shows(owner: Owner, window: QWidget, name: str) -> None:
    widget = window.findChild(QWidget, f"option.{name}")
    assert isinstance(widget, QWidget)
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_Return)
    QTest.keyClick(widget, Qt.Key.Key_Tab)
    owner.form.flush()
    assert owner.commits == []
