"""Forms: every kind of field by keys and mouse, refused entries, and changes from elsewhere."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.declarations import change, fields_of
from engine.errors import SettingsError
from gui.editor.form import Form, stacked


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """One field of each kind."""

    count: Annotated[
        int, Meta(ge=1, le=64, title="Count", description="How many.", extra={"unit": "maps"})
    ] = 5
    limit: Annotated[int, Meta(ge=0, le=100, title="Limit", extra={"zero": "all"})] = 10
    batch: Annotated[int, Meta(ge=1, le=1000, title="Batch", extra={"scale": "log"})] = 32
    rate: Annotated[float, Meta(ge=1e-8, le=1000.0, title="Rate", extra={"scale": "log"})] = 0.1
    share: Annotated[float, Meta(ge=0.0, le=1.0, title="Share")] = 0.5
    mode: Annotated[
        Literal["same", "valid"],
        Meta(title="Mode", extra={"labels": {"valid": "Valid only", "same": "Same size"}}),
    ] = "valid"
    on: Annotated[bool, Meta(title="On")] = False
    shape: Annotated[
        tuple[Annotated[int, Meta(ge=-1, le=10_000)], ...],
        Meta(min_length=1, max_length=3, title="Shape"),
    ] = (-1,)
    classes: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=255)], ...], Meta(min_length=2, title="Classes")
    ] = (0, 1)
    data: Annotated[
        str,
        Meta(min_length=1, title="Data", extra={"suggestions": {"a": "First", "b": "Second"}}),
    ] = "a"


class Owner(QObject):
    """Holds the options as a document does: a commit changes them and shows them again."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.options = Options()
        self.commits: list[tuple[str, Any]] = []
        self.form = Form(fields_of(Options), "option", self.commit, self)
        window.setLayout(QVBoxLayout())
        page = QWidget()
        page.setLayout(stacked(self.form.editors.values()))
        layout = window.layout()
        assert layout is not None
        layout.addWidget(page)
        self.form.show(self.options)

    def commit(self, name: str, value: Any) -> None:
        self.options = change(self.options, "Options", **{name: value})
        self.commits.append((name, value))
        self.form.show(self.options)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def owner(window: QWidget, qtbot: QtBot) -> Owner:
    owner = Owner(window)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    return owner


def type_into(qtbot: QtBot, widget: QWidget, text: str, *, enter: bool = True) -> None:
    widget.setFocus()
    assert isinstance(widget, QLineEdit | QSpinBox | QDoubleSpinBox | QComboBox)
    edit = widget if isinstance(widget, QLineEdit) else widget.lineEdit()
    assert edit is not None
    edit.selectAll()
    QTest.keyClicks(widget, text)
    if enter:
        QTest.keyClick(widget, Qt.Key.Key_Return)


def message(window: QWidget, name: str) -> str:
    label = window.findChild(QLabel, f"option.{name}.problem")
    assert isinstance(label, QLabel)
    assert label.isVisible() == bool(label.text())
    return label.text()


def spin(window: QWidget, name: str) -> QSpinBox:
    found = window.findChild(QSpinBox, f"option.{name}")
    assert isinstance(found, QSpinBox)
    return found


def number(window: QWidget, name: str) -> QDoubleSpinBox:
    found = window.findChild(QDoubleSpinBox, f"option.{name}")
    assert isinstance(found, QDoubleSpinBox)
    return found


def line(window: QWidget, name: str) -> QLineEdit:
    found = window.findChild(QLineEdit, f"option.{name}")
    assert isinstance(found, QLineEdit)
    return found


def combo(window: QWidget, name: str) -> QComboBox:
    found = window.findChild(QComboBox, f"option.{name}")
    assert isinstance(found, QComboBox)
    return found


def test_it_shows_the_values_with_units_and_words(owner: Owner, window: QWidget) -> None:
    assert spin(window, "count").text() == "5 maps"
    assert number(window, "rate").text() == "0.1"
    assert combo(window, "mode").currentText() == "Valid only"
    assert line(window, "shape").text() == "-1"
    assert line(window, "classes").text() == "0, 1"
    assert combo(window, "data").currentText() == "First"
    assert owner.commits == []


def test_typing_a_number_does_not_go_through_its_digits(
    owner: Owner, window: QWidget, qtbot: QtBot
) -> None:
    type_into(qtbot, spin(window, "count"), "12")
    assert owner.commits == [("count", 12)]
    assert spin(window, "count").text() == "12 maps"


def test_one_is_written_in_the_singular(owner: Owner, window: QWidget, qtbot: QtBot) -> None:
    type_into(qtbot, spin(window, "count"), "1")
    assert spin(window, "count").text() == "1 map"


def test_leaving_a_field_commits_it(owner: Owner, window: QWidget, qtbot: QtBot) -> None:
    type_into(qtbot, spin(window, "count"), "7", enter=False)
    assert owner.commits == []
    spin(window, "batch").setFocus()
    assert owner.commits == [("count", 7)]


def test_a_flush_commits_what_is_being_typed(owner: Owner, window: QWidget, qtbot: QtBot) -> None:
    type_into(qtbot, spin(window, "count"), "7", enter=False)
    owner.form.flush()
    type_into(qtbot, number(window, "rate"), "3", enter=False)
    owner.form.flush()
    type_into(qtbot, line(window, "classes"), "2,3", enter=False)
    owner.form.flush()
    owner.form.flush()
    assert owner.commits == [("count", 7), ("rate", 3.0), ("classes", (2, 3))]


@pytest.mark.parametrize("text", ["65", "0", "-3", "999999", "1.5", "5e"])
def test_a_number_out_of_range_is_answered_in_words(
    owner: Owner, window: QWidget, qtbot: QtBot, text: str
) -> None:
    type_into(qtbot, spin(window, "count"), text)
    said = message(window, "count")
    assert said == f"Count must be a whole number from 1 to 64, not “{text}”."
    assert owner.options.count == 5
    assert spin(window, "count").text() == "5 maps"
    type_into(qtbot, spin(window, "count"), "6")
    assert owner.options.count == 6
    assert message(window, "count") == ""


@pytest.mark.parametrize("text", ["0", "2000", "1e", "-1", "1e9", "."])
def test_a_rate_out_of_range_is_answered_in_words(
    owner: Owner, window: QWidget, qtbot: QtBot, text: str
) -> None:
    type_into(qtbot, number(window, "rate"), text)
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
    owner: Owner, window: QWidget, qtbot: QtBot, text: str, value: float, shown: str
) -> None:
    type_into(qtbot, number(window, "rate"), text)
    assert owner.options.rate == value
    assert number(window, "rate").text() == shown


def test_steps_multiply_where_the_scale_is_logarithmic(
    owner: Owner, window: QWidget, qtbot: QtBot
) -> None:
    QTest.keyClick(number(window, "rate"), Qt.Key.Key_Up)
    assert owner.options.rate == 0.2
    QTest.keyClick(number(window, "rate"), Qt.Key.Key_PageDown)
    assert number(window, "rate").text() == "0.0001"  # ten steps
    QTest.keyClick(spin(window, "batch"), Qt.Key.Key_Up)
    assert owner.options.batch == 64
    type_into(qtbot, spin(window, "batch"), "33")
    QTest.keyClick(spin(window, "batch"), Qt.Key.Key_Down)
    assert owner.options.batch == 32
    QTest.keyClick(spin(window, "batch"), Qt.Key.Key_PageDown)
    assert owner.options.batch == 1
    spin(window, "batch").stepDown()
    assert owner.options.batch == 1


def test_zero_has_its_word(owner: Owner, window: QWidget, qtbot: QtBot) -> None:
    type_into(qtbot, spin(window, "limit"), "0")
    assert owner.options.limit == 0
    assert spin(window, "limit").text() == "all"


def test_a_choice_and_a_tick_count_at_once(owner: Owner, window: QWidget, qtbot: QtBot) -> None:
    combo(window, "mode").setFocus()
    QTest.keyClick(combo(window, "mode"), Qt.Key.Key_Down)
    tick = window.findChild(QCheckBox, "option.on")
    assert isinstance(tick, QCheckBox)
    QTest.keyClick(tick, Qt.Key.Key_Space)
    assert owner.commits == [("mode", "same"), ("on", True)]


@pytest.mark.parametrize("text", ["5x26x26", "5×26×26", "5, 26, 26"])
def test_a_shape_is_read_as_people_write_it(
    owner: Owner, window: QWidget, qtbot: QtBot, text: str
) -> None:
    type_into(qtbot, line(window, "shape"), text)
    assert owner.options.shape == (5, 26, 26)
    assert line(window, "shape").text() == "5×26×26"


def test_a_bad_list_stays_to_be_mended_and_the_old_value_holds(
    owner: Owner, window: QWidget, qtbot: QtBot
) -> None:
    plain = line(window, "shape").palette().color(QPalette.ColorRole.Base)
    type_into(qtbot, line(window, "shape"), "5x26xx")
    assert line(window, "shape").text() == "5x26xx"
    assert "not “5x26xx”" in message(window, "shape")
    assert line(window, "shape").palette().color(QPalette.ColorRole.Base) != plain
    assert owner.options.shape == (-1,)
    QTest.keyClick(line(window, "shape"), Qt.Key.Key_Escape)
    assert line(window, "shape").text() == "-1"
    assert message(window, "shape") == ""
    assert line(window, "shape").palette().color(QPalette.ColorRole.Base) == plain


def test_the_owners_refusal_is_shown_without_its_subject(
    owner: Owner, window: QWidget, qtbot: QtBot
) -> None:
    type_into(qtbot, line(window, "shape"), "1, 2, 3, 4")
    assert message(window, "shape").startswith("Shape must be 1 to 3 whole numbers")
    assert owner.commits == []


def test_a_folder_can_be_typed_or_chosen(
    owner: Owner, window: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_into(qtbot, combo(window, "data"), "/some/folder")
    combo(window, "data").setCurrentIndex(1)
    type_into(qtbot, combo(window, "data"), "First")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: "/another")
    browse = window.findChild(QWidget, "option.data.browse")
    assert isinstance(browse, QWidget)
    QTest.mouseClick(browse, Qt.MouseButton.LeftButton)
    assert [value for _, value in owner.commits] == ["/some/folder", "b", "a", "/another"]
    assert combo(window, "data").currentText() == "/another"
    type_into(qtbot, combo(window, "data"), " ")
    assert message(window, "data").startswith("Data must be a text")


def test_changes_from_elsewhere_are_shown_and_not_committed(owner: Owner, window: QWidget) -> None:
    other = Options(
        count=9,
        limit=0,
        batch=2,
        rate=3.0,
        share=0.25,
        mode="same",
        on=True,
        shape=(2, 3),
        classes=(4, 5, 6),
        data="/x",
    )
    owner.form.show(other)
    assert spin(window, "count").value() == 9
    assert number(window, "rate").text() == "3"
    assert combo(window, "mode").currentData() == "same"
    assert line(window, "shape").text() == "2×3"
    assert line(window, "classes").text() == "4-6"
    assert combo(window, "data").currentText() == "/x"
    owner.form.flush()
    assert owner.commits == []


def test_a_change_elsewhere_leaves_what_is_being_typed(
    owner: Owner, window: QWidget, qtbot: QtBot
) -> None:
    type_into(qtbot, line(window, "shape"), "5x", enter=False)
    owner.form.show(change(owner.options, "Options", count=9))
    assert line(window, "shape").text() == "5x"
    owner.form.show(owner.options, afresh=True)
    assert line(window, "shape").text() == "-1"


def test_undo_keys_reach_the_window_when_nothing_is_being_typed(
    owner: Owner, window: QWidget, qtbot: QtBot
) -> None:
    undone: list[str] = []
    action = QAction(window)
    action.setShortcut(QKeySequence("Ctrl+Z"))
    action.triggered.connect(lambda: undone.append("x"))
    window.addAction(action)
    control = Qt.KeyboardModifier.ControlModifier
    box = spin(window, "count")
    type_into(qtbot, box, "8", enter=False)
    QTest.keyClick(box, Qt.Key.Key_Z, control)
    assert undone == []  # took the typing back
    type_into(qtbot, box, "8")
    QTest.keyClick(box, Qt.Key.Key_Z, control)
    assert undone == ["x"]
    type_into(qtbot, line(window, "classes"), "3,4")
    QTest.keyClick(line(window, "classes"), Qt.Key.Key_Z, control)
    assert undone == ["x", "x"]


def test_the_wheel_changes_only_the_field_with_the_focus(
    owner: Owner, window: QWidget, qtbot: QtBot
) -> None:
    def wheel(widget: QWidget) -> None:
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(widget.mapToGlobal(QPoint(5, 5))),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)

    line(window, "shape").setFocus()
    wheel(spin(window, "count"))
    wheel(combo(window, "mode"))
    assert owner.commits == []
    spin(window, "count").setFocus()
    wheel(spin(window, "count"))
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


def test_a_value_that_the_owner_refuses_is_not_shown_as_if_it_held(
    window: QWidget, qtbot: QtBot
) -> None:
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
