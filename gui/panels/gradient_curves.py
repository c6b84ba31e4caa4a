"""GradientCurves: per block over time, its gradient, weights, updates, and units that are stuck."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.probes import BlockProbe, Probe
from engine.statistics import BlockStep, StepStatistics
from gui.panels.diagnosis import HEALTHY
from gui.theme import GRID, kind_colour, set_muted
from gui.widgets.curves import Curve, CurvePlot
from gui.widgets.empty import EmptyState

Named = BlockStep | BlockProbe

# What can be shown.
GRADIENT, WEIGHTS, UPDATE, STUCK = range(4)
_ENTRIES = ("gradient", "weights", "update ÷ weights", "dead or saturated units")
_CAPTIONS = ("norm of the gradient", "norm of the weights", "update ÷ weights", "units, %")
_HELP = (
    "The Euclidean norm of the gradient of a block's weights and biases, in single steps.",
    "The Euclidean norm of a block's weights and biases.",
    "How far a step moves a block's weights, as a share of them: the real update, whatever the "
    f"optimizer. {HEALTHY[0]:g} to {HEALTHY[1]:g} is healthy.",
    "How many units give the same for every test digit, or are nearly always at an end of their "
    "sigmoid or tanh (95 % of the values beyond 0.01 and 0.99, or ±0.98). In the last block only "
    "dead ones count: sure answers are right there.",
)
_NOTHING = (
    "Gradients and updates will be drawn here\nwhile this panel is open. Click Train to begin."
)
_UNSEEN = "Steps are recorded only while this panel is open.\nClick Train to see those that come."
_LINES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)
_LONGEST = 12  # letters of a label


class GradientCurves(QWidget):
    """One plot at a time, chosen above it; a curve for each block, on a logarithmic axis.

    The setters only store; `draw` draws.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = QComboBox()
        self.shown.setObjectName("gradients.shown")
        self.shown.setAccessibleName("What is drawn over time")
        self.shown.addItems(_ENTRIES)
        for entry, text in enumerate(_HELP):
            self.shown.setItemData(entry, text, Qt.ItemDataRole.ToolTipRole)
        self._plots = [_make_plot(kind, ()) for kind in range(len(_ENTRIES))]
        # Slots and names of the blocks with curves: those that learn, and those whose units may be
        # stuck. A block that moves or gets another title has another name.
        self._drawn: list[tuple[int, str]] = []
        self._asked: list[tuple[int, str]] = []
        self._last_step = self._last_probe = -1.0  # epochs
        self._gap = [False, False]  # before the next step, and the next probe

        label = QLabel("sho&w:")
        set_muted(label)
        label.setBuddy(self.shown)
        self.row = QHBoxLayout()
        self.row.setSpacing(GRID)
        self.row.addWidget(label)
        self.row.addWidget(self.shown)
        self.row.addStretch(1)
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 0, 0, 0)
        for plot in self._plots:
            self._place.addWidget(plot)
        inside = QWidget()
        inside.setLayout(self._place)
        self._empty = EmptyState(inside, _NOTHING)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(self.row)
        column.addWidget(self._empty, 1)
        self.shown.activated.connect(self.draw)

    def plot(self, kind: int) -> CurvePlot:
        """Give the plot of one kind of curves."""
        return self._plots[kind]

    def start_run(self) -> None:
        """Begin the curves of a new run: those of the last one go."""
        self._last_step = self._last_probe = -1.0
        self._gap = [False, False]
        for plot in self._plots:
            plot.clear()

    def break_off(self) -> None:
        """Leave a gap before what comes next: in between, nobody watched."""
        self._gap = [True, True]

    def add_step(self, position: float, step: StepStatistics) -> None:
        """Append what a step told at a time in epochs."""
        slots = [(block.slot_id, name_of(block)) for block in step.blocks]
        if slots != self._drawn:
            self._drawn = slots
            for kind in (GRADIENT, WEIGHTS, UPDATE):
                self._replace(kind, step.blocks)
        if self._gap[0] or position < self._last_step:
            self._extend((GRADIENT, WEIGHTS, UPDATE), self._last_step, step.blocks)
        self._gap[0], self._last_step = False, position
        for block in step.blocks:
            norms = block.norms
            values = ((GRADIENT, norms.gradient), (WEIGHTS, norms.weights))
            for kind, value in (*values, (UPDATE, norms.relative_update)):
                self._extend((kind,), position, [block], value)

    def show_probe(self, probe: Probe) -> None:
        """Append which share of their units is stuck, once for each time in epochs."""
        blocks = [b for b in probe.blocks if b.group == "Activation" and not np.isnan(b.stuck)]
        slots = [(block.slot_id, name_of(block)) for block in blocks]
        if slots != self._asked:
            self._asked = slots
            self._replace(STUCK, blocks)
        if probe.position == self._last_probe:
            return
        if self._gap[1] or probe.position < self._last_probe:
            self._extend((STUCK,), self._last_probe, blocks)
        self._gap[1], self._last_probe = False, probe.position
        for block in blocks:
            self._extend((STUCK,), probe.position, [block], 100 * block.stuck)

    def draw(self) -> None:
        """Draw the chosen plot, or say what will be drawn."""
        chosen = self.shown.currentIndex()
        self.shown.setToolTip(_HELP[chosen])
        for kind, plot in enumerate(self._plots):
            plot.setVisible(kind == chosen)
        if (self._last_probe if chosen == STUCK else self._last_step) < 0:
            trained = self._last_probe > 0  # but nobody watched
            self._empty.show_sentence(_UNSEEN if trained else _NOTHING)
            return
        self._plots[chosen].draw()
        self._empty.show_content()

    def _extend(
        self, kinds: Sequence[int], x: float, blocks: Sequence[Named], y: float = np.nan
    ) -> None:
        for kind in kinds:
            for block in blocks:
                self._plots[kind].extend(name_of(block), np.array([x]), np.array([y]))

    def _replace(self, kind: int, blocks: Sequence[Named]) -> None:
        """Have an empty plot for other blocks."""
        old, new = self._plots[kind], _make_plot(kind, blocks)
        self._plots[kind] = new
        self._place.replaceWidget(old, new)
        new.setVisible(kind == self.shown.currentIndex())
        old.deleteLater()


def name_of(block: Named) -> str:
    """Call a block by its place and its label."""
    return f"{block.number} {block.label}"


def _make_plot(kind: int, blocks: Sequence[Named]) -> CurvePlot:
    """Make a plot whose curves have the colours of their kinds, each with a line of its own."""
    curves, before = [], dict[str, int]()
    for block in blocks:
        alike = before.get(block.group, 0)
        before[block.group] = alike + 1
        label = name_of(block).split(",")[0]
        curves.append(
            Curve(
                name_of(block),
                "test" if kind == STUCK else "train",
                _LINES[alike % len(_LINES)],
                label=label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…",
                ink=kind_colour(block.group).name(),
            )
        )
    plot = CurvePlot({"": tuple(curves)}, left=_CAPTIONS[kind], bottom="epoch", right=None)
    plot.setObjectName(f"gradients.curves.{kind}")
    plot.setAccessibleName(f"Curves of the {_CAPTIONS[kind]} of every block; arrows read them")
    plot.setToolTip(_HELP[kind])
    plot.set_log(kind != STUCK)
    return plot
