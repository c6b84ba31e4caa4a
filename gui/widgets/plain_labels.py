"""Labels: muted ones before a field, plain ones that are never rich text, and wrapped ones."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QWidget

from gui.theme import set_muted


def label_for(field: QWidget, text: str) -> QLabel:
    """Make a label whose key, after an `&`, goes to the field."""
    label = QLabel(text)
    set_muted(label)
    label.setBuddy(field)
    return label


def plain_label(text: str = "") -> QLabel:
    """Make a label that never takes its text, be it of a file or a user, for rich text."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def wrapping_label(name: str) -> QLabel:
    """Make a label that breaks its text into the lines that it takes, at any width."""
    label = plain_label()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def label_for_readers(part: QWidget) -> None:
    """Give each combo box in a part of the window that has no label one for screen readers alone.

    On Linux Qt tells them the value as the name of a combo box, and its name as that of the label.
    """
    labelled = {label.buddy() for label in part.findChildren(QLabel)}
    for box in part.findChildren(QComboBox):
        if box not in labelled:
            label = QLabel(box.accessibleName(), box.parentWidget())
            label.setBuddy(box)
            label.hide()
