"""Layouts, and the objects that PySide makes of what is in them."""

from PySide6.QtWidgets import QWidgetItem
from shiboken6 import Shiboken

from gui.widgets.layouts import FlowLayout
from tests.gui.driving import Driver


def test_no_object_is_left_of_what_qt_deletes_with_a_widget(shared_driver: Driver) -> None:
    """PySide would take it for what Qt makes at its address later, which crashes."""
    assert len(list(shared_driver.panels())) > 10  # each makes all that it has
    objects = Shiboken.getAllValidWrappers()
    lasting = {id(item) for each in objects if isinstance(each, FlowLayout) for item in each._items}
    items = [each for each in objects if isinstance(each, QWidgetItem)]
    assert [item for item in items if id(item) not in lasting] == []
