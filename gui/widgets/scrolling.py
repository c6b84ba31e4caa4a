"""Scroll areas: what does not fit into its room scrolls there."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolling(page: QWidget) -> QScrollArea:
    """Return a scroll area without a frame around a page, which takes no focus of its own."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(page.accessibleName())
    area.setWidget(page)
    return area


def bring_into_view(widget: QWidget, part: QRect | None = None) -> None:
    """Scroll what a widget lies in until it is seen, or a part of it, in its own px."""
    around = widget.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    page = None if around is None else around.widget()
    if around is None or page is None:
        return
    if part is None:
        around.ensureWidgetVisible(widget)
        return
    at = widget.mapTo(page, part.center())
    around.ensureVisible(at.x(), at.y(), part.width(), part.height() // 2)


def can_scroll(widget: QWidget) -> bool:
    """Return whether something that a widget lies in has more below or above than is seen."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea) and around.verticalScrollBar().maximum() > 0:
            return True
        around = around.parentWidget()
    return False


class WrappingPage(QWidget):
    """Asks for the height that wrapped texts and buttons need at its width."""

    def minimumSizeHint(self) -> QSize:
        """Count what wraps at its real height."""
        layout, hint = self.layout(), super().minimumSizeHint()
        if layout is None:
            return hint
        return QSize(hint.width(), layout.minimumHeightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask anew at another width."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()
