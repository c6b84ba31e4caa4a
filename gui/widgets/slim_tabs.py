"""SlimTabs: a style for bars of many tabs, whose titles would be cut where there is little room."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QWidget

from gui.theme import GRID


class SlimTabs(QProxyStyle):
    """Fusion, with less room beside the title of a tab; tabs have a least height in px."""

    def __init__(self, least_height: int = 0) -> None:
        super().__init__("Fusion")
        self._least_height = least_height

    def sizeFromContents(
        self,
        kind: QStyle.ContentsType,
        option: QStyleOption | None,
        size: QSize,
        widget: QWidget | None = None,
    ) -> QSize:
        """Make tabs as high as what stands beside them."""
        found = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type]
        if kind == QStyle.ContentsType.CT_TabBarTab:
            found.setHeight(max(found.height(), self._least_height))
        return found

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        """Halve what Fusion leaves beside a title."""
        if metric == QStyle.PixelMetric.PM_TabBarTabHSpace:
            return 3 * GRID // 2
        return super().pixelMetric(metric, option, widget)
