"""ComparisonNames: draws the cells of compared runs, whose names stay apart where they are cut."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.widgets.elision import elide_names


class ComparisonNames(QStyledItemDelegate):
    """Draws cells; a text that is one of `names` is cut so that it looks like none of the others.

    It serves one view.
    """

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view, self._names = view, tuple[str, ...]()
        self._cut: dict[tuple[str, int], dict[str, str]] = {}  # by font and width

    def set_names(self, names: Sequence[str]) -> None:
        """Tell other names apart."""
        self._names = tuple(names)
        self._cut.clear()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw a cell."""
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        style = self._view.style()
        if shown.text in self._names:
            shown.text = self._written(shown, style)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, self._view)

    def _written(self, option: QStyleOptionViewItem, style: QStyle) -> str:
        """Return as much of a name as a cell has room for."""
        place = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, self._view)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self._view) + 1
        width = place.width() - 2 * margin
        key = option.font.key(), width
        if key not in self._cut:
            cut = elide_names(self._names, option.fontMetrics, width)
            self._cut[key] = dict(zip(self._names, cut, strict=True))
        return self._cut[key][option.text]
