"""Where a card stands: inside the window, beside what it speaks of."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from gui.tour.tour import place_beside, place_card

WINDOW = QRect(0, 0, 1280, 800)
CARD = QSize(320, 160)
HOME = QRect(0, 130, 330, 670)


def placed(*around: QRect) -> QRect:
    return QRect(place_beside(WINDOW, around, CARD), CARD)


def at_home(target: QRect, home: QRect = HOME) -> QRect:
    return QRect(place_card(WINDOW, home, [target], CARD), CARD)


def test_it_stands_beside_what_it_speaks_of_on_the_side_that_has_room() -> None:
    card = placed(QRect(0, 100, 320, 400))
    assert card.left() > 319
    assert abs(card.center().y() - QRect(0, 100, 320, 400).center().y()) <= 1
    assert placed(QRect(900, 100, 380, 400)).right() < 900
    assert placed(QRect(0, 20, 1280, 60)).top() > 79
    assert placed(QRect(0, 640, 1280, 160)).bottom() < 640
    assert placed().center() in (WINDOW.center(), WINDOW.center() + QPoint(1, 1))


def test_a_panel_is_left_free_if_there_is_room_and_the_target_always() -> None:
    panel, target = QRect(330, 80, 500, 340), QRect(340, 200, 90, 90)
    card = placed(panel, target)
    assert not card.intersects(panel)
    assert abs(card.center().y() - target.center().y()) <= 1
    target = QRect(20, 300, 200, 200)
    assert not placed(WINDOW, target).intersects(target)


def test_it_stands_at_the_foot_of_its_home_unless_it_covers_there_what_it_speaks_of() -> None:
    card = at_home(QRect(500, 300, 100, 100))
    assert HOME.contains(card)
    assert HOME.bottom() - card.bottom() < 16
    assert at_home(QRect(900, 10, 300, 80)) == card
    assert not at_home(HOME).intersects(HOME)
    target = QRect(0, 100, 320, 400)
    assert at_home(target, QRect()) == placed(target)


sides = st.integers(20, 1200)


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
