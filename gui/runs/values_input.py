"""ValuesInput: several values of one setting, typed as numbers or ticked as choices."""

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from engine.errors import SettingsError
from engine.model.settings import Settings
from engine.runs.suggested_values import Value, suggested_values
from engine.struct_fields import Field
from gui.forms.number_text import format_number, parse_number
from gui.theme import GRID
from gui.widgets.flow_layout import FlowLayout

_WIDEST = 200  # characters


class ValuesInput(QWidget):
    """A line for numbers, `0.03, 0.1, 0.3`, or a box for each choice."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._field: Field | None = None
        self._offered: Sequence[Value] = ()
        self._ticks: dict[Value, QCheckBox] = {}
        self.line = QLineEdit()
        self.line.setObjectName(name)
        self.line.setMaxLength(_WIDEST)
        self._boxes = QWidget()
        self._flow = FlowLayout(self._boxes, gap=GRID, row_gap=0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.line)
        column.addWidget(self._boxes)
        self.line.textChanged.connect(self.changed)
        self.setFocusProxy(self.line)
        # Forms reckon the height of a field at their whole width, which it has to take then.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def offer(self, field: Field, settings: Settings, fits: Callable[[Value], bool]) -> None:
        """Take values of a setting; what is suggested stands there, unless it did before.

        Of choices only those that fit are ticked at first.
        """
        offered = suggested_values(settings, field.name)
        if field == self._field and offered == self._offered:
            return
        self._field, self._offered = field, offered
        chosen = field.kind in ("choice", "bool")
        self.line.setVisible(not chosen)
        self._boxes.setVisible(chosen)
        self._forget_ticks()
        if chosen:
            self._make_ticks(field, offered, fits)
            return
        unit = f", in {field.unit}" if field.unit else ""
        self.line.setAccessibleName(f"Values of {field.title.lower()}{unit}")
        self.line.setToolTip(f"Numbers with commas between them{unit}")
        self.line.setText(", ".join(_written(value) for value in offered))

    def values(self) -> tuple[Value, ...]:
        """Return the values that are given.

        Raises SettingsError if what was typed is no number.
        """
        if self._field is None:
            return ()
        if self._ticks:
            return tuple(value for value, tick in self._ticks.items() if tick.isChecked())
        return tuple(_read(text, self._field) for text in _parts(self.line.text()))

    def _make_ticks(
        self, field: Field, offered: Sequence[Value], fits: Callable[[Value], bool]
    ) -> None:
        for value in offered:
            tick = QCheckBox(field.in_words(value).replace("&", "&&"))
            tick.setObjectName(f"{self._name}.{value}".lower())
            tick.setChecked(fits(value))
            tick.toggled.connect(self.changed)
            self._ticks[value] = tick
            self._flow.addWidget(tick)
            tick.show()

    def _forget_ticks(self) -> None:
        for tick in self._ticks.values():
            tick.hide()
            tick.setParent(None)
            tick.deleteLater()
        while self._flow.takeAt(0) is not None:
            pass
        self._ticks = {}


def _parts(text: str) -> list[str]:
    """Take numbers apart; where there are semicolons, commas are decimal ones."""
    parts = text.split(";") if ";" in text else re.split(r",\s*|\s+", text.strip())
    return [part.strip() for part in parts if part.strip()]


def _read(text: str, field: Field) -> Value:
    try:
        number = parse_number(text)
    except ValueError:
        raise SettingsError(
            f"{field.title}: “{text}” is no number. Write numbers with commas between them."
        ) from None
    if field.kind != "int":
        return number
    if number != int(number):
        raise SettingsError(f"{field.title}: {text} is no whole number.")
    return int(number)


def _written(value: Value) -> str:
    return format_number(value) if isinstance(value, float) else str(value)
