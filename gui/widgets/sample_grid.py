"""A grid of test samples with what the network says of each."""

from math import ceil

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.array_types import Array
from engine.data.images import Images
from gui.theme import GRID, colours_of, draw_cross, draw_round, small_font
from gui.widgets.labels import elide_name
from gui.widgets.pictures import draw_picture, paint_edge, paint_frame, picture_at, whole_scale
from gui.widgets.plain_models import Index
from gui.widgets.prediction_model import PredictionModel, Rows

_PICTURE = 7 * GRID  # px; twice 28
_BEYOND = GRID // 2  # px that a picture may be larger: 32 are as good as 28
_MARGIN = GRID  # px beside a picture, for its frames
_CLOSE = 4  # px beside a picture without a caption
_ABOVE, _BELOW = 5, 5  # px at least above a picture, and to its caption: its frames take 5
_ROOMY = 4 * GRID  # px that a row may be higher than it must
_PALE = 0.4  # opacity
_MOST_LETTERS = 17  # of average width that a cell makes room for
_APART = GRID // 2  # px between two captions, at least
_PLENTY = 40  # so many images should be in view before the pictures grow
_ENOUGH = 16  # so many should be in view before they shrink


class SampleGrid(QListView):
    """Samples with captions; wrong ones framed and crossed, the pinned one framed and dotted.

    A click, Enter or Space on a sample emits its number. Only what is in view is painted.
    """

    sample_activated = Signal(int)

    def __init__(self, samples: PredictionModel | None = None) -> None:
        """Make an empty grid; `samples` may be a model that says something else of them."""
        super().__init__()
        self.samples = PredictionModel() if samples is None else samples
        self.samples.setParent(self)
        self.setModel(self.samples)
        self._delegate = _Delegate(self.samples, self)
        self.setItemDelegate(self._delegate)
        self.setFont(small_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.clicked.connect(self._activate)

    def set_compact(self, compact: bool) -> None:
        """Pack the pictures side by side without captions, which their tooltips have; or not."""
        if compact != self._delegate.compact:
            self._delegate.compact = compact
            self._fit()

    def set_samples(self, images: Images, labels: Rows, classes: tuple[str, ...]) -> None:
        """Show images (n, channels, h, w) with their labels (n,), indices into `classes`."""
        self.samples.set_samples(images, labels, classes)
        self._fit()

    def set_images(self, images: Images) -> None:
        """Show the same samples by other images (n, channels, h, w)."""
        if images is not self.samples.images:
            self.samples.set_images(images)
            self.viewport().update()

    def set_outputs(self, outputs: Array | None) -> None:
        """Caption the samples by what the network says: (n, classes), or nothing.

        Only what says something else is painted anew.
        """
        rows = self._rows_in_view()
        before = self._said(rows)
        self.samples.set_outputs(outputs)
        for row, was, now in zip(rows, before, self._said(rows), strict=True):
            if was != now:
                self.update(self.samples.index(row))

    def _said(self, rows: range) -> list[str]:
        return [self.samples.caption(int(self.samples.shown[row])) for row in rows]

    def set_grey(self, grey: bool) -> None:
        """Paint the samples paler, since the network can say nothing of them; or as ever."""
        if grey != self._delegate.grey:
            self._delegate.grey = grey
            self.viewport().update()

    def set_pinned_outputs(self, sample: int, outputs: Array) -> None:
        """Caption one sample by what the network says of it in a snapshot (classes,)."""
        self.samples.set_pinned_outputs(sample, outputs)
        row = self.samples.row_of(sample)
        if row is not None:
            self.update(self.samples.index(row))

    def set_shown(self, shown: Rows) -> None:
        """Show the samples of these numbers; what was in view and in focus stays, if it can."""
        current = self.currentIndex()
        sample = int(self.samples.shown[current.row()]) if current.isValid() else None
        height = self.verticalScrollBar().value()
        self.samples.set_shown(shown)
        row = None if sample is None else self.samples.row_of(sample)
        if row is None:
            self.selectionModel().clear()
        elif row != self.currentIndex().row():
            self.setCurrentIndex(self.samples.index(row))
        self.verticalScrollBar().setValue(height)

    def renew_captions(self) -> None:
        """Paint all captions anew, with as much room as they take now."""
        self._fit()
        self.viewport().update()

    def set_pinned(self, sample: int | None) -> None:
        """Frame a sample as the pinned one."""
        self.samples.set_pinned(sample)
        self.viewport().update()

    def show_sample(self, sample: int) -> None:
        """Scroll to a sample and go on from it by keys, if it is among those that are shown."""
        row = self.samples.row_of(sample)
        if row is not None:
            self.setCurrentIndex(self.samples.index(row))
            self.scrollTo(self.samples.index(row))

    def in_view(self) -> Rows:
        """Return the numbers of the samples of which anything can be seen."""
        rows = self._rows_in_view()
        return self.samples.shown[rows.start : rows.stop]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentIndex().isValid():
                self._activate(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is asked for: Qt alone would paint all pictures between the first and last."""
        self._delegate.asked = event.region()
        super().paintEvent(event)

    def _rows_in_view(self) -> range:
        cell = self.gridSize()
        if not self.isVisible() or cell.isEmpty():
            return range(0)
        columns = max(1, (self.viewport().width() - 1) // cell.width())
        top = self.verticalScrollBar().value()
        first = top // cell.height()
        last = -(-(top + self.viewport().height()) // cell.height())
        return range(len(self.samples.shown))[first * columns : last * columns]

    def _activate(self, index: QModelIndex) -> None:
        self.sample_activated.emit(int(self.samples.shown[index.row()]))

    def _fit(self) -> None:
        """Choose the size of the pictures; spread columns over the width, rows over the height."""
        compact = self._delegate.compact
        line = 0 if compact else self.fontMetrics().height()
        caption = 0 if compact else _widest_caption(self.samples, self.fontMetrics())
        beside, below = (_CLOSE, _CLOSE) if compact else (_MARGIN, _BELOW)
        # Qt begins a new row before the last px is used.
        room, high = self.viewport().width() - 1, self.viewport().height()
        ratio = self.devicePixelRatioF()
        for times in (4, 3, 2, 1):
            whole = max(1, int(times * ratio + 0.5))  # device px a pixel
            picture = ceil(_PICTURE // 2 * whole / ratio)
            plenty = _PLENTY if picture > _PICTURE else _ENOUGH
            tall, wide = self._taken(picture)
            width = max(caption, wide + 2 * beside)
            least = _ABOVE + tall + below + line
            if (room // width) * (high // least) >= plenty:
                break
        columns, rows = max(1, room // width), max(1, high // least)
        width = max(width, room // columns)
        height = least if compact else min(max(least, high // rows), least + _ROOMY)
        self._delegate.picture, self._delegate.cell = picture, QSize(width, height)

        self.setGridSize(self._delegate.cell)

    def _taken(self, picture: int) -> tuple[int, int]:
        """Return the px down and across that images take, those of a picture at least."""
        sides = self.samples.images.shape[2:]
        scale = whole_scale(picture + _BEYOND, max(sides), self.devicePixelRatioF())
        tall, wide = (max(picture, ceil(side * scale)) for side in sides)
        return tall, wide


class _Delegate(QStyledItemDelegate):
    def __init__(self, samples: PredictionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._samples = samples
        self.picture, self.cell, self.asked = _PICTURE, QSize(), QRegion()
        self.grey = self.compact = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if not self.asked.intersects(option.rect):
            return
        sample = int(self._samples.shown[index.row()])
        line, ratio = option.fontMetrics.height(), painter.device().devicePixelRatioF()
        line = 0 if self.compact else line
        place, below = self.places(option.rect, line, ratio)
        painter.save()
        painter.setOpacity(_PALE if self.grey else 1.0)
        image = picture_at(self._samples.images, sample)
        draw_picture(painter, place.left(), place.top(), place.width() / image.shape[2], image)
        paint_edge(painter, place, colours_of(option.palette).border)
        painter.setOpacity(1.0)
        self._mark(painter, place, sample, option)
        if not self.compact:
            self._write(painter, below, sample, option.palette)
        painter.restore()

    def places(self, cell: QRect, line: int, ratio: float) -> tuple[QRectF, QRectF]:
        """Return where in a cell the picture lies, and the caption, which is a line high.

        `ratio` is device px per logical px.
        """
        height, width = self._samples.images.shape[2:]
        scale = whole_scale(self.picture + _BEYOND, max(height, width), ratio)
        left = cell.left() + int((cell.width() - width * scale) / 2 * ratio) / ratio
        spare = cell.height() - self.picture - _BELOW - line
        raised = max(0, height * scale - self.picture)  # to keep off the caption
        top = cell.top() + max(_ABOVE + raised, spare // 2)
        below = QRectF(cell.left(), top + self.picture + _BELOW, cell.width(), line)
        return QRectF(left, top - raised, width * scale, height * scale), below

    def _mark(
        self, painter: QPainter, picture: QRectF, sample: int, option: QStyleOptionViewItem
    ) -> None:
        """Draw the frames: wrong around the picture, pinned or in focus around that."""
        palette = option.palette
        colours = colours_of(palette)
        if self._samples.is_wrong(sample):
            _frame(painter, picture, QColor(colours.wrong), 3)
            _cross(painter, picture, QColor(colours.wrong), QColor(colours.base))
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if sample == self._samples.pinned:
            frame = picture.adjusted(-3, -3, 3, 3)
            _frame(painter, frame, QColor(colours.pinned), 4 if focused else 2)
            _pin(painter, picture, QColor(colours.pinned), QColor(colours.base))
        elif focused:
            _frame(painter, picture.adjusted(-3, -3, 3, 3), QColor(colours.text), 1)

    def _write(self, painter: QPainter, place: QRectF, sample: int, palette: QPalette) -> None:
        colours = colours_of(palette)
        wrong = self._samples.is_wrong(sample)
        ink = colours.muted if self.grey else colours.text
        painter.setPen(QColor(colours.wrong if wrong else ink))
        caption, room = self._samples.caption(sample), place.width() - _APART
        written = elide_name(caption, painter.fontMetrics(), room)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, written)


def _widest_caption(samples: PredictionModel, metrics: QFontMetrics) -> int:
    """Return the width in which every caption can be read, but those of two long names."""
    longest = max(samples.short_names(), key=metrics.horizontalAdvance, default="0")
    caption = samples.widest_caption(longest)
    most = _MOST_LETTERS * metrics.averageCharWidth()
    return min(most, metrics.horizontalAdvance(caption) + _APART)


_BADGE = 14  # px


def _frame(painter: QPainter, inside: QRectF, colour: QColor, width: int) -> None:
    """Draw a frame around a rectangle."""
    half = width / 2
    paint_frame(painter, inside.adjusted(-half, -half, half, half), colour, width)


def _badge(picture: QRectF) -> QRectF:
    """Return a badge in the upper left corner, which leaves most of a small picture in view."""
    side = min(_BADGE, picture.width() / 3)
    return QRectF(picture.left(), picture.top(), side, side)


def _cross(painter: QPainter, picture: QRectF, colour: QColor, ink: QColor) -> None:
    """Put a cross on a badge into the upper right corner."""
    badge = _badge(picture)
    badge.moveRight(picture.right())
    painter.fillRect(badge, colour)
    inset = badge.width() * 2 / 7
    cross = badge.adjusted(inset, inset, -inset, -inset)
    draw_cross(painter, cross, QPen(ink, badge.width() / 7))


def _pin(painter: QPainter, picture: QRectF, colour: QColor, dot: QColor) -> None:
    """Put a pin, a dot on a badge, into the upper left corner."""
    badge = _badge(picture)
    painter.fillRect(badge, colour)
    inset = badge.width() * 3 / 10
    draw_round(painter, badge.adjusted(inset, inset, -inset, -inset), badge.width() / 5, dot)
