"""Form: made from what a struct declares about its fields, for block options and for settings."""

import html
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import SettingsError
from engine.struct_fields import Field
from gui.forms.inputs import (
    Input,
    NumberBox,
    NumbersEdit,
    SuggestionsBox,
    WholeNumberBox,
    format_number,
    format_numbers,
    make_input,
)
from gui.theme import GRID, colours_of, mixed
from gui.widgets.buttons import text_button
from gui.widgets.labels import ProblemLabel
from gui.widgets.layouts import in_column, named

Commit = Callable[[str, Any], None]  # field name, new value; raises SettingsError to refuse it

_MENU_LETTERS = "febtdvh"  # Alt with these opens the window's menus
_LETTERS_OF_NUMBERS = "eE"  # as in 1e-3


class FieldEditor(QObject):
    """One field: its label, its input, and a sentence for when an entry was refused.

    `row` is where the input stands, with room for more beside it.
    """

    def __init__(self, field: Field, prefix: str, commit: Commit, parent: QObject) -> None:
        super().__init__(parent)
        self.field = field
        self._commit = commit
        self._shown: Any = None
        self.input: Input = make_input(field, self._on_entered, self._refuse_typed)
        self.input.setObjectName(f"{prefix}.{field.name}")
        self.input.setAccessibleName(field.title + (f" ({field.unit})" if field.unit else ""))
        self.input.setAccessibleDescription(_description(field))
        self.input.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.label = QLabel(field.title)
        self.label.setBuddy(self.input)
        self.message = named(ProblemLabel(), f"{prefix}.{field.name}.problem", small=True)
        self.row = QHBoxLayout()
        self.widget = self._arrange()
        self._remedy: QToolButton | None = None
        self._run_remedy: Callable[[], object] = lambda: None
        self._locked = ""  # why
        self._explain()
        self.input.installEventFilter(self)
        within = self.input.findChild(QLineEdit)
        edit = self.input if isinstance(self.input, QLineEdit) else within
        if edit is not None:
            edit.textEdited.connect(self._on_edited)

    def show(self, value: Any, *, afresh: bool) -> None:
        """Show a value. What is being typed stays, unless the value is new or comes `afresh`."""
        if afresh or value != self._shown:
            self._shown = value
            self.input.show_value(value)
            self._mark("")

    def refuse(self, why: str) -> None:
        """Say why what was typed does not count; what was chosen gives way to the value in use."""
        if not self.input.editing():
            self.input.show_value(self._shown)
        self._mark(without_subject(why))

    def drop_refused(self) -> str:
        """Show the value in use again if an entry was refused; return why it was."""
        why = self.message.text()
        if why:
            self.show(self._shown, afresh=True)
        return why

    def offer(self, remedy: str, run: Callable[[], object]) -> None:
        """Put a button under the input until an entry is taken."""
        if self._remedy is None:
            self._remedy = text_button(f"{self.input.objectName()}.remedy", "", takes_focus=True)
            self._remedy.clicked.connect(lambda: self._run_remedy())
            column = self.widget.layout()
            assert isinstance(column, QVBoxLayout)
            column.addWidget(self._remedy, 0, Qt.AlignmentFlag.AlignLeft)
        self._run_remedy = run
        self._remedy.setText(remedy.replace("&", "&&"))
        self._remedy.setAccessibleName(remedy)
        self._remedy.show()

    def withdraw(self) -> None:
        """Take the button away."""
        if self._remedy is not None:
            self._remedy.hide()

    def set_locked(self, reason: str) -> None:
        """Disable the input and say why, or enable it."""
        if reason != self._locked:  # it is told with each change of any setting
            self._locked = reason
            self.widget.setEnabled(not reason)
            self.label.setEnabled(not reason)
            self._explain()

    def _explain(self) -> None:
        tip = self._locked or f"<qt>{html.escape(_description(self.field))}</qt>"
        self.input.setToolTip(tip)
        self.label.setToolTip(tip)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to scrolling, undo to the document, and letters that no number has to the
        window; take Esc to give an entry up.
        """
        kind = event.type()
        if kind == QEvent.Type.PaletteChange:
            self._colour()
        if kind == QEvent.Type.Wheel and not self.input.hasFocus():
            event.ignore()
            return True
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undoes = event.matches(QKeySequence.StandardKey.Undo)
            if (undoes or event.matches(QKeySequence.StandardKey.Redo)) and not self._busy():
                event.ignore()
                return True
            if isinstance(self.input, WholeNumberBox | NumberBox) and _no_number_has(event):
                event.ignore()
                return True
            if isinstance(self.input, QComboBox) and _opens_list(event):
                event.accept()
                return True
        if (
            kind == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._busy()
        ):
            self.show(self._shown, afresh=True)
            return True
        return False

    def _busy(self) -> bool:
        return self.input.editing() or bool(self.message.text())

    def _arrange(self) -> QWidget:
        widget = QWidget()
        in_column(self.row, of=widget)
        self.row.setSpacing(GRID // 2)
        self.row.addWidget(self.input, 1)
        if isinstance(self.input, SuggestionsBox):
            self.input.button.setObjectName(f"{self.input.objectName()}.browse")
            self.row.addWidget(self.input.button)
        return widget

    def _on_entered(self, value: Any) -> None:
        try:
            self._commit(self.field.name, value)
        except SettingsError as error:
            if not self._can_be_corrected(value):
                self.input.show_value(self._shown)
            self._mark(without_subject(str(error)))
            return
        self._mark("")

    def _can_be_corrected(self, value: Any) -> bool:
        """Return whether it was typed as a text, and not chosen."""
        chosen = value in dict(self.field.suggestions) if self.field.suggestions else False
        return isinstance(self.input, NumbersEdit | SuggestionsBox) and not chosen

    def _refuse_typed(self, text: str) -> None:
        self._mark(f"{self.field.title} must be {self.field.expectation()}, not “{text}”.")

    @Slot()
    def _on_edited(self) -> None:
        """Take the refusal back once the value in use has been typed again."""
        if not self.input.editing():
            self._mark("")

    def _mark(self, problem: str) -> None:
        self.message.say(problem)
        if not problem:
            self.withdraw()
        self._colour()

    def _colour(self) -> None:
        """Mark the input in red while there is something wrong, by the palette of the theme."""
        palette = QPalette()
        if self.message.text():
            theme = QApplication.palette(self.input)
            error = QColor(colours_of(theme).wrong)
            palette.setColor(QPalette.ColorRole.Text, error)
            palette.setColor(
                QPalette.ColorRole.Base, mixed(error, theme.color(QPalette.ColorRole.Base), 0.12)
            )
        self.input.setPalette(palette)


class Form(QObject):
    """The editors of a struct's fields, by name. Where they stand is for the owner to say."""

    def __init__(
        self, fields: Iterable[Field], prefix: str, commit: Commit, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.editors = {field.name: FieldEditor(field, prefix, commit, self) for field in fields}
        taken = set(_MENU_LETTERS)
        for editor in self.editors.values():
            editor.label.setText(_with_mnemonic(editor.field.title, taken))

    def show(self, struct: object, *, afresh: bool = False) -> None:
        """Show a struct's values; `afresh` drops what is being typed."""
        for name, editor in self.editors.items():
            editor.show(getattr(struct, name), afresh=afresh)

    @Slot()
    def flush(self) -> None:
        """Commit what was typed and not finished."""
        for editor in self.editors.values():
            if editor.input.editing():
                editor.input.flush()

    def drop_refused(self) -> list[str]:
        """Show the values in use in place of entries that were refused; return why they were."""
        return [why for editor in self.editors.values() if (why := editor.drop_refused())]

    def set_locked(self, reason: str) -> None:
        """Disable all inputs and say why; an empty reason enables them."""
        for editor in self.editors.values():
            editor.set_locked(reason)


def stacked(editors: Iterable[FieldEditor]) -> QFormLayout:
    """Lay editors out one below the other: labels to the left, refusals under the inputs."""
    layout = QFormLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GRID // 2)
    layout.setHorizontalSpacing(GRID)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    for editor in editors:
        editor.label.setFixedHeight(editor.input.sizeHint().height())
        column = in_column(editor.widget, editor.message)
        layout.addRow(editor.label, column)
    return layout


def _description(field: Field) -> str:
    words = [field.help] if field.help else []
    if field.kind in ("int", "float", "ints"):
        expected = field.expectation()
        words.append(f"{expected[0].upper()}{expected[1:]}.")
    return " ".join([*words, f"Default: {_value_in_words(field)}."])


def _value_in_words(field: Field) -> str:
    if field.kind == "ints":
        return format_numbers(field.default, shape=field.minimum is not None and field.minimum < 0)
    if field.kind == "float":
        return format_number(field.default)
    if field.kind == "bool":
        return "on" if field.default else "off"
    words = {**field.labels, **field.suggestions}
    return words.get(str(field.default), str(field.default))


def _no_number_has(event: QKeyEvent) -> bool:
    """Return whether a key alone types a letter that is in no number."""
    shift = Qt.KeyboardModifier.ShiftModifier
    alone = event.modifiers() in (Qt.KeyboardModifier.NoModifier, shift)
    return alone and event.text().isalpha() and event.text() not in _LETTERS_OF_NUMBERS


def _opens_list(event: QKeyEvent) -> bool:
    """Return whether the keys open a combo box, which elsewhere move the selected block."""
    alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
    return alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)


def _with_mnemonic(title: str, taken: set[str]) -> str:
    """Mark the first letter that is still free, and take it."""
    for position, letter in enumerate(title.lower()):
        if letter.isalpha() and letter not in taken:
            taken.add(letter)
            return f"{title[:position]}&{title[position:]}"
    return title


def without_subject(text: str) -> str:
    """Return a refusal without what it begins with, which stands beside the field already."""
    sentence = text.partition(": ")[2] or text
    return sentence[0].upper() + sentence[1:]
