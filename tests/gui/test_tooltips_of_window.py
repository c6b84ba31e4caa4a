"""Tooltips of the whole window: short lines, and more than the name where a dialog follows."""

from PySide6.QtGui import QAction, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from tests.gui.driving import Driver

LONGEST = 80  # letters in a line; Qt wraps no plain text


def test_no_tooltip_has_a_line_that_is_wider_than_a_panel(shared_driver: Driver) -> None:
    assert len(list(shared_driver.panels())) > 10  # each makes all that it has
    window = shared_driver.window
    parts: list[QWidget | QAction] = [*window.findChildren(QWidget)]
    parts += window.findChildren(QAction)
    tips = {part.toolTip() for part in parts if not Qt.mightBeRichText(part.toolTip())}
    assert len(tips) > 50
    assert [tip for tip in tips if any(len(line) > LONGEST for line in tip.splitlines())] == []


def test_what_opens_a_dialog_says_more_than_its_name(own_driver: Driver) -> None:
    window = own_driver.window  # its own, in which no text was cut to what there is room for
    parts: list[QAbstractButton | QAction] = [*window.findChildren(QAbstractButton)]
    parts += window.findChildren(QAction)
    named = [
        (part.text().replace("&", ""), part.toolTip())
        for part in parts
        if part.text().endswith("…")
    ]
    assert len(named) > 5
    for name, tip in named:
        assert len(tip.partition(" (")[0]) > len(name), name
