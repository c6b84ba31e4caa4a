"""The labels of classes beside and above the confusion matrix and its scores."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.theme import GRID, bolder, small_font
from gui.widgets.confusion_cells import AIR
from gui.widgets.elision import elide_name

END = GRID // 2  # px between a number on the right and the end of its column
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
_MOST_NAME = 18 * GRID  # px of a class
_LEAST_SHARE = 0.7  # of the longest name above a column; of a shorter one too little would be left
_NUDGE = 4  # px that the label of a row at the edge may move


class ClassLabels(QHeaderView):
    """The classes beside a table, or the titles above it: as many as there is room for.

    Names are cut short rather than left out, if enough stays of them. The marked one is always
    there.
    """

    def __init__(
        self, orientation: Qt.Orientation, alignment: Qt.AlignmentFlag, parent: QWidget
    ) -> None:
        super().__init__(orientation, parent)
        self._alignment = alignment
        self._marked = -1
        self._labelled = 1  # of so many classes one has a label
        self._longest = _MOST_NAME  # px of a label
        self._cut_for: tuple[int, str] | None = None  # width and font
        self._cut_texts: list[str] = []
        self.setFont(small_font())
        if orientation == Qt.Orientation.Horizontal:
            self.setFixedHeight(self.fontMetrics().height() + 2)
        self.setSectionsClickable(False)
        self.setMinimumSectionSize(1)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def reset(self) -> None:
        """Take the labels of other classes."""
        self._cut_for = None
        super().reset()

    def set_section_size(self, size: int) -> None:
        """Make all sections so large, and cut or leave out labels that would touch each other."""
        before = self.defaultSectionSize(), self._labelled, self._longest
        if size != before[0]:  # Qt would paint all labels anew
            self.setDefaultSectionSize(size)
        metrics = self.fontMetrics()
        across = self.orientation() == Qt.Orientation.Horizontal
        needed = self._apart(metrics, size) if across else self._line(metrics)
        enough = not self._figures() and size - AIR >= _LEAST_SHARE * self._widest(metrics)
        is_cut = across and needed > size and enough
        self._longest = size - AIR if is_cut else _MOST_NAME
        self._labelled = 1 if is_cut else -(-needed // size)
        if not across:
            self.setFixedWidth(self.thickness())
        if (size, self._labelled, self._longest) != before:
            self.viewport().update()

    def thickness(self) -> int:
        """The px that the labels of rows take."""
        return self._widest(QFontMetrics(bolder(self.font()))) + GRID  # as the marked one is

    def _apart(self, metrics: QFontMetrics, size: int) -> int:
        """The px from one label to the next; long ones are pushed inwards at the ends."""
        widest = self._widest(metrics)
        return widest + AIR + (0 if self._figures() else max(0, (widest - size) // 2))

    def _touch_at_the_ends(self, first: int, last: int) -> bool:
        """Return whether two labels touch when both are pushed inwards, which one step allows."""
        if self.orientation() == Qt.Orientation.Vertical:
            return False
        size, widest = self.defaultSectionSize(), self._widest(self.fontMetrics())
        right = max(first * size + (size + widest) // 2, widest)
        left = min(last * size + (size - widest) // 2, self.length() - widest)
        return left - right < AIR

    def _figures(self) -> bool:
        return all(text.isdecimal() for text in self._texts())

    def _line(self, metrics: QFontMetrics) -> int:
        """The px that a line of labels takes; words have letters that go below the line."""
        return line_of_figures(metrics) if self._figures() else metrics.height() - 2

    def mark(self, section: int) -> None:
        """Let a label stand out; -1: none."""
        if section != self._marked:
            self._marked = section
            self.viewport().update()

    def labelled(self) -> list[int]:
        """Which sections have their label written."""
        every, marked = self._labelled, self._marked
        regular = range(0, self.count(), every)
        if len(regular) == 2 and self._touch_at_the_ends(*regular):
            regular = regular[:1]
        if marked < 0:
            return list(regular)
        return sorted({one for one in regular if abs(one - marked) >= every} | {marked})

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if section not in self.labelled():
            return
        if section != self._marked and self._is_pushed(rect, painter.fontMetrics()):
            return
        painter.save()
        marked = section == self._marked
        role = QPalette.ColorRole.WindowText if marked else QPalette.ColorRole.PlaceholderText
        painter.setPen(self.palette().color(role))
        font = painter.font()
        font.setBold(marked)
        painter.setFont(font)
        text = self._cut(min(self._seen().width() - 2, self._longest))[section]
        painter.drawText(self._label(rect, text, painter.fontMetrics()), CENTRE, text)
        painter.restore()

    def _is_pushed(self, section: QRect, metrics: QFontMetrics) -> bool:
        """Return whether the label of a row at the edge would move so far that it meets the next.

        That of the first row moves by a few px and stays.
        """
        if self.orientation() == Qt.Orientation.Horizontal or self._labelled == 1:
            return False
        middle = self._label(section, "0", metrics).center().y()
        return abs(middle - section.center().y()) > _NUDGE

    def _label(self, section: QRect, text: str, metrics: QFontMetrics) -> QRect:
        """Return the place of a label, which may be larger than its section but is never cut."""
        label = QRect(0, 0, metrics.horizontalAdvance(text) + 2, metrics.height())
        label.moveCenter(section.center())
        if self._alignment == RIGHT:
            label.moveRight(section.right() - END)
        seen = self._seen()
        if self.orientation() == Qt.Orientation.Vertical:  # figures leave room above and below
            above = metrics.ascent() - metrics.capHeight() - 1
            seen = seen.adjusted(0, -above, 0, metrics.descent())
        label.moveRight(min(label.right(), seen.right()))
        label.moveBottom(min(label.bottom(), seen.bottom()))
        return label.translated(max(0, -label.left()), max(0, seen.top() - label.top()))

    def _seen(self) -> QRect:
        """Return where labels can be: what lies beyond the sections, Qt paints over."""
        seen = self.viewport().rect()
        if self.orientation() == Qt.Orientation.Horizontal:
            seen.setWidth(min(seen.width(), self.length() - self.offset()))
        return seen

    def _texts(self) -> list[str]:
        return [self.model().headerData(i, self.orientation()) for i in range(self.count())]

    def _cut(self, width: int) -> list[str]:
        """Return the labels as they fit into a width in px."""
        font = bolder(self.font())  # as the marked one is
        if self._cut_for != (width, font.key()):
            self._cut_for = width, font.key()
            metrics = QFontMetrics(font)
            self._cut_texts = [elide_name(text, metrics, width) for text in self._texts()]
        return self._cut_texts

    def _widest(self, metrics: QFontMetrics) -> int:
        texts = self._texts()
        return min(max(map(metrics.horizontalAdvance, texts), default=0), _MOST_NAME)


def line_of_figures(metrics: QFontMetrics) -> int:
    """The px that a line of figures takes, which has nothing above or below them."""
    return metrics.tightBoundingRect("0123456789").height() + AIR
