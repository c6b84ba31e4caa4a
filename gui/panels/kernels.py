"""The kernels panel: the weights of every convolution, and what training has done to them."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from engine.array_types import Array
from engine.inspection.snapshot import BlockSnapshot, Snapshot
from engine.inspection.unit_health import UnitHealth
from engine.model.stack import BlockSlot, Stack
from gui.panels.base import BasePanel
from gui.theme import GRID, set_muted, small_font
from gui.widgets.block_box import BlockBox
from gui.widgets.csv_table import csv_table, numbered
from gui.widgets.elision import ElidedLabel
from gui.widgets.empty_reasons import when_there_is_data
from gui.widgets.empty_state import EmptyState
from gui.widgets.headline import NOT_TRAINED, UNTRAINED
from gui.widgets.kernel_mosaic import KernelMosaic
from gui.widgets.layouts import in_column, in_row
from gui.widgets.number_words import epoch, short
from gui.widgets.plain_labels import label_for, wrapping_label
from gui.widgets.tooltips import plain_tooltip

_EMPTY = when_there_is_data("The kernels of every convolution")
_NO_KERNELS = "This network has no kernels.\nAdd some with the button Conv."
_SHOWN = ("weights", "change in this run")
_AS_PICTURES, _AS_CHANNELS = "in RGB", "by channel"
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

        self.block = BlockBox()
        self.block.setObjectName("kernels.block")
        self.block.setAccessibleName("Convolution whose kernels are shown")
        self.shown = QComboBox()
        self.shown.setObjectName("kernels.shown")
        self.shown.setAccessibleName("What is shown of the kernels")
        self.shown.addItems(_SHOWN)
        self.colours = QComboBox()
        self.colours.setObjectName("kernels.colours")
        self.colours.setAccessibleName("Whether kernels of red, green and blue are one picture")
        self.colours.addItems((_AS_PICTURES, _AS_CHANNELS))
        self.colours.setToolTip(plain_tooltip(_COLOURED))
        self.scale = ElidedLabel()
        self.scale.setObjectName("kernels.scale")
        self.scale.setFont(small_font())
        set_muted(self.scale)
        self._of_colours = QWidget()
        self.numbers = QCheckBox("num&bers")
        self.numbers.setObjectName("kernels.numbers")
        self.numbers.setToolTip(plain_tooltip(_NUMBERS))
        self.mosaic = KernelMosaic()
        self.mosaic.setToolTip(plain_tooltip(_HELP))
        self._legend = wrapping_label("kernels.legend")
        self._legend.setToolTip(plain_tooltip(_HELP))
        set_muted(self._legend)
        self._empty = EmptyState(self._content(), _EMPTY)
        in_column(self._empty, of=self)

        self.block.activated.connect(self._choose_block)
        self.shown.activated.connect(self.refresh)
        self.colours.activated.connect(self.refresh)
        self.numbers.clicked.connect(self._choose_numbers)
        self.mosaic.tile_activated.connect(self._activate)
        self.mosaic.rewritten.connect(self._describe)

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
