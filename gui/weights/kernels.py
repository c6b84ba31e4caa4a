"""The kernels panel: the weights of every convolution, and what training has done to them."""

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRectF, QSizeF, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QComboBox, QWidget

from engine.array_types import Array
from engine.inspection.snapshot import BlockSnapshot, Snapshot
from engine.inspection.unit_health import UnitHealth
from engine.model.stack import BlockSlot, Stack
from gui.theme import GRID, Colours, colours_of, draw_cross, small_font
from gui.widgets.buttons import BlockBox
from gui.widgets.cell_numbers import least_cell
from gui.widgets.colour_scale import GREY
from gui.widgets.csv_table import csv_table, numbered
from gui.widgets.empty_state import EmptyState, when_there_is_data
from gui.widgets.headline import NOT_TRAINED, UNTRAINED
from gui.widgets.labels import ElidedLabel, label_for, plain_tooltip, wrapping_label
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.mosaic import Mosaic, TileGrid
from gui.widgets.number_words import RAISED, epoch, short
from gui.widgets.pictures import paint_frame
from gui.widgets.tiles import UNLIMITED, Tiles, fitted, in_rows, wrapped
from gui.workspace.panel import BasePanel

_NARROW = 24  # px; in rows of their map, kernels are at least so wide
_TINY = 8  # px; or this, rather than to break the rows
_BADGE = 1.5 * GRID  # px; small enough to leave the numbers of a cell alone
_LARGE = 6 * GRID  # px of a tile that can carry badges
_EMPTY = when_there_is_data("The kernels of every convolution")
_NO_KERNELS = "This network has no kernels.\nAdd some with the button Conv."
_SHOWN = ("weights", "change in this run")
_AS_PICTURES, _AS_CHANNELS = "in RGB", "by channel"
_WHETHER_COLOURED = "Whether kernels of red, green and blue are one picture"
_COLOURED = (
    "This convolution sees red, green and blue, so the three kernels of a map can be shown as one "
    "picture: grey is zero, the largest weight of all has its colour full, the smallest none of it."
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
_FEW = 8  # kernels have their numbers, even if they scroll then


class KernelTiles(TileGrid):
    """Kernels (depth, channels, k, k): a row for each map i, in it a tile for each channel j.

    Where the rows are too long for the space, and where there is one channel, they are broken. A
    dead kernel is crossed out, a saturated one framed, a locked one has a padlock.
    """

    def __init__(self) -> None:
        super().__init__("CET-D1", "kernel", "aligned")
        self._channels = 1
        self._numbers = False
        self.dead = self.saturated = self.locked = frozenset[int]()

    def as_maps(self, kernels: Array, *, coloured: bool) -> Array:
        """Return the maps as which kernels (depth, channels, k, k) are to be shown next.

        `coloured`, the three kernels of a map are one picture in red, green and blue, where grey is
        zero.
        """
        self._channels, size = 1 if coloured else kernels.shape[1], kernels.shape[2:]
        self._numbers = not coloured and kernels.shape[0] * kernels.shape[1] <= _FEW
        return np.moveaxis(kernels, 1, -1) if coloured else kernels.reshape(-1, *size)

    def set_marks(self, *marks: Collection[int]) -> None:
        """Mark the kernels of some maps i as dead, saturated and locked, and no others."""
        self.dead, self.saturated, self.locked = (
            frozenset(i * self._channels + j for i in maps for j in range(self._channels))
            for maps in marks
        )
        self.update()

    @property
    def coloured(self) -> bool:
        """Whether a tile is all that a map is made of, in red, green and blue."""
        return self._tiles.ndim == 4

    def place(self, tile: int) -> tuple[int, int]:
        """Return which map i and channel j a tile is of, counted from 0."""
        return divmod(tile, self._channels)

    def name(self, tile: int) -> str:
        """Call a kernel by its map and channel."""
        i, j = self.place(tile)
        return f"kernel i {i + 1}" if self.coloured else f"kernel i {i + 1}, j {j + 1}"

    def summary(self) -> str:
        """Say how large the weights of the kernel are that the keys are at."""
        kernel = self._tiles[self.tile]
        low, high, norm = (
            short(float(value), 3) for value in (kernel.min(), kernel.max(), np.linalg.norm(kernel))
        )
        return f"{self.name(self.tile)}: {low} to {high}, norm {norm}"

    def _lowest(self, across: float, ratio: float) -> Tiles:
        """Keep the rows, if tiles are wide enough in them that one can see them."""
        tiles = replace(Tiles(*self._tiles.shape[:3]), columns=self._channels)
        number = least_cell(self._tiles, self.font()) if self._numbers else 0.0
        widest = in_rows(tiles, (across, UNLIMITED), ratio)
        if self._channels > 1 and widest.scale >= (number or _TINY / tiles.width):
            least = math.ceil((number or _NARROW / tiles.width) * ratio - 1e-6) / ratio
            return tiles.sized(min(widest.scale, least), ratio)
        return wrapped(tiles, across, ratio, number or self._least(tiles))

    def _enlarged(self, lowest: Tiles, room: tuple[float, float], ratio: float) -> Tiles:
        kept = self._channels > 1 and lowest.columns == self._channels
        return (in_rows if kept else fitted)(lowest, room, ratio)

    # --- painting ----------------------------------------------------------------------------

    def paint_cells(self, painter: QPainter, area: QRectF) -> None:
        """Draw the marks over the cells."""
        super().paint_cells(painter, area)
        cells, colours = self.cells(), colours_of(self.palette())
        seen = cells.tiles_in(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for tile in self.saturated.intersection(seen):
            area = cells.tile(tile)
            edge, wide = area.adjusted(-0.5, -0.5, 0.5, 0.5), min(3.0, area.width() / 6)
            paint_frame(painter, edge, QColor(colours.wrong), wide)
        for tile in self.dead.intersection(seen):
            _paint_cross(painter, cells.tile(tile), colours)
        for tile in self.locked.intersection(seen):
            _paint_padlock(painter, cells.tile(tile), colours)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_cross(painter: QPainter, area: QRectF, colours: Colours) -> None:
    """Cross a tile out; one large enough for numbers has the cross on a badge beside them."""
    if area.width() >= _LARGE:
        area = QRectF(area.topLeft(), QSizeF(_BADGE, _BADGE))
        painter.fillRect(area, QColor(colours.base))
        area = area.adjusted(2, 2, -2, -2)
    thin = area.width() < 2 * GRID
    wide, narrow = (2.0, 0.75) if thin else (4.0, 1.5)
    pens = QPen(QColor(colours.base), wide), QPen(QColor(colours.text), narrow)
    draw_cross(painter, area, *pens)


def _paint_padlock(painter: QPainter, area: QRectF, colours: Colours) -> None:
    """Draw a padlock on a badge in the upper right corner."""
    size = min(_BADGE, area.width() / 2)
    badge = QRectF(area.right() - size, area.top(), size, size)
    painter.fillRect(badge, QColor(colours.base))
    body = badge.adjusted(size * 0.2, size * 0.45, -size * 0.2, -size * 0.13)
    painter.fillRect(body, QColor(colours.text))
    painter.setPen(QPen(QColor(colours.text), size * 0.12))
    bow = badge.adjusted(size * 0.31, size * 0.14, -size * 0.31, -size * 0.26)
    painter.drawArc(bow, 0, 180 * 16)


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
        self._changed = False
        self._slots: dict[int, BlockSlot] = {}
        self._block: BlockSnapshot | None = None  # that is drawn
        self._kernels: Array | None = None  # of it
        self._said: list[str] = []
        self._selected: int | None = None  # slot in the list, till it is drawn

        self.block = named(BlockBox(), "kernels.block", "Convolution whose kernels are shown")
        self.shown = named(QComboBox(), "kernels.shown", "What is shown of the kernels")
        self.shown.addItems(_SHOWN)
        spoken, tip = _WHETHER_COLOURED, plain_tooltip(_COLOURED)
        self.colours = named(QComboBox(), "kernels.colours", spoken, tip)
        self.colours.addItems((_AS_PICTURES, _AS_CHANNELS))
        self.scale = named(ElidedLabel(), "kernels.scale", muted=True)
        self._of_colours = QWidget()
        self.grid = KernelTiles()
        self.mosaic = Mosaic("CET-D1", scrolls=True, grid=self.grid)
        self.mosaic.setToolTip(plain_tooltip(_HELP))
        self.legend = wrapping_label("kernels.legend", muted=True)
        self.legend.setToolTip(plain_tooltip(_HELP))
        self._empty = EmptyState(self._content(), _EMPTY)
        in_column(self._empty, of=self)

        self.block.activated.connect(self.refresh)
        self.shown.activated.connect(self.refresh)
        self.colours.activated.connect(self.refresh)
        self.mosaic.tile_activated.connect(self._activate)
        self.grid.arranged.connect(self._describe)

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

    def show_selected(self, slot_id: int | None) -> None:
        """Have the kernels of the block that is selected in the list shown, if it has some."""
        self._selected = slot_id
        self.dirty = True

    def show_stack(self, stack: Stack) -> None:
        """Store which blocks and kernels are locked."""
        self._slots = {slot.id: slot for slot in stack}
        self.dirty = True

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
        wanted, self._selected = self._selected, None
        if wanted is not None:
            self.block.choose(wanted)
        self.block.setVisible(len(blocks) > 1)
        block = blocks[self.block.currentIndex()]
        kernels, first = block.kernels, block.first_kernels
        assert kernels is not None
        if self._shows_change():
            kernels = kernels - (kernels if first is None else first)
        sees_colour = _sees_colour(snapshot, block)
        self._of_colours.setVisible(sees_colour)
        coloured = sees_colour and self.colours.currentText() == _AS_PICTURES
        marks = self._marked(block.slot, len(kernels))
        self._block, self._said = block, self._words(kernels, marks)
        self._kernels = kernels
        largest = float(abs(kernels).max()) or 1.0
        self.grid.colour_map = GREY if coloured else "CET-D1"
        maps = self.grid.as_maps(kernels, coloured=coloured)
        self.mosaic.set_maps(maps, (-largest, largest))
        self.scale.setText(_scale_words(largest) if coloured else "")
        self.grid.set_marks(*marks)
        self._empty.show_content()

    def as_csv(self) -> bytes:
        """Write the kernels that are drawn as CSV, a row a weight."""
        value = "change" if self._shows_change() else "weight"
        head = ["map", "channel", "row", "column", value]
        return csv_table(head, () if self._kernels is None else numbered(self._kernels))

    def _content(self) -> QWidget:
        row = in_row(self.block, label_for(self.shown, "sho&w:"), self.shown, 1, gap=GRID)
        in_row(self.colours, (self.scale, 1), of=self._of_colours, gap=GRID)
        for control in (self.block, self.shown, self.colours):
            control.setFont(small_font())
        content = QWidget()
        in_column(row, self._of_colours, (self.mosaic, 1), self.legend, of=content, margins=GRID)
        return content

    def _shows_change(self) -> bool:
        return self.shown.currentIndex() == 1

    def _marked(self, slot_id: int, depth: int) -> tuple[list[int], ...]:
        """List the maps that are dead, those that are saturated, and those locked, from 0."""
        judge = None if self._health is None else self._health.behind(slot_id)
        flags = (None, None) if judge is None else (judge.dead, judge.saturated)
        dead, saturated = (
            [] if each is None or len(each) != depth else each.nonzero()[0].tolist()
            for each in flags
        )
        slot = self._slots.get(slot_id)
        holds = () if slot is None else range(depth) if slot.locked else slot.locked_kernels
        return dead, saturated, [i for i in range(depth) if i in holds]

    def _words(self, kernels: Array, marks: tuple[list[int], ...]) -> list[str]:
        """Return how much has changed, and what is marked."""
        said, (dead, saturated, locked) = list[str](), marks
        if self._shows_change():
            largest = float(abs(kernels).max())
            said.append(f"largest change {short(largest, 3)}" if largest else "no change yet")
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
        self.mosaic.set_title(_title(self._block, self.grid))
        said, exponent = list(self._said), self.grid.exponent()
        if exponent:
            said.insert(0, f"numbers × 10{str(exponent).translate(RAISED)}")
        self.legend.setText(" · ".join(said))

    def _activate(self, tile: int) -> None:
        self.kernel_activated.emit(self.block.slot_id(), *self.grid.place(tile))


def _title(block: BlockSnapshot, grid: KernelTiles) -> str:
    assert block.kernels is not None
    depth, channels = block.kernels.shape[:2]
    if grid.coloured:
        return f"{block.label}: {depth} kernel{'' if depth == 1 else 's'} in RGB, one per map"
    if channels == 1:
        return f"{block.label}: {depth} kernel{'' if depth == 1 else 's'}, one per map"
    return f"{block.label}: {depth} × {channels} kernels; map i by map, channels j in order"


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
