"""Where the window stands: inside its screen, whatever the screen's size."""

import pytest
from PySide6.QtCore import QRect, QSize

from gui.main_window import fitted

PROGRAM = """
from PySide6.QtWidgets import QApplication
from gui.app import create_window
app = QApplication([])
window = create_window()
window.show()
app.processEvents()
place = window.frameGeometry()
print(*place.getRect(), window.isMaximized())
window.close()
"""


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        (QRect(0, 0, 1920, 1080), QSize(1280, 800)),
        (QRect(0, 0, 1280, 770), QSize(1264, 722)),
        (QRect(0, 27, 960, 513), QSize(944, 465)),
        (QRect(1920, 200, 1366, 728), QSize(1280, 680)),
    ],
)
def test_the_window_and_its_frame_are_inside_the_free_room(free: QRect, expected: QSize) -> None:
    placed = fitted(QSize(1280, 800), free)
    assert placed.size() == expected
    assert free.contains(placed.adjusted(-8, -40, 8, 8))
