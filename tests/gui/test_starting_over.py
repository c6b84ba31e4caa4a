"""What a window is put back to is how it opens."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QSlider, QWidget

from tests.gui.driving import Driver
from tests.gui.starting_over import AT_FIRST


def test_a_window_opens_with_what_it_is_put_back_to_and_says_what_opens_a_dialog(
    own_driver: Driver,
) -> None:
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
    assert len(list(own_driver.panels())) > 10  # each makes all that it has
    assert {name: _choice(own_driver.find(QWidget, name)) for name in AT_FIRST} == AT_FIRST


def _choice(part: QWidget) -> int:
    if isinstance(part, QComboBox):
        return part.currentIndex()
    if isinstance(part, QSlider):
        return part.value()
    assert isinstance(part, QAbstractButton)
    return part.isChecked()
