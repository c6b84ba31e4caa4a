"""TrainingSettings: the training settings as a strip for a toolbar and a part behind "More"."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.declarations import fields_of
from engine.settings import Settings
from gui.document import LIVE_SETTINGS, LOCKED_REASON, Document
from gui.editor.flow import FlowLayout
from gui.editor.form import FieldEditor, Form, stacked
from gui.theme import GRID

_IN_STRIP = {"learning_rate": 80, "batch_size": 112, "epochs": 80, "loss": 176}  # widths in px


class TrainingSettings(QObject):
    """All settings in two widgets that share one form: `strip` and `more`."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._form = Form(fields_of(Settings), "setting", document.change_setting, self)
        editors = self._form.editors
        self.strip = _strip([editors[name] for name in _IN_STRIP])
        self.more = _page([editor for name, editor in editors.items() if name not in _IN_STRIP])
        document.settings_changed.connect(self._show)
        document.project_replaced.connect(self._show_afresh)
        document.locked_changed.connect(self._follow_lock)
        document.flush_requested.connect(self._form.flush)
        self._show()
        self._follow_lock(document.locked)

    @Slot()
    def _show(self) -> None:
        self._form.show(self._document.settings)

    @Slot()
    def _show_afresh(self) -> None:
        self._form.show(self._document.settings, afresh=True)

    @Slot(bool)
    def _follow_lock(self, locked: bool) -> None:
        self._form.set_locked(LOCKED_REASON if locked else "", but=LIVE_SETTINGS)


def _strip(editors: list[FieldEditor]) -> QWidget:
    """Put editors side by side, as far as there is room, and their refusals below."""
    strip = QWidget()
    strip.setAccessibleName("Training settings")
    column = QVBoxLayout(strip)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GRID // 2)
    flow = FlowLayout(gap=2 * GRID, row_gap=GRID // 2)
    column.addLayout(flow)
    for editor in editors:
        editor.input.setFixedWidth(_IN_STRIP[editor.field.name])
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        row.addWidget(editor.label)
        row.addWidget(editor.widget)
        flow.addWidget(pair)
        column.addWidget(editor.message)
    return strip


def _page(editors: list[FieldEditor]) -> QWidget:
    page = QWidget()
    page.setAccessibleName("More training settings")
    page.setMaximumWidth(60 * GRID)
    column = QVBoxLayout(page)
    column.setContentsMargins(GRID, GRID, GRID, GRID)
    column.addLayout(stacked(editors))
    column.addStretch()
    return page
