"""Where a card stands: inside the window, beside what it speaks of."""

from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from gui.tour.tour import place_beside

WINDOW = QRect(0, 0, 1280, 800)
CARD = QSize(320, 160)


def placed(*around: QRect, window: QRect = WINDOW) -> QRect:
    return QRect(place_beside(window, around, CARD), CARD)


def test_with_nothing_to_stand_beside_it_is_in_the_middle() -> None:
    assert placed().center() in (WINDOW.center(), WINDOW.center() + QPoint(1, 1))


HOME = QRect(0, 130, 330, 670)


sides = st.integers(20, 1200)
