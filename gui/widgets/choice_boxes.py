"""Boxes to choose from, which keep their choice when other entries come."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox

from gui.theme import small_font


def choice_box(name: str, title: str) -> QComboBox:
    """Make a box with an object name, and a title that is said of it."""
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setToolTip(title)
    box.setFont(small_font())
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return box


def fill_box(box: QComboBox, texts: list[str]) -> None:
    """List other entries; the choice stays at its place as far as there is one."""
    if texts == [box.itemText(place) for place in range(box.count())]:
        return
    place = max(0, box.currentIndex())
    with QSignalBlocker(box):
        box.clear()
        box.addItems(texts)
        box.setCurrentIndex(min(place, len(texts) - 1))
