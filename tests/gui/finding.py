"""How a test finds a part of a widget."""

from collections.abc import Iterable
from typing import TypeVar, cast

from PySide6.QtCore import QAbstractItemModel, QObject, QRegularExpression
from PySide6.QtGui import Qt, QTextDocumentFragment
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QButtonGroup,
    QComboBox,
    QLabel,
    QWidget,
)

from gui.predictions.panel import PinnedPane
from gui.window.redraw import Panel

T = TypeVar("T", bound=QObject)
V = TypeVar("V")


def not_none(value: V | None) -> V:
    """Return a value that is there; a test without it fails."""
    assert value is not None
    return value


def child(parent: QObject, kind: type[T]) -> T:
    """Find the first part of a kind; a test without it fails."""
    found = parent.findChild(kind)
    assert found is not None, f"{parent} has no {kind.__name__}"
    return found


def named(parent: QObject, kind: type[T], name: str) -> T:
    """Find the part of a kind that has a name; a test without it fails."""
    found = parent.findChild(kind, name)
    assert found is not None, f"{parent} has no {kind.__name__} {name}"
    return found


def row_texts(
    model: QAbstractItemModel, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole
) -> list[str]:
    """Read the first column of a model."""
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


def text_of(dialog: QWidget, name: str) -> str:
    """Return what a label says whose name begins with that of its dialog; empty if it is hidden."""
    label = named(dialog, QLabel, f"{dialog.objectName()}.{name}")
    return label.text() if label.isVisible() else ""


def redrawn(window: QWidget) -> list[Panel]:
    """List what the window draws again when there is something new in it."""
    panels = window.findChildren(QWidget, QRegularExpression(r"^panel\."))
    parts = [*panels, *window.findChildren(PinnedPane)]
    return [cast(Panel, part) for part in parts if hasattr(part, "dirty")]


def focusable(window: QWidget) -> list[QWidget]:
    """List all that Tab can come to, among choices that exclude each other the chosen one.

    The text inside of a number or choice is part of it.
    """
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.focusProxy() is None
        and not isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox)
        and not _is_left_to_arrows(widget)
    ]


def unnamed(controls: Iterable[QWidget]) -> list[str]:
    """Describe the controls that say nothing to who cannot see them."""
    return [
        f"{type(control).__name__} {control.objectName()!r} in {type(control.parent()).__name__}"
        for control in controls
        if not control.accessibleName().strip()
        and not (isinstance(control, QAbstractButton) and any(map(str.isalpha, control.text())))
    ]


def _is_left_to_arrows(widget: QWidget) -> bool:
    if not isinstance(widget, QAbstractButton) or widget.isChecked():
        return False
    group = cast("QButtonGroup | None", widget.group())
    return widget.autoExclusive() or (group is not None and group.exclusive())


def in_words(tooltip: str) -> str:
    """Read a tooltip, which is rich text where its lines are broken."""
    if not Qt.mightBeRichText(tooltip):
        return tooltip
    return QTextDocumentFragment.fromHtml(tooltip).toPlainText()
