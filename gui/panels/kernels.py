"""The kernels panel: the weights of every convolution, and what training has done to them."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.arrays import Array
from engine.looks import BlockLook, Look
from engine.probes import Probe
from engine.stack import Slot as StackSlot
from engine.stack import Stack
from gui.theme import GRID, set_muted
from gui.widgets.block_box import BlockBox
from gui.widgets.empty import EmptyState
from gui.widgets.kernel_mosaic import KernelMosaic
from gui.widgets.numbers import short

_EMPTY = "The kernels of every convolution will be here.\nChoose a data set to begin."
_NO_KERNELS = "This network has no kernels.\nAdd some with + Conv."
_SHOWN = ("weights", "change since the run began")
_HELP = (
    "A tile is the kernel from input channel j to map i; zero has the colour in the middle.\n"
    "Dead (crossed out): at every place, the map is the same for all test digits looked at, "
    "as behind a ReLU that is never above zero.\n"
    "Saturated (framed): the map is nearly always at an end of its sigmoid or tanh "
    "(95 % of its values beyond 0.01 and 0.99, or ±0.98), so hardly any gradient passes.\n"
    "Padlock: locked, training leaves it as it is.\n"
    "Arrows go from kernel to kernel; Enter or a double-click edits one."
)
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class KernelsPanel(QWidget):
    """The kernels of one convolution at a time, with dead, saturated and locked ones marked.

    The setters only store; `refresh` draws when `dirty`. `watched` says whether anybody can see the
    panel, and so whether probes are wanted.
    """

    kernel_activated = Signal(int, int, int)  # slot id, map, channel, from 0
    watched = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.kernels")
        self.setAccessibleName("Kernels")
        self.setMinimumSize(40 * GRID, 25 * GRID)
        self.dirty = False
        self._look: Look | None = None
        self._why_none = _EMPTY
        self._probe: Probe | None = None
        self._slots: dict[int, StackSlot] = {}
        self._said: list[str] = []

        self.block = BlockBox()
        self.block.setObjectName("kernels.block")
        self.block.setAccessibleName("Convolution whose kernels are shown")
        self.shown = QComboBox()
        self.shown.setObjectName("kernels.shown")
        self.shown.setAccessibleName("What is shown of the kernels")
        self.shown.addItems(_SHOWN)
        self.mosaic = KernelMosaic()
        self.mosaic.setToolTip(_HELP)
        self._legend = QLabel()
        self._legend.setObjectName("kernels.legend")
        self._legend.setWordWrap(True)
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._legend.setToolTip(_HELP)
        set_muted(self._legend)
        self._empty = EmptyState(self._content(), _EMPTY)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._empty)

        self.block.activated.connect(self.refresh)
        self.shown.activated.connect(self.refresh)
        self.mosaic.tile_activated.connect(self._activate)
        self.mosaic.rewritten.connect(self._show_legend)

    def show_look(self, look: Look | None, why_none: str = _EMPTY) -> None:
        """Store the newest look at the network, or why there is none."""
        self._look, self._why_none = look, why_none
        self.dirty = True

    def show_probe(self, probe: Probe | None) -> None:
        """Store what the network makes of many digits; None: that is not known."""
        self._probe = probe
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
        look = self._look
        blocks = [] if look is None else [b for b in look.blocks if b.kernels is not None]
        if look is None or not blocks:
            self._empty.show_sentence(self._why_none if look is None else _NO_KERNELS)
            return
        numbers = {block.slot: number for number, block in enumerate(look.blocks, 1)}
        self.block.offer([(b.slot, f"{numbers[b.slot]} {b.label}") for b in blocks])
        self.block.setVisible(len(blocks) > 1)
        block = blocks[self.block.currentIndex()]
        kernels, first = block.kernels, block.first_kernels
        assert kernels is not None
        if self._shows_change():
            kernels = kernels - (kernels if first is None else first)
        self.mosaic.set_title(_title(block, kernels))
        self.mosaic.set_kernels(kernels)
        dead, saturated = self._marked(block.slot, len(kernels))
        locked = self._locked(block.slot, len(kernels))
        self.mosaic.set_marks(dead, saturated, locked)
        self._said = self._words(kernels, dead, saturated, locked)
        self._show_legend()
        self._empty.show_content()

    def showEvent(self, event: QShowEvent) -> None:
        """Say that somebody looks."""
        super().showEvent(event)
        self.watched.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Say that nobody looks any more."""
        super().hideEvent(event)
        self.watched.emit(False)

    def _content(self) -> QWidget:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.block)
        label = QLabel("sho&w:")
        set_muted(label)
        label.setBuddy(self.shown)
        row.addWidget(label)
        row.addWidget(self.shown)
        row.addStretch(1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID // 2)
        column.addLayout(row)
        column.addWidget(self.mosaic, 1)
        column.addWidget(self._legend)
        return content

    def _shows_change(self) -> bool:
        return self.shown.currentIndex() == 1

    def _marked(self, slot_id: int, depth: int) -> tuple[list[int], list[int]]:
        """List the maps that are dead, and those that are saturated, from 0."""
        judge = None if self._probe is None else self._probe.behind(slot_id)
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
        """Say how much has changed, and what is marked."""
        said = []
        if self._shows_change():
            largest = float(abs(kernels).max())
            said.append(
                f"largest change {short(largest, 3)}" if largest else "no change yet: click Train"
            )
        for word, maps in (
            ("dead (crossed out)", dead),
            ("saturated (framed)", saturated),
            ("locked (padlock)", locked),
        ):
            if maps:
                said.append(f"{word}: {_listing(maps, len(kernels))}")
        if not dead and not saturated and self._probe is not None:
            said.append("no map is dead or saturated")
        return said

    @Slot()
    def _show_legend(self) -> None:
        """Say below the kernels what is to be said, and in what the numbers are."""
        notation = self.mosaic.marks.notation
        power = notation.power if notation is not None else 0
        times = [f"numbers × 10{str(power).translate(_POWERS)}"] if power else []
        self._legend.setText(" · ".join([*times, *self._said]))

    def _activate(self, tile: int) -> None:
        slot_id = self.block.slot_id()
        if slot_id is not None:
            self.kernel_activated.emit(slot_id, *self.mosaic.place(tile))


def _title(block: BlockLook, kernels: Array) -> str:
    depth, channels = kernels.shape[:2]
    if channels == 1:
        return f"{block.label}: {depth} kernel{'' if depth == 1 else 's'}, one a map"
    return f"{block.label}: {depth} × {channels} kernels; rows are maps i, columns channels j"


def _listing(maps: list[int], depth: int) -> str:
    """Name some of `depth` maps, counted from 1."""
    if len(maps) == depth:
        return "all maps"
    if len(maps) > 6:
        return f"{len(maps)} of {depth} maps"
    return f"map{'' if len(maps) == 1 else 's'} {', '.join(str(i + 1) for i in maps)}"
