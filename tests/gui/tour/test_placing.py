"""Where a card stands: inside the window, beside what it speaks of."""

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from gui.tour.tour import place_beside

WINDOW = QRect(0, 0, 1280, 800)
CARD = QSize(320, 160)


def placed(target: QRect | None = None) -> QRect:
    return QRect(place_beside(WINDOW, target, CARD), CARD)


def test_it_stands_beside_what_it_speaks_of_on_the_side_that_has_room() -> None:
    card = placed(QRect(0, 100, 320, 600))
    assert card.left() > 319
    assert abs(card.center().y() - QRect(0, 100, 320, 600).center().y()) <= 1
    assert placed(QRect(900, 100, 380, 600)).right() < 900
    assert placed(QRect(0, 20, 1280, 60)).top() > 79
    assert placed(QRect(0, 640, 1280, 160)).bottom() < 640
    assert placed().center() in (WINDOW.center(), WINDOW.center() + QPoint(1, 1))


def test_it_is_at_hand_on_the_nearest_side() -> None:
    small, wide = QRect(600, 400, 60, 30), QRect(300, 100, 600, 40)
    assert placed(small).top() - small.bottom() < 16
    assert placed(wide).top() - wide.bottom() < 16
    high = QRect(600, 100, 40, 600)
    assert placed(high).left() - high.right() < 16


def test_it_covers_nothing_that_is_to_be_clear_where_there_is_another_place() -> None:
    button, below = QRect(600, 100, 60, 30), QRect(590, 140, 300, 300)
    beside = QRect(place_beside(WINDOW, button, CARD, [below]), CARD)
    assert not beside.intersects(below)
    assert not beside.intersects(button)
    slider, total = QRect(0, 740, 1280, 40), QRect(500, 600, 280, 60)
    above = QRect(place_beside(WINDOW, slider, CARD, [total]), CARD)
    assert above.bottom() < 740
    assert not above.intersects(total)


sides = st.integers(20, 1200)


@settings(max_examples=40)
@given(st.integers(0, 1100), st.integers(0, 700), sides, sides)
def test_it_never_leaves_the_window(left: int, top: int, width: int, height: int) -> None:
    target = QRect(left, top, width, height).intersected(WINDOW)
    card = placed(target)
    assert WINDOW.contains(card)
    free = (
        target.left() > CARD.width() + 32
        or WINDOW.right() - target.right() > CARD.width() + 32
        or target.top() > CARD.height() + 32
        or WINDOW.bottom() - target.bottom() > CARD.height() + 32
    )
    if free:
        assert not card.intersects(target)
