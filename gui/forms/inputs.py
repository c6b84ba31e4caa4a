"""Inputs: one widget for each kind of field. What is entered goes to `commit`."""

import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel, QValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
)

from engine.array_types import format_shape
from engine.struct_fields import Field
from gui.background.waiting import look
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.labels import plain_tooltip

_WIDEST_LIST = 60 * GRID  # px
DATA_FILTER = "Data sets (*.npz *.csv *.csv.gz *.zip);;All files (*)"
CommitValue = Callable[[Any], object]  # gets a value that a person has entered
Refuse = Callable[[str], object]  # gets typed text that is no such value


class SuggestionsBox(QComboBox):
    """A text that is often one of a few, or else the path of a folder or file.

    `button` asks for a folder. Below the suggestions the list has the paths that were used lately.
    """

    list_wanted = Signal()  # before the list opens, so that suggestions can be marked

    def __init__(self, field: Field, commit: CommitValue) -> None:
        super().__init__()
        self._commit = commit
        self._labels = dict(field.suggestions)
        self._shown = ""  # as Qt gives it back, so that what was typed is told from the rest
        self._chosen: str | None = None  # from the list, while it is not known whether it is there
        self._edit = QLineEdit()
        self.setEditable(True)
        self.setLineEdit(self._edit)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)  # type: ignore[arg-type]
        for value, label in self._labels.items():
            self.addItem(label, value)
        let_shrink(self)
        spoken = f"Choose a folder for {field.title.lower()}"
        self.button = text_button("", "…", "Choose a folder", spoken=spoken, small=False)
        self.button.clicked.connect(self.browse_folder)
        self.currentIndexChanged.connect(self._choose)
        self._edit.editingFinished.connect(self.flush)

    def show_value(self, value: str) -> None:
        """Show a value without committing it."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))
            self.setEditText(self._labels.get(value, value))
        self._shown, self._chosen = self.currentText(), None
        self._edit.setCursorPosition(0)

    @Slot()
    def flush(self) -> None:
        """Commit what was typed."""
        if self.editing():
            self._commit(self._typed())

    def editing(self) -> bool:
        """Return whether there is typed text that does not count yet."""
        return self.currentText() not in (self._shown, self._chosen)

    def showPopup(self) -> None:
        """Open the list, with its suggestions marked anew."""
        self.list_wanted.emit()
        view = self.view()  # which Qt makes no wider than a box that can be edited
        labels = view.sizeHintForColumn(0) + 2 * view.frameWidth()
        view.setMinimumWidth(min(labels, _WIDEST_LIST))
        super().showPopup()

    def mark(self, value: str, note: str, why: str) -> None:
        """Put a note beside a suggestion, and why as its tooltip; empty: take it away."""
        index, label, text = self.findData(value), self._labels[value], self.currentText()
        with QSignalBlocker(self):
            self.setItemText(index, f"{label} ({note})" if note else label)
            self.setItemData(index, plain_tooltip(why), Qt.ItemDataRole.ToolTipRole)
            self.setEditText(text)

    def offer_recent(self, paths: Sequence[str]) -> None:
        """List paths that were used lately below the suggestions."""
        text = self.currentText()
        with QSignalBlocker(self):
            while self.count() > len(self._labels):
                self.removeItem(self.count() - 1)
            for path in paths:
                self.addItem(path, path)
                self.setItemData(self.count() - 1, plain_tooltip(path), Qt.ItemDataRole.ToolTipRole)
            self.setCurrentIndex(self.findData(text))
            self.setEditText(text)
        self._edit.setCursorPosition(0)

    def _typed(self) -> str:
        text = self.currentText().strip()
        values = (value for value, label in self._labels.items() if text == label)
        return next(values, os.path.expanduser(text))

    @Slot(int)
    def _choose(self, index: int) -> None:
        if index >= 0:
            self._chosen = self.currentText()
            self._commit(self.itemData(index))

    def _beginning(self) -> str:
        """Return the folder that the data lies in, or the nearest one above that is there."""
        value = self._typed()
        if value in self._labels:  # then that which was used last
            value = self.itemData(len(self._labels)) or str(Path.home() / "any")
        above = (str(each) for each in Path(value).absolute().parents if each.is_dir())
        return look(lambda: next(above, ""), otherwise="")

    @Slot()
    def browse_folder(self) -> None:
        """Ask for a folder."""
        title = "Folder of images, or of IDX files"
        folder = QFileDialog.getExistingDirectory(self, title, self._beginning())
        if folder:
            self._commit(folder)

    @Slot()
    def browse_file(self) -> None:
        """Ask for a file."""
        name, _ = QFileDialog.getOpenFileName(
            self, "File with a data set", self._beginning(), DATA_FILTER
        )
        if name:
            self._commit(name)


def let_shrink(box: QComboBox) -> None:
    """Let a long label not widen the column; the list that opens shows it whole."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


_SEPARATORS = re.compile(r"[\s,;xX×*]+")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_RANGE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_MOST = 1000


def parse_numbers(text: str) -> tuple[int, ...]:
    """Read whole numbers: `5x26x26`, `0, 1`, `-1`, and ranges such as `0-9`.

    Raises ValueError if the text is anything else.
    """
    plain = text.replace("−", "-").replace("–", "-").strip()
    plain = re.sub(r"(?<=[0-9])\s+-\s+(?=[0-9])", "-", plain)
    numbers: list[int] = []
    for word in _SEPARATORS.split(plain.strip(" ,;")):
        if span := _RANGE.fullmatch(word):
            first, last = int(span[1]), int(span[2])
            if last < first or last - first >= _MOST:
                raise ValueError(f"not a range: {word!r}")
            numbers.extend(range(first, last + 1))
        elif _NUMBER.fullmatch(word):
            numbers.append(int(word))
        else:
            raise ValueError(f"not a whole number: {word!r}")
    return tuple(numbers)


def format_numbers(numbers: tuple[int, ...], *, shape: bool) -> str:
    """Write whole numbers so that parse_numbers reads them: `5×26×26`, or `0, 1` or `0-9`."""
    if shape:
        return format_shape(numbers)
    if len(numbers) > 2 and all(b - a == 1 for a, b in pairwise(numbers)) and numbers[0] >= 0:
        return f"{numbers[0]}-{numbers[-1]}"
    return ", ".join(map(str, numbers))


def parse_number(text: str) -> float:
    """Read a number with a point or a comma.

    Raises ValueError if the text is anything else, or not finite.
    """
    number = float(text.replace(",", ".").replace("−", "-"))
    if not math.isfinite(number) or "_" in text:
        raise ValueError(f"not a number: {text!r}")
    return number


def format_number(number: float) -> str:
    """Write a number with the digits that it needs: `3`, `0.001`, `1e-8`."""
    text = f"{number:.10g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def next_step(number: float, up: bool) -> float:
    """Return the next of ..., 0.1, 0.2, 0.5, 1, 2, 5, ... above or below a positive number."""
    power = 10.0 ** math.floor(math.log10(number))
    rungs = [mantissa * power for mantissa in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)]
    slack = 1e-9 * number
    if up:
        step = next(rung for rung in rungs if rung > number + slack)
    else:
        step = next(rung for rung in reversed(rungs) if rung < number - slack)
    return float(f"{step:.3g}")


Validation = tuple[QValidator.State, str, int]

_INT_MAX = 2**31 - 1
_FIGURES = re.compile(r"[-+0-9.,]+")
_NUMBER_SO_FAR = re.compile(r"[-+0-9.,eE ]{0,24}")


class WholeNumberBox(QSpinBox):
    """A whole number. What is typed counts when it is finished, so 12 does not go through 1."""

    def __init__(self, field: Field, commit: CommitValue, refuse: Refuse) -> None:
        super().__init__()
        self._commit, self._refuse = commit, refuse
        self._unit, self._doubles = field.unit, field.scale == "log"
        self._shown = ""
        self.setKeyboardTracking(False)
        self.setRange(
            -_INT_MAX if field.minimum is None else int(field.minimum),
            _INT_MAX if field.maximum is None else int(field.maximum),
        )
        if self.minimum() == 0:
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
        text, position = _in_place_of_word(self, text, position)
        state = super().validate(text, position)
        if state[0] == QValidator.State.Invalid and _may_become_a_number(text, self.suffix()):
            return QValidator.State.Intermediate, text, position
        return state

    def fixup(self, text: str) -> str:
        """Refuse what was typed; Qt then shows the former value."""
        self._refuse(text.removesuffix(self.suffix()).strip())
        return text

    @Slot(int)
    def _change(self, value: int) -> None:
        self._tidy()
        self._commit(value)

    def _tidy(self) -> None:
        unit = self._unit.removesuffix("s") if self.value() == 1 else self._unit
        with QSignalBlocker(self):
            self.setSuffix(f" {unit}" if unit else "")
        self._shown = self.text()


class NumberBox(QDoubleSpinBox):
    """A number, written with the digits that it needs; steps multiply where its scale says so."""

    def __init__(self, field: Field, commit: CommitValue, refuse: Refuse) -> None:
        super().__init__()
        self._commit, self._refuse = commit, refuse
        self._multiplies = field.scale == "log"
        self._shown = ""
        self.setKeyboardTracking(False)
        self.setDecimals(15)
        self.setRange(
            -1e9 if field.minimum is None else field.minimum,
            1e9 if field.maximum is None else field.maximum,
        )
        self.setSingleStep(1 if field.unit else 0.01)
        if field.unit:
            self.setSuffix("°" if field.unit == "°" else f" {field.unit}")
        if self.minimum() == 0:
            self.setSpecialValueText(field.zero)
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
        """Step through 1, 2, 5, 10, ... or by a unit or a hundredth."""
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
        if text and text == self.specialValueText():
            return self.minimum()
        if text.removesuffix(self.suffix()) == self.textFromValue(self.value()):
            return self.value()
        try:
            return parse_number(text.removesuffix(self.suffix()))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> Validation:
        """Let numbers outside the limits be typed, so that they can be answered in words."""
        text, position = _in_place_of_word(self, text, position)
        if text and text == self.specialValueText():
            return QValidator.State.Acceptable, text, position
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
        self._refuse(text.removesuffix(self.suffix()).strip())
        return text

    @Slot(float)
    def _change(self, value: float) -> None:
        self._shown = self.text()
        self._commit(value)


class ChoiceBox(QComboBox):
    """One of several values, shown by their labels."""

    def __init__(self, field: Field, commit: CommitValue) -> None:
        super().__init__()
        self._commit = commit
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
        self._commit(self.itemData(index))


class SourceBox(ChoiceBox):
    """One of the blocks before; those that cannot be taken are grey."""

    def __init__(self, field: Field, commit: CommitValue) -> None:
        super().__init__(field, commit)
        self.setPlaceholderText("Choose a block")

    def offer(self, blocks: Iterable[tuple[int, str, bool]]) -> None:
        """List blocks by id, words and whether they can be taken; a value is to be shown then."""
        items = QStandardItemModel(self)
        for slot_id, words, fits in blocks:
            item = QStandardItem(words)
            item.setData(slot_id, Qt.ItemDataRole.UserRole)
            item.setEnabled(fits)
            items.appendRow(item)
        with QSignalBlocker(self):
            self.setModel(items)


class Tick(QCheckBox):
    """Yes or no."""

    def __init__(self, _field: Field, commit: CommitValue) -> None:
        super().__init__()
        self.toggled.connect(commit)

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

    def __init__(self, field: Field, commit: CommitValue, refuse: Refuse) -> None:
        super().__init__()
        self._commit, self._refuse = commit, refuse
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
            self._refuse(self.text())
        else:
            self._commit(numbers)

    def editing(self) -> bool:
        """Return whether there is typed text that does not count yet."""
        return self.text() != self._shown


Input = WholeNumberBox | NumberBox | ChoiceBox | SourceBox | Tick | NumbersEdit | SuggestionsBox

_CHOSEN: dict[str, Callable[[Field, CommitValue], Any]] = {
    "choice": ChoiceBox,
    "block": SourceBox,
    "bool": Tick,
    "text": SuggestionsBox,
}
_TYPED: dict[str, Callable[[Field, CommitValue, Refuse], Any]] = {
    "int": WholeNumberBox,
    "float": NumberBox,
    "ints": NumbersEdit,
}


def make_input(field: Field, commit: CommitValue, refuse: Refuse) -> Input:
    """Make the widget that suits a field's kind; the typed text that is none goes to `refuse`."""
    widget: Input
    if field.kind in _TYPED:
        widget = _TYPED[field.kind](field, commit, refuse)
    else:
        widget = _CHOSEN[field.kind](field, commit)
    return widget


def _put(box: WholeNumberBox | NumberBox, value: float) -> None:
    """Put a value into a box without a signal; of another one nothing is selected."""
    is_other = value != box.value()
    with QSignalBlocker(box):
        box.setValue(value)  # type: ignore[arg-type]
    if is_other:
        box.lineEdit().deselect()


def _in_place_of_word(box: QSpinBox | QDoubleSpinBox, text: str, position: int) -> tuple[str, int]:
    """Return what is typed in a word for 0 in its place; with one letter of it all go."""
    word, suffix = box.specialValueText(), box.suffix()
    typed = text.removesuffix(suffix)
    if text != word and _FIGURES.sub("", typed) in {word, word[1:], word[:-1]} - {""}:
        figures = "".join(_FIGURES.findall(typed))
        return figures + suffix, len(figures)
    return text, position


def _may_become_a_number(text: str, suffix: str) -> bool:
    return _NUMBER_SO_FAR.fullmatch(text.removesuffix(suffix)) is not None
