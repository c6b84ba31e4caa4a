"""What a window is put back to is how it opens."""

from PySide6.QtWidgets import QAbstractButton, QComboBox, QSlider, QWidget

from tests.gui.driving import Driver
from tests.gui.starting_over import AT_FIRST


def test_the_panels_are_put_back_to_what_they_open_with(own_driver: Driver) -> None:
    assert len(list(own_driver.panels())) > 10  # each makes all that it has
    assert {name: _choice(own_driver.find(QWidget, name)) for name in AT_FIRST} == AT_FIRST


def _choice(part: QWidget) -> int:
    if isinstance(part, QComboBox):
        return part.currentIndex()
    if isinstance(part, QSlider):
        return part.value()
    assert isinstance(part, QAbstractButton)
    return part.isChecked()
