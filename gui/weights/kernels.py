"""The kernels panel: the weights of every convolution, and what training has done to them."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from engine.array_types import Array
from engine.inspection.snapshot import BlockSnapshot, Snapshot
from engine.inspection.unit_health import UnitHealth
from engine.model.stack import BlockSlot, Stack
from gui.theme import GRID, colours_of, small_font
from gui.widgets.buttons import BlockBox
from gui.widgets.colour_bar import GREY, Levels, table_for, takes_black
from gui.widgets.csv_table import csv_table, numbered
from gui.widgets.empty_state import EmptyState, when_there_is_data
from gui.widgets.headline import NOT_TRAINED, UNTRAINED
from gui.widgets.labels import ElidedLabel, label_for, plain_tooltip, wrapping_label
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.mosaic import Mosaic, TileLayout, fill, matrix, smallest
from gui.widgets.number_words import epoch, infinite, short
from gui.widgets.pictures import paint_frame
from gui.workspace.panel import BasePanel

_LEAST = 0.05  # numbers whose largest is below this, or above _MOST, are written times a power
_MOST = 1000
# Below a limit, so many decimals at most, and so many at least.
_DECIMALS = ((1, 4, 2), (10, 3, 1), (100, 2, 0), (math.inf, 1, 0))
_BESIDE = 3  # px of a cell beside its number
_BADGE = 1.5 * GRID  # px; small enough to leave the numbers of a cell alone
_LARGE = 6 * GRID  # px of a tile that can carry badges
_PART = 2  # cells of the picture that a value is wide, where there is room
_LOW_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
_EMPTY = when_there_is_data("The kernels of every convolution")
_NO_KERNELS = "This network has no kernels.\nAdd some with the button Conv."
_SHOWN = ("weights", "change in this run")
_AS_PICTURES, _AS_CHANNELS = "in RGB", "by channel"
_WHETHER_COLOURED = "Whether kernels of red, green and blue are one picture"
_COLOURED = (
    "This convolution sees red, green and blue, so the three kernels of a map can be shown as one "
    "picture: grey is zero, the largest weight of all has its colour full, the smallest none of it."
)
_NO_NUMBERS = "A colour is three numbers: they are said under the pointer, or shown by channel."
_NUMBERS = (
    "Make the kernels so large that their numbers fit, even if they scroll then. Otherwise there "
    "are numbers where all kernels fit with them."
)
_HELP = (
    "A tile is the kernel from input channel j to map i; zero has the colour in the middle.\n"
    "Where they see red, green and blue, the kernels of a map may be one picture in these.\n"
    "Dead (crossed out): at every place, the map is the same for all test images looked at, "
    "as after a ReLU that is never above zero.\n"
    "Saturated (framed): the map is nearly always at an end of its sigmoid or tanh "
    "(95 % of its values beyond 0.01 and 0.99, or ±0.98), so hardly any gradient passes.\n"
    "Padlock: locked, training leaves it as it is.\n"
    "Arrows go from kernel to kernel; Enter or a double-click edits one."
)
COLOURS = 3  # channels of an image in colour
_FEW = 8  # kernels have their numbers at first, even if they scroll then
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Notation:
    """How the numbers of a mosaic are written: so many decimals, times ten to the power."""

    decimals: int
    power: int = 0
    leading_zero: bool = True

    def text(self, value: float) -> str:
        """Write one number."""
        text = f"{value / 10.0**self.power:.{self.decimals}f}".replace("-", "−")
        if not text.strip("−0."):
            return "≈0" if value else "0"
        return text if self.leading_zero else text.replace("0.", ".", 1)


def notation_for(largest: float, cell: float, metrics: QFontMetricsF) -> Notation | None:
    """Choose as many decimals as fit into a cell for numbers up to ±largest; None: none fit.

    At least two figures of the largest number must fit.
    """
    if cell < metrics.height() or not 0 < largest < math.inf:
        return None
    found = (each for each in _notations(largest) if _width(each, largest, metrics) <= cell)
    return next(found, None)


def least_cell(largest: float, metrics: QFontMetricsF) -> float:
    """Return the px that a cell needs for numbers up to ±largest."""
    if not 0 < largest < math.inf:
        largest = 1.0
    briefest = _notations(largest)[-1]
    return max(metrics.height(), _width(briefest, largest, metrics))


def _notations(largest: float) -> list[Notation]:
    """List the ways to write numbers up to ±largest, from the longest to the briefest."""
    power = 0 if _LEAST <= largest < _MOST else math.floor(math.log10(largest))
    scaled = largest / 10.0**power
    most, least = next((most, least) for limit, most, least in _DECIMALS if scaled < limit)
    found = [Notation(decimals, power) for decimals in range(most, least - 1, -1)]
    return [*found, Notation(least, power, leading_zero=False)] if scaled < 0.99 else found


def _width(notation: Notation, largest: float, metrics: QFontMetricsF) -> float:
    return metrics.horizontalAdvance(notation.text(-largest)) + _BESIDE


class TileMarks(QWidget):
    """Lies over a mosaic's picture and lets the mouse through.

    A dead tile is crossed out, a saturated one framed, a locked one has a padlock; a chosen one has
    a frame in the colour of what is chosen.
    """

    def __init__(self, colour_map: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour_map = colour_map
        self._maps: Array = np.empty((0, 1, 1))
        self._layout: TileLayout | None = None
        self._origin = QPointF()
        self._scale = 1.0
        self._levels: Levels = (0.0, 1.0)
        self.notation: Notation | None = None
        self.dead: frozenset[int] = frozenset()
        self.saturated: frozenset[int] = frozenset()
        self.locked: frozenset[int] = frozenset()
        self.chosen: frozenset[int] = frozenset()
        self.captions: tuple[str, ...] = ()
        self.setFont(small_font())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_marks(
        self, dead: Collection[int], saturated: Collection[int], locked: Collection[int]
    ) -> None:
        """Mark tiles, and no others."""
        marks = frozenset(dead), frozenset(saturated), frozenset(locked)
        if marks != (self.dead, self.saturated, self.locked):
            self.dead, self.saturated, self.locked = marks
            self.update()

    def set_chosen(self, chosen: Collection[int]) -> None:
        """Frame tiles as chosen, and no others."""
        if frozenset(chosen) != self.chosen:
            self.chosen = frozenset(chosen)
            self.update()

    def show_numbers(
        self, maps: Array, levels: Levels, layout: TileLayout, origin: QPointF, part: int
    ) -> None:
        """Write the values of maps (n, h, w) that are not written to, where they fit.

        Each is `part` cells of the layout wide. Colours (n, h, w, 3) have no numbers.
        """
        self._scale = layout.scale * part
        self._maps, self._levels, self._layout, self._origin = maps, levels, layout, origin
        metrics = QFontMetricsF(self.font())
        self.notation = notation_for(levels[1], self._scale, metrics) if maps.ndim == 3 else None
        self.update()

    def set_captions(self, captions: Sequence[str]) -> None:
        """Write a text into the gap above each tile of a layout with heads; none: nowhere."""
        self.captions = tuple(captions)
        self.update()

    def least_cell(self, levels: Levels) -> float:
        """Return the px that a cell needs for numbers on a scale about zero."""
        return least_cell(levels[1], QFontMetricsF(self.font()))

    def text(self, tile: int, row: int, column: int) -> str:
        """What is written into a cell; empty if numbers do not fit."""
        if self.notation is None:
            return ""
        value = float(self._maps[tile, row, column])
        return infinite(value) or self.notation.text(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._layout is None:
            return
        seen = self._seen(QRectF(event.rect()))
        if self.notation is not None:
            self._paint_numbers(painter, seen)
        painter.setPen(QColor(colours_of(self.palette()).muted))
        for tile in seen if self.captions else ():
            self._paint_caption(painter, tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        for tile in self.saturated.intersection(seen):
            self._paint_frame(painter, self._tile(tile), colours.wrong)
        for tile in self.chosen.intersection(seen):
            self._paint_frame(painter, self._tile(tile).adjusted(-2, -2, 2, 2), colours.pinned)
        for tile in self.dead.intersection(seen):
            self._paint_cross(painter, self._tile(tile))
        for tile in self.locked.intersection(seen):
            self._paint_padlock(painter, self._tile(tile))

    def _seen(self, area: QRectF) -> list[int]:
        """List the tiles in an area: of very many, most are scrolled away."""
        assert self._layout is not None
        gap = self._layout.scale
        around = area.adjusted(-gap, -gap, gap, gap)
        return [t for t in range(len(self._maps)) if self._tile(t).intersects(around)]

    def _tile(self, tile: int) -> QRectF:
        assert self._layout is not None
        return self._layout.rect(tile, self._origin)

    def _paint_numbers(self, painter: QPainter, tiles: Sequence[int]) -> None:
        assert self._layout is not None
        (low, high), scale = self._levels, self._scale
        with np.errstate(invalid="ignore"):
            shares = np.nan_to_num((self._maps[tiles] - low) / (high - low))
        inks = takes_black(table_for(self._colour_map, self.palette()))
        black = inks[np.clip(shares * 255, 0, 255).astype(np.intp)]
        for place, tile in enumerate(tiles):
            area = self._tile(tile)
            for row, column in np.ndindex(*self._maps.shape[1:]):
                painter.setPen(QColor("black" if black[place, row, column] else "white"))
                cell = QRectF(area.x() + column * scale, area.y() + row * scale, scale, scale)
                text = self.text(tile, row, column)
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_caption(self, painter: QPainter, tile: int) -> None:
        assert self._layout is not None
        area, gap = self._tile(tile), self._layout.scale
        box = QRectF(area.x(), area.y() - gap, area.width(), gap)
        painter.drawText(box, _LOW_LEFT, self.captions[tile])

    def _paint_frame(self, painter: QPainter, area: QRectF, colour: str) -> None:
        edge = area.adjusted(-0.5, -0.5, 0.5, 0.5)
        paint_frame(painter, edge, QColor(colour), min(3.0, area.width() / 6))

    def _paint_cross(self, painter: QPainter, area: QRectF) -> None:
        """Cross a tile out; one large enough for numbers has the cross on a badge beside them."""
        colours = colours_of(self.palette())
        if area.width() >= _LARGE:
            area = QRectF(area.topLeft(), QSizeF(_BADGE, _BADGE))
            painter.fillRect(area, QColor(colours.base))
            area = area.adjusted(2, 2, -2, -2)
        thin = area.width() < 2 * GRID
        for colour, width in ((colours.base, 4.0), (colours.text, 1.5)):
            painter.setPen(QPen(QColor(colour), width / 2 if thin else width))
            painter.drawLine(area.topLeft(), area.bottomRight())
            painter.drawLine(area.topRight(), area.bottomLeft())

    def _paint_padlock(self, painter: QPainter, area: QRectF) -> None:
        """Draw a padlock on a badge in the upper right corner."""
        colours = colours_of(self.palette())
        size = min(_BADGE, area.width() / 2)
        badge = QRectF(area.right() - size, area.top(), size, size)
        painter.fillRect(badge, QColor(colours.base))
        body = badge.adjusted(size * 0.2, size * 0.45, -size * 0.2, -size * 0.13)
        painter.fillRect(body, QColor(colours.text))
        painter.setPen(QPen(QColor(colours.text), size * 0.12))
        bow = badge.adjusted(size * 0.31, size * 0.14, -size * 0.31, -size * 0.26)
        painter.drawArc(bow, 0, 180 * 16)


class KernelMosaic(Mosaic):
    """Kernels (depth, channels, k, k): a row for each map i, in it a tile for each channel j.

    Where the rows are too long for the space, and where there is one channel, they are broken.
    `rewritten` is called when the numbers are written anew, perhaps in another notation.
    """

    def __init__(self, rewritten: Callable[[], None]) -> None:
        super().__init__("CET-D1", "kernel", scrolls=True)
        self._rewritten = rewritten
        self._channels = 1
        self._numbers = False
        self.marks = TileMarks("CET-D1", self._canvas)
        assert self._scroll is not None
        self._scroll.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lay the kernels out anew when more or less of them can be seen at a time."""
        if event.type() == QEvent.Type.Resize:
            self._resize()
        return super().eventFilter(watched, event)

    def set_kernels(self, kernels: Array, *, numbers: bool = False, coloured: bool = False) -> None:
        """Show kernels (depth, channels, k, k), which are not written to afterwards.

        With `numbers` each is at least so large that its numbers fit, and they scroll. `coloured`,
        the three kernels of a map are one picture in red, green and blue, where grey is zero.
        """
        self._channels, self._numbers = 1 if coloured else kernels.shape[1], numbers
        self._bar.set_colour_map(GREY if coloured else "CET-D1")
        maps = np.moveaxis(kernels, 1, -1) if coloured else kernels
        self.set_maps(maps if coloured else maps.reshape(-1, *kernels.shape[2:]))

    def set_marks(
        self, dead: Collection[int], saturated: Collection[int], locked: Collection[int]
    ) -> None:
        """Mark the kernels of some maps i."""
        self.marks.set_marks(*(self._of_maps(maps) for maps in (dead, saturated, locked)))

    def set_chosen(self, maps: Collection[int]) -> None:
        """Frame the kernels of some maps i as chosen."""
        self.marks.set_chosen(self._of_maps(maps))

    def show_map(self, number: int) -> None:
        """Scroll to the kernels of a map i, and let the keys be at the first."""
        self.set_current(number * self._channels)

    @property
    def coloured(self) -> bool:
        """Whether a tile is all that a map is made of, in red, green and blue."""
        return self._maps is not None and self._maps.ndim == 4

    @property
    def broken(self) -> bool:
        """Whether the kernels of a map are not one row."""
        return self._layout is not None and self._layout.columns != self._channels

    def place(self, tile: int) -> tuple[int, int]:
        """Return which map i and channel j a tile is of, counted from 0."""
        return divmod(tile, self._channels)

    def set_current(self, tile: int) -> None:
        """Mark the kernel that the keys are at, read it, and scroll to it."""
        super().set_current(tile)
        self._read()
        if self._scroll is not None and self._layout is not None:
            row, _ = self._layout.corner(tile)
            y = (row + self._layout.height / 2) * self._layout.scale + self._canvas.origin().y()
            self._scroll.ensureVisible(0, int(y), 0, int(self._layout.height * self._layout.scale))

    def _of_maps(self, maps: Collection[int]) -> list[int]:
        return [i * self._channels + j for i in maps for j in range(self._channels)]

    def _name(self, tile: int) -> str:
        return f"kernel {self._caption(tile)}"

    def _caption(self, tile: int) -> str:
        i, j = self.place(tile)
        return f"i {i + 1}" if self.coloured else f"i {i + 1}, j {j + 1}"

    def _lay_out(self, space: tuple[float, float], ratio: float) -> tuple[TileLayout, TileLayout]:
        """Make each value some cells wide, so that the gap of one cell takes less of the room.

        Where numbers are wanted, each value is as large as they need.
        """
        assert self._maps is not None
        assert self._scroll is not None
        view = self._scroll.viewport()
        space = view.width(), view.height()  # the picture may be higher
        count, height, width = self._maps.shape[:3]
        tiles = TileLayout(count, height * _PART, width * _PART, self._channels)
        least = width * self.marks.least_cell(self._bar.levels()) if self._numbers else None
        if self._channels > 1:
            for each in (tiles, TileLayout(count, height, width, self._channels)):
                rows = matrix(each, space, ratio, least)
                if rows is not None:
                    return rows
            named = replace(tiles, headed=True)
            high = fill(named, space, ratio, least).scale
            if self._numbers and high >= self.marks.fontMetrics().height():
                tiles = named
        return fill(tiles, space, ratio, least), smallest(tiles, space[0], ratio, least)

    @property
    def _part(self) -> int:
        """Return how many cells of the picture a value is wide."""
        assert self._layout is not None
        assert self._maps is not None
        return self._layout.width // int(self._maps.shape[2])

    def _tiles(self) -> Array:
        return super()._tiles().repeat(self._part, axis=1).repeat(self._part, axis=2)

    def _locate(self, row: int, column: int) -> tuple[int, int, int] | None:
        found = super()._locate(row, column)
        if found is None:
            return None
        tile, row, column = found
        return tile, row // self._part, column // self._part

    def _draw(self) -> None:
        super()._draw()
        self._write()

    def _resize(self) -> None:
        super()._resize()
        self.marks.resize(self._canvas.size())
        self._write()

    def _write(self) -> None:
        if self._maps is not None and self._layout is not None:
            self.marks.show_numbers(
                self._maps, self._bar.levels(), self._layout, self._canvas.origin(), self._part
            )
            tiles = range(len(self._maps)) if self._layout.headed else ()
            self.marks.set_captions([self._caption(tile) for tile in tiles])
            self._rewritten()

    def _read(self) -> None:
        super()._read()
        if self._pointed is None and self._maps is not None and self.hasFocus():
            kernel = self._maps[self.current]
            self._readout.setText(
                f"{self._name(self.current)}: {short(float(kernel.min()), 3)} to "
                f"{short(float(kernel.max()), 3)}, norm {short(float(np.linalg.norm(kernel)), 3)}"
            )


class KernelsPanel(BasePanel):
    """The kernels of one convolution at a time, with dead, saturated and locked ones marked.

    The setters only store; `refresh` draws when `dirty`. `visibility_changed` says whether unit
    health is wanted.
    """

    kernel_activated = Signal(int, int, int)  # slot id, map, channel, from 0

    def __init__(self) -> None:
        super().__init__("kernels", "Kernels")
        self._snapshot: Snapshot | None = None
        self._why_none = _EMPTY
        self._health: UnitHealth | None = None
        self._changed = self._is_past = False
        self._slots: dict[int, BlockSlot] = {}
        self._block: BlockSnapshot | None = None  # that is drawn
        self._kernels: Array | None = None  # of it
        self._said: list[str] = []
        self._map: tuple[int, int] | None = None  # slot and map whose kernels are marked
        self._goes_there = False  # when it is drawn next
        self._chosen: bool | None = None  # whether numbers are wanted; None: no choice was made

        self.block = named(BlockBox(), "kernels.block", "Convolution whose kernels are shown")
        self.shown = named(QComboBox(), "kernels.shown", "What is shown of the kernels")
        self.shown.addItems(_SHOWN)
        spoken, tip = _WHETHER_COLOURED, plain_tooltip(_COLOURED)
        self.colours = named(QComboBox(), "kernels.colours", spoken, tip)
        self.colours.addItems((_AS_PICTURES, _AS_CHANNELS))
        self.scale = named(ElidedLabel(), "kernels.scale", muted=True)
        self._of_colours = QWidget()
        self.numbers = named(QCheckBox("num&bers"), "kernels.numbers", tip=plain_tooltip(_NUMBERS))
        self.mosaic = KernelMosaic(self._describe)
        self.mosaic.setToolTip(plain_tooltip(_HELP))
        self._legend = wrapping_label("kernels.legend", muted=True)
        self._legend.setToolTip(plain_tooltip(_HELP))
        self._empty = EmptyState(self._content(), _EMPTY)
        in_column(self._empty, of=self)

        self.block.activated.connect(self._choose_block)
        self.shown.activated.connect(self.refresh)
        self.colours.activated.connect(self.refresh)
        self.numbers.clicked.connect(self._choose_numbers)
        self.mosaic.tile_activated.connect(self._activate)

    def show_snapshot(self, snapshot: Snapshot | None, why_none: str = _EMPTY) -> None:
        """Store the newest snapshot of the network, or why there is none."""
        self._snapshot, self._why_none = snapshot, why_none
        self.dirty = True

    def show_health(self, health: UnitHealth | None) -> None:
        """Store what the network makes of many samples; None: that is not known."""
        self._health = health
        self.dirty = True

    def set_changed(self, changed: bool) -> None:
        """Say whether the network was changed since it was trained."""
        self._changed = changed
        self.dirty = True

    def set_past(self, past: bool) -> None:
        """Say whether the kernels are those of a moment of a kept run."""
        self._is_past = past
        self.dirty = True

    def show_map(self, slot_id: int, number: int) -> None:
        """Have the kernels that make one map of a convolution shown and marked."""
        self._map, self._goes_there = (slot_id, number), True
        self.dirty = True

    def show_stack(self, stack: Stack) -> None:
        """Store which blocks and kernels are locked."""
        self._slots = {slot.id: slot for slot in stack}
        self.dirty = True

    def legend(self) -> str:
        """What is said below the kernels."""
        return self._legend.text()

    def refresh(self) -> None:
        """Draw the newest kernels."""
        self.dirty = False
        snapshot = self._snapshot
        blocks = [] if snapshot is None else [b for b in snapshot.blocks if b.kernels is not None]
        if snapshot is None or not blocks:
            self._empty.show_sentence(self._why_none if snapshot is None else _NO_KERNELS)
            return
        numbers = {block.slot: number for number, block in enumerate(snapshot.blocks, 1)}
        self.block.offer([(b.slot, f"{numbers[b.slot]} {b.label}") for b in blocks])
        if self._map is not None and self._goes_there:
            self.block.choose(self._map[0])
        self.block.setVisible(len(blocks) > 1)
        block = blocks[self.block.currentIndex()]
        kernels, first = block.kernels, block.first_kernels
        assert kernels is not None
        if self._shows_change():
            kernels = kernels - (kernels if first is None else first)
        sees_colour = _sees_colour(snapshot, block)
        self._of_colours.setVisible(sees_colour)
        coloured = sees_colour and self.colours.currentText() == _AS_PICTURES
        self._offer_numbers(kernels, coloured=coloured)
        dead, saturated = self._marked(block.slot, len(kernels))
        locked = self._locked(block.slot, len(kernels))
        self._block, self._said = block, self._words(kernels, dead, saturated, locked)
        self._kernels = kernels
        self.mosaic.set_kernels(kernels, numbers=self.numbers.isChecked(), coloured=coloured)
        largest = self.mosaic.levels()[1]
        self.scale.setText(_scale_words(largest) if coloured else "")
        self.mosaic.set_marks(dead, saturated, locked)
        self._mark_map(block.slot, len(kernels))
        self._empty.show_content()

    def as_csv(self) -> bytes:
        """Write the kernels that are drawn as CSV, a row a weight."""
        value = "change" if self._shows_change() else "weight"
        head = ["map", "channel", "row", "column", value]
        return csv_table(head, () if self._kernels is None else numbered(self._kernels))

    def _offer_numbers(self, kernels: Array, *, coloured: bool) -> None:
        few = kernels.shape[0] * kernels.shape[1] <= _FEW
        wanted = few if self._chosen is None else self._chosen
        self.numbers.setChecked(wanted and not coloured)
        self.numbers.setEnabled(not coloured)
        self.numbers.setToolTip(plain_tooltip(_NO_NUMBERS if coloured else _NUMBERS))

    def _mark_map(self, slot_id: int, depth: int) -> None:
        """Frame the kernels of the map that was asked for, if it is there; go there once."""
        slot, number = self._map or (None, 0)
        there = slot == slot_id and number < depth
        self.mosaic.set_chosen([number] if there else [])
        if there and self._goes_there:
            self.mosaic.show_map(number)
        self._goes_there = False

    @Slot()
    def _choose_block(self) -> None:
        self._map = None
        self.refresh()

    def _content(self) -> QWidget:
        row = in_row(
            self.block, label_for(self.shown, "sho&w:"), self.shown, 1, self.numbers, gap=GRID
        )
        in_row(self.colours, (self.scale, 1), of=self._of_colours, gap=GRID)
        for control in (self.block, self.shown, self.colours, self.numbers):
            control.setFont(small_font())
        content = QWidget()
        in_column(row, self._of_colours, (self.mosaic, 1), self._legend, of=content, margins=GRID)
        return content

    def _shows_change(self) -> bool:
        return self.shown.currentIndex() == 1

    def _marked(self, slot_id: int, depth: int) -> tuple[list[int], list[int]]:
        """List the maps that are dead, and those that are saturated, from 0."""
        judge = None if self._health is None else self._health.behind(slot_id)
        found = []
        for flags in (None, None) if judge is None else (judge.dead, judge.saturated):
            fits = flags is not None and len(flags) == depth
            found.append(flags.nonzero()[0].tolist() if flags is not None and fits else [])
        return found[0], found[1]

    def _locked(self, slot_id: int, depth: int) -> list[int]:
        slot = self._slots.get(slot_id)
        if slot is None:
            return []
        return list(range(depth)) if slot.locked else list(slot.locked_kernels)

    def _words(
        self, kernels: Array, dead: list[int], saturated: list[int], locked: list[int]
    ) -> list[str]:
        """Return how much has changed, and what is marked."""
        said = []
        if self._map is not None and self._map[0] == self.block.slot_id():
            said.append(f"blue frame: what makes map {self._map[1] + 1} of Feature maps")
        if self._shows_change():
            largest = float(abs(kernels).max())
            none = "as when the run began" if self._is_past else "no change yet: click Train"
            said.append(f"largest change {short(largest, 3)}" if largest else none)
        for word, maps, meaning in (
            ("dead (crossed out)", dead, ", the same for every image"),
            ("saturated (framed)", saturated, ", hardly any gradient passes"),
            ("locked (padlock)", locked, ""),
        ):
            if maps:
                said.append(f"{word}: {_listing(maps, len(kernels))}{meaning}")
        if self._health is not None:
            if not dead and not saturated:
                said.append("no map is dead or saturated")
            position = self._health.position
            checkpoint = f"as of {epoch(position)}" if position else UNTRAINED
            said.append(NOT_TRAINED if self._changed else checkpoint)
        return said

    @Slot()
    def _describe(self) -> None:
        """Say above the kernels in which order they are, and below them what is to be said."""
        if self._block is None:
            return
        self.mosaic.set_title(_title(self._block, self.mosaic))
        said, notation = list(self._said), self.mosaic.marks.notation
        if notation is not None and notation.power:
            said.insert(0, f"numbers × 10{str(notation.power).translate(_POWERS)}")
        self._legend.setText(" · ".join(said))

    @Slot(bool)
    def _choose_numbers(self, wanted: bool) -> None:
        self._chosen = wanted
        self.refresh()

    def _activate(self, tile: int) -> None:
        slot_id = self.block.slot_id()
        if slot_id is not None:
            self.kernel_activated.emit(slot_id, *self.mosaic.place(tile))


def _title(block: BlockSnapshot, mosaic: KernelMosaic) -> str:
    assert block.kernels is not None
    depth, channels = block.kernels.shape[:2]
    if mosaic.coloured:
        return f"{block.label}: {depth} kernel{'' if depth == 1 else 's'} in RGB, one per map"
    if channels == 1:
        return f"{block.label}: {depth} kernel{'' if depth == 1 else 's'}, one per map"
    order = "map i by map, channels j in order"
    return (
        f"{block.label}: {depth} × {channels} kernels; "
        f"{order if mosaic.broken else 'rows are maps i, columns channels j'}"
    )


def _sees_colour(snapshot: Snapshot, block: BlockSnapshot) -> bool:
    """Return whether the channels of a convolution are still the red, green and blue of the image.

    That is so for the first one, if what comes before it keeps each channel for itself.
    """
    before = snapshot.blocks[: snapshot.blocks.index(block)]
    return len(snapshot.sample.image) == COLOURS and all(
        each.kernels is None and each.values.ndim == 3 and len(each.values) == COLOURS
        for each in before
    )


def _scale_words(largest: float) -> str:
    """Say what the colours mean."""
    end = short(largest, 3)
    return f"grey is 0; no red, green or blue: −{end}, full: {end}"


def _listing(maps: list[int], depth: int) -> str:
    """Name some of `depth` maps, counted from 1."""
    if len(maps) == depth:
        return "all maps"
    if len(maps) > 6:
        return f"{len(maps)} of {depth} maps"
    return f"map{'' if len(maps) == 1 else 's'} {', '.join(str(i + 1) for i in maps)}"
