"""SlimTabs: a style for bars of many tabs, whose titles would be cut where there is little room."""

from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QWidget

from gui.theme import GRID


class SlimTabs(QProxyStyle):
    """Fusion, with less room beside the title of a tab."""

    def __init__(self) -> None:
        super().__init__("Fusion")

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
