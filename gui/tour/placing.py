"""Where a card of the tour stands: in one place, or beside what it speaks of."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize

from gui.theme import GRID

GAP = GRID + GRID // 2  # px, between the card and what it stands beside


def place_card(window: QRect, home: QRect, around: Sequence[QRect], size: QSize) -> QPoint:
    """Find the place of a card: at the foot of its home, or else beside what it speaks of.

    In its home it covers nothing of the innermost area of `around`; an empty home is none.
    """
    foot = QPoint(home.left() + GRID // 2, home.bottom() - GRID // 2 - size.height())
    card = QRect(foot, size)
    if home.isEmpty() or not window.contains(card) or (around and card.intersects(around[-1])):
        return place_beside(window, around, size)
    return card.topLeft()


def place_beside(window: QRect, around: Sequence[QRect], size: QSize) -> QPoint:
    """Find the place of a card of some size in a window.

    `around` are the areas to keep free, the largest first, each within the one before; if there is
    no room beside the first, it may be covered, but not the next. If there is room beside none, the
    card stands where it covers least of the last; with nothing to keep free, in the middle.
    """
    inner = window.adjusted(GRID, GRID, -GRID, -GRID)
    if not around:
        middle = QRect(QPoint(0, 0), size)
        middle.moveCenter(window.center())
        return middle.topLeft()
    target = around[-1]
    for area in around:
        for corner in _beside(area, target, size):
            card = QRect(_inside(inner, corner, size), size)
            if inner.contains(card) and not card.intersects(area):
                return card.topLeft()
    return min(_corners(inner, size), key=lambda corner: _shared(QRect(corner, size), target))


def _beside(area: QRect, target: QRect, size: QSize) -> list[QPoint]:
    """Return the places right, left, below and above of an area, at the height of the target."""
    x = target.center().x() - size.width() // 2
    y = target.center().y() - size.height() // 2
    return [
        QPoint(area.right() + GAP, y),
        QPoint(area.left() - GAP - size.width(), y),
        QPoint(x, area.bottom() + GAP),
        QPoint(x, area.top() - GAP - size.height()),
    ]


def _inside(inner: QRect, corner: QPoint, size: QSize) -> QPoint:
    """Push a card back into the window."""
    right, bottom = inner.right() + 1 - size.width(), inner.bottom() + 1 - size.height()
    return QPoint(
        max(inner.left(), min(corner.x(), right)), max(inner.top(), min(corner.y(), bottom))
    )


def _corners(inner: QRect, size: QSize) -> list[QPoint]:
    far = _inside(inner, inner.bottomRight(), size)
    xs, ys = (far.x(), inner.left()), (far.y(), inner.top())
    return [QPoint(x, y) for y in ys for x in xs]


def _shared(one: QRect, other: QRect) -> int:
    both = one.intersected(other)
    return both.width() * both.height() if both.isValid() else 0
