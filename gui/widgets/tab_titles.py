"""TabTitles: keeps the titles of a bar of tabs whole where there is little room for them."""

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QStyle, QTabBar

from gui.theme import small_font

_LEAST = 8.5  # pt; smaller letters could not be read
_FRAME = 4  # px that a tab takes beside its title and the style's room


class TabTitles(QObject):
    """Writes the titles smaller, as far as they can be read: cut short, two may look the same."""

    def __init__(self, tabs: QTabBar) -> None:
        super().__init__(tabs)
        self._tabs = tabs
        self._fitted: tuple[int, tuple[str, ...], float] | None = None
        # Of its own: a single shot that never comes, for Qt has deleted the bar, is never freed.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fit)
        tabs.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the titles anew; Qt says nothing when a tab comes or goes, but paints the bar."""
        if event.type() in (QEvent.Type.Paint, QEvent.Type.Resize, QEvent.Type.FontChange):
            self._soon.start()
        return super().eventFilter(watched, event)

    @Slot()
    def _fit(self) -> None:
        tabs, usual = self._tabs, small_font()
        titles = tuple(tabs.tabText(index) for index in range(tabs.count()))
        asked = tabs.width(), titles, usual.pointSizeF()
        if asked == self._fitted:
            return
        self._fitted = asked
        tabs.setFont(self._font_for(titles, usual))

    def _font_for(self, titles: tuple[str, ...], usual: QFont) -> QFont:
        metric = QStyle.PixelMetric.PM_TabBarTabHSpace
        beside = self._tabs.style().pixelMetric(metric, None, self._tabs) + _FRAME
        room = self._tabs.width() - beside * len(titles)
        needed = sum(map(QFontMetricsF(usual).horizontalAdvance, titles))
        font = QFont(usual)
        if needed > room:
            font.setPointSizeF(max(_LEAST, usual.pointSizeF() * max(0.0, room) / needed))
        return font
