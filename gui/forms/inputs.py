"""Inputs: one widget for each kind of field. They speak by `committed` and `refused` alone."""

import re
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
)

from engine.struct_fields import Field
from gui.forms.number_text import (
    format_number,
    format_numbers,
    next_step,
    parse_number,
    parse_numbers,
)
from gui.forms.suggestions_box import SuggestionsBox, let_shrink

Validation = tuple[QValidator.State, str, int]

_INT_MAX = 2**31 - 1
_NUMBER_SO_FAR = re.compile(r"[-+0-9.,eE ]{0,24}")


class WholeNumberBox(QSpinBox):
    """A whole number. What is typed counts when it is finished, so 12 does not go through 1."""

    committed = Signal(int)
    refused = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._unit, self._doubles = field.unit, field.scale == "log"
        self._shown = ""
        self.setKeyboardTracking(False)
        self.setRange(
            -_INT_MAX if field.minimum is None else int(field.minimum),
            _INT_MAX if field.maximum is None else int(field.maximum),
        )
        if field.zero and self.minimum() == 0:
            self.setSpecialValueText(field.zero)
        self.valueChanged.connect(self._change)

    def show_value(self, value: int) -> None:
        """Show a value without committing it."""
        _put(self, value)
        self._tidy()

    def flush(self) -> None:
        """Commit what was typed."""
        self.interpretText()

    def editing(self) -> bool:
        """Return whether there is typed text that does not count yet."""
        return self.text() != self._shown

    def stepBy(self, steps: int) -> None:
        """Step by one, or double and halve."""
        if not self._doubles:
            super().stepBy(steps)
            return
        value = self.value()
        for _ in range(abs(steps)):
            value = (
                1 << value.bit_length() if steps > 0 else 1 << max(0, (value - 1).bit_length() - 1)
            )
        self.setValue(value)
        self.selectAll()

    def validate(self, text: str, position: int) -> Validation:
        """Let numbers outside the limits be typed, so that they can be answered in words."""
        state = super().validate(text, position)
        if state[0] == QValidator.State.Invalid and _may_become_a_number(text, self.suffix()):
            return QValidator.State.Intermediate, text, position
        return state

    def fixup(self, text: str) -> str:
        """Refuse what was typed; Qt then shows the former value."""
        self.refused.emit(text.removesuffix(self.suffix()).strip())
        return text

    @Slot(int)
    def _change(self, value: int) -> None:
        self._tidy()
        self.committed.emit(value)

    def _tidy(self) -> None:
        unit = self._unit.removesuffix("s") if self.value() == 1 else self._unit
        with QSignalBlocker(self):
            self.setSuffix(f" {unit}" if unit else "")
        self._shown = self.text()


class NumberBox(QDoubleSpinBox):
    """A number, written with the digits that it needs; steps multiply where its scale says so."""

    committed = Signal(float)
    refused = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._multiplies = field.scale == "log"
        self._shown = ""
        self.setKeyboardTracking(False)
        self.setDecimals(15)
        self.setRange(
            -1e9 if field.minimum is None else field.minimum,
            1e9 if field.maximum is None else field.maximum,
        )
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        if field.unit:
            self.setSuffix("°" if field.unit == "°" else f" {field.unit}")
        self.valueChanged.connect(self._change)

    def show_value(self, value: float) -> None:
        """Show a value without committing it."""
        _put(self, value)
        self._shown = self.text()

    def flush(self) -> None:
        """Commit what was typed."""
        self.interpretText()

    def editing(self) -> bool:
        """Return whether there is typed text that does not count yet."""
        return self.text() != self._shown

    def stepBy(self, steps: int) -> None:
        """Step through 1, 2, 5, 10, ... or by a tenth of the leading digit's place."""
        if not self._multiplies:
            super().stepBy(steps)
            return
        value = self.value()
        for _ in range(abs(steps)):
            value = next_step(value, steps > 0)
        self.setValue(value)
        self.selectAll()

    def textFromValue(self, value: float) -> str:
        """Write a value."""
        return format_number(value)

    def valueFromText(self, text: str) -> float:
        """Read a value; what stands there as it was written stands for all its digits."""
        if text.removesuffix(self.suffix()) == self.textFromValue(self.value()):
            return self.value()
        try:
            return parse_number(text.removesuffix(self.suffix()))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> Validation:
        """Let numbers outside the limits be typed, so that they can be answered in words."""
        try:
            number = parse_number(text.removesuffix(self.suffix()))
        except ValueError:
            fits = _may_become_a_number(text, self.suffix())
            state = QValidator.State.Intermediate if fits else QValidator.State.Invalid
            return state, text, position
        fits = self.minimum() <= number <= self.maximum()
        state = QValidator.State.Acceptable if fits else QValidator.State.Intermediate
        return state, text, position

    def fixup(self, text: str) -> str:
        """Refuse what was typed; Qt then shows the former value."""
        self.refused.emit(text.removesuffix(self.suffix()).strip())
        return text

    @Slot(float)
    def _change(self, value: float) -> None:
        self._shown = self.text()
        self.committed.emit(value)


class ChoiceBox(QComboBox):
    """One of several values, shown by their labels."""

    committed = Signal(str)
    refused = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        for choice in field.choices:
            self.addItem(field.labels.get(choice, choice), choice)
        let_shrink(self)
        self.currentIndexChanged.connect(self._change)

    def show_value(self, value: str) -> None:
        """Show a value without committing it."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))

    def flush(self) -> None:
        """Do nothing: a choice counts at once."""

    def editing(self) -> bool:
        """A choice counts at once."""
        return False

    @Slot(int)
    def _change(self, index: int) -> None:
        self.committed.emit(self.itemData(index))


class Tick(QCheckBox):
    """Yes or no."""

    committed = Signal(bool)
    refused = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.toggled.connect(self.committed)

    def show_value(self, value: bool) -> None:
        """Show a value without committing it."""
        with QSignalBlocker(self):
            self.setChecked(value)

    def flush(self) -> None:
        """Do nothing: a tick counts at once."""

    def editing(self) -> bool:
        """A tick counts at once."""
        return False


class NumbersEdit(QLineEdit):
    """Several whole numbers: sizes of a shape where they may be negative, else a set of numbers."""

    committed = Signal(object)
    refused = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._is_shape = field.minimum is not None and field.minimum < 0
        self._shown = ""
        self.setPlaceholderText("5×26×26" if self._is_shape else "0, 1")
        self.editingFinished.connect(self.flush)

    def show_value(self, value: tuple[int, ...]) -> None:
        """Show a value without committing it."""
        self.setText(format_numbers(value, shape=self._is_shape))
        self._shown = self.text()

    @Slot()
    def flush(self) -> None:
        """Commit what was typed."""
        if not self.editing():
            return
        try:
            numbers = parse_numbers(self.text())
        except ValueError:
            self.refused.emit(self.text())
        else:
            self.committed.emit(numbers)

    def editing(self) -> bool:
        """Return whether there is typed text that does not count yet."""
        return self.text() != self._shown


Input = WholeNumberBox | NumberBox | ChoiceBox | Tick | NumbersEdit | SuggestionsBox

_INPUTS: dict[str, Callable[[Field], Any]] = {
    "int": WholeNumberBox,
    "float": NumberBox,
    "choice": ChoiceBox,
    "bool": Tick,
    "ints": NumbersEdit,
    "text": SuggestionsBox,
}


def make_input(field: Field) -> Input:
    """Make the widget that suits a field's kind."""
    widget: Input = _INPUTS[field.kind](field)
    return widget


def _put(box: WholeNumberBox | NumberBox, value: float) -> None:
    """Put a value into a box without a signal; of another one nothing is selected."""
    is_other = value != box.value()
    with QSignalBlocker(box):
        box.setValue(value)  # type: ignore[arg-type]
    if is_other:
        box.lineEdit().deselect()


def _may_become_a_number(text: str, suffix: str) -> bool:
    return _NUMBER_SO_FAR.fullmatch(text.removesuffix(suffix)) is not None
