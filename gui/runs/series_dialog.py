"""SeriesDialog: which runs of the open network are to be trained one after the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from engine.errors import SettingsError
from engine.model.project import Project
from engine.runs.series import (
    MOST_RUNS,
    Series,
    Value,
    fields_to_try,
    repeated,
    suggested_values,
    tried,
)
from engine.struct_fields import Field
from engine.text import words
from gui.forms.form import without_subject
from gui.forms.inputs import format_number, parse_number
from gui.forms.settings_form import idle_reasons
from gui.theme import GRID, magnification
from gui.widgets.buttons import choice_box
from gui.widgets.dialogs import bring_to_front, button_row, push_button
from gui.widgets.labels import ProblemLabel, label_for, plain_tooltip, wrapping_label
from gui.widgets.layouts import in_column, named

_NAME = "series_dialog"
_MOST_TYPED = 9_999  # more than a series can have: what is too much is said, and not cut short
_USUAL_SEEDS = 5
_USUAL_SETTING = "Learning rate"
_HOW = (
    "Each run begins untrained, beside the open network, which stays as it is. It is, bit for bit, "
    "the run that Train gives with its settings after Reset. Training in the window goes first: "
    "the series rests meanwhile."
)


class SeriesDialog(QDialog):
    """A window over the main one; `train` is given the series that is wanted.

    The project is asked for when it opens, and stays as it is till it is closed.
    """

    def __init__(
        self,
        project: Callable[[], Project],
        train: Callable[[Series], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(_NAME)
        self.setWindowTitle("More runs")
        self.setModal(True)
        self._ask_project, self._train = project, train
        self._project = Project()
        self._fields: Sequence[Field] = fields_to_try()
        self.repeat = _choice("repeat", "&Repeat with other seeds")
        self.attempt = _choice("attempt", "&Try values of a setting")
        self.repeat.setChecked(True)
        self.runs = _count("runs", 2, _USUAL_SEEDS)
        self.setting = choice_box(f"{_NAME}.setting", "Setting")
        self.setting.setFont(self.font())
        self.setting.addItems([field.title for field in self._fields])
        self.setting.setCurrentText(_USUAL_SETTING)
        self.values = named(QLineEdit(), f"{_NAME}.values")
        self._offered: tuple[Field, Sequence[Value]] | None = None
        self.seeds = _count("seeds", 1, 1)
        self.summary = wrapping_label(f"{_NAME}.summary")
        self.problem = named(ProblemLabel(), f"{_NAME}.problem")
        self.start = push_button(f"{_NAME}.start", "&Start", "")
        self.start.setDefault(True)
        self._arrange()
        self._connect()

    def open(self) -> None:
        """Come to the front, for the network as it is now."""
        self._project = self._ask_project()
        self._offer_values()
        self._tell()
        bring_to_front(self)
        (self.repeat if self.repeat.isChecked() else self.attempt).setFocus()

    # --- what is wanted ----------------------------------------------------------------------

    def series(self) -> Series:
        """Return the series that is wanted.

        Raises SettingsError if what was given makes none.
        """
        if self.repeat.isChecked():
            return repeated(self._project, self.runs.value())
        field = self._field()
        reason = idle_reasons(self._project.settings, "").get(field.name)
        if reason:
            raise SettingsError(f"{field.title}: {reason}")
        return tried(self._project, field.name, self._values(field), self.seeds.value())

    def _field(self) -> Field:
        return self._fields[self.setting.currentIndex()]

    @Slot()
    def _offer_values(self) -> None:
        """Write what is suggested, unless it stood there before; of choices those that fit."""
        field = self._field()
        offered = suggested_values(self._project.settings, field.name)
        if (field, offered) == self._offered:
            return
        self._offered = field, offered
        unit = f", in {field.unit}" if field.unit else ""
        self.values.setAccessibleName(f"Values of {field.title.lower()}{unit}")
        chosen = field.kind in ("choice", "bool")
        known = f", of {', '.join(map(field.in_words, offered))}" if chosen else unit
        self.values.setToolTip(plain_tooltip(f"Values with semicolons between them{known}"))
        fitting = (value for value in offered if not chosen or self._fits(field, value))
        self.values.setText("; ".join(_written(value, field) for value in fitting))

    def _values(self, field: Field) -> tuple[Value, ...]:
        """Return the values that are given; those of choices by their words.

        Raises SettingsError if what was typed is no value.
        """
        offered = suggested_values(self._project.settings, field.name)
        parts = (part.strip() for part in self.values.text().split(";"))
        return tuple(_read(part, field, offered) for part in parts if part)

    def _fits(self, field: Field, value: Value) -> bool:
        """Return whether the network fits a value of a setting."""
        settings = self._project.settings.with_changes(**{field.name: value})
        return replace(self._project, settings=settings).check().problem is None

    @Slot()
    def _tell(self) -> None:
        """Say what will be trained, or why nothing can be."""
        self._of_attempt.setEnabled(self.attempt.isChecked())
        self._of_repeat.setEnabled(self.repeat.isChecked())
        problem = self._project.check().problem
        if problem is not None:
            self._show("", problem.text)
            return
        try:
            self._show(_in_words(self.series()), "")
        except SettingsError as error:
            self._show("", without_subject(str(error)))

    def _show(self, summary: str, problem: str) -> None:
        self.summary.setText(summary)
        self.summary.setVisible(bool(summary))
        self.problem.say(problem)
        self.start.setEnabled(not problem)
        self.start.setToolTip(problem or "Train these runs, one after the other")

    @Slot()
    def _start(self) -> None:
        series = self.series()
        self.close()
        self._train(series)

    # --- building ----------------------------------------------------------------------------

    def _connect(self) -> None:
        self.repeat.toggled.connect(self._tell)
        self.setting.currentIndexChanged.connect(self._offer_values)
        self.setting.currentIndexChanged.connect(self._tell)
        self.values.textChanged.connect(self._tell)
        for box in (self.runs, self.seeds):
            box.valueChanged.connect(self._tell)
        self.start.clicked.connect(self._start)

    def _arrange(self) -> None:
        self._of_repeat = _form({"See&ds": self.runs})
        fields = {"Settin&g": self.setting, "&Values": self.values, "Seeds eac&h": self.seeds}
        self._of_attempt = _form(fields)
        how = wrapping_label(f"{_NAME}.how", muted=True)
        how.setText(_HOW)
        in_column(
            *(self.repeat, self._of_repeat, self.attempt, self._of_attempt),
            *(self.summary, self.problem, how, 1, button_row(self, self.start)),
            of=self,
            gap=GRID,
            margins=(2 * GRID, 2 * GRID, GRID, GRID),
        )
        larger = magnification()
        self.resize(round(58 * GRID * larger), round(50 * GRID * larger))


def _in_words(series: Series) -> str:
    """Say what a series trains."""
    epochs = words.count(sum(settings.epochs for settings in series.settings), "epoch")
    seeds = sorted({settings.seed for settings in series.settings})
    with_seeds = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    return f"{words.count(len(series.settings), 'run')} with {with_seeds}, {epochs} in all."


def _form(fields: Mapping[str, QWidget]) -> QWidget:
    """Lay out fields with their labels."""
    page = QWidget()
    form = QFormLayout(page)
    form.setSpacing(GRID)
    form.setContentsMargins(3 * GRID, 0, 0, GRID)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    for label, field in fields.items():
        form.addRow(label_for(field, label), field)
    return page


def _choice(name: str, text: str) -> QRadioButton:
    return named(QRadioButton(text), f"{_NAME}.{name}")


def _count(name: str, least: int, usual: int) -> QSpinBox:
    box = named(QSpinBox(), f"{_NAME}.{name}", tip=f"A series has at most {MOST_RUNS} runs")
    box.setRange(least, _MOST_TYPED)
    box.setValue(usual)
    return box


def _read(text: str, field: Field, offered: Sequence[Value]) -> Value:
    """Return the value that a text is for: of choices one by its words, else a number."""
    if field.kind in ("choice", "bool"):
        by_words = {field.in_words(value).casefold(): value for value in offered}
        if text.casefold() not in by_words:
            known = "; ".join(map(field.in_words, offered))
            raise SettingsError(f"{field.title}: “{text}” is none of its values: {known}.")
        return by_words[text.casefold()]
    try:
        number = parse_number(text)
    except ValueError:
        raise SettingsError(
            f"{field.title}: “{text}” is no number. Write numbers with semicolons between them."
        ) from None
    if field.kind != "int":
        return number
    if number != int(number):
        raise SettingsError(f"{field.title}: {text} is no whole number.")
    return int(number)


def _written(value: Value, field: Field) -> str:
    if field.kind in ("choice", "bool"):
        return field.in_words(value)
    return format_number(value) if isinstance(value, float) else str(value)
