"""GradientCurves: per block over time, its gradient, weights, updates, and units that are stuck."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.training.step_statistics import BlockNorms, StepStatistics
from gui.theme import GRID, kind_colour
from gui.weights.diagnosis import HEALTHY
from gui.widgets.csv_table import csv_table
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import PERCENT, CurvePlot
from gui.widgets.empty_state import EmptyState
from gui.widgets.growing_curve import Floats, GrowingCurve
from gui.widgets.labels import label_for, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named

Named = BlockNorms | BlockHealth
# What can be shown.
GRADIENT, WEIGHTS, UPDATE, STUCK = range(4)
_ENTRIES = ("gradient", "weights", "update ÷ weights", "dead or saturated units")
NAMES = ("gradient", "weight-norm", "update", "stuck")  # of files
_CAPTIONS = (
    "norm of the gradient",
    "norm of the weights",
    "update ÷ weights",
    "dead or saturated, %",
)
_HELP = (
    "The Euclidean norm of the gradient of a block's weights and biases, in single steps.",
    "The Euclidean norm of a block's weights and biases.",
    "How far a step moves a block's weights, as a share of them: the real update, whatever the "
    f"optimizer. {HEALTHY[0]:g} to {HEALTHY[1]:g} is healthy.",
    "How many units give the same for every test image, or are nearly always at an end of their "
    "sigmoid or tanh (95 % of the values beyond 0.01 and 0.99, or ±0.98). In the last block only "
    "dead ones count: sure answers are right there.",
)
_NOTHING = "Gradients and updates of every block will be drawn here."
_LONGEST = 12  # letters of a label
_SHADES = 4  # that can be told from each other, and from the text, where blocks are many
_LEAST_LIST = 10 * GRID  # px of the list in a narrow panel
_ROOMY = 88 * GRID, 40 * GRID  # px; from this size on there is room for all plots


class BlockCurves(EmptyState):
    """A plot with a curve for each block, or in its place a sentence.

    The plot is made when it is first drawn. The setters only store; `parts` draw. `plot_made`
    carries the plot.
    """

    plot_made = Signal(object)

    def __init__(self, make: Callable[[], CurvePlot], sentence: str) -> None:
        page = QWidget()
        super().__init__(page, sentence)
        self._column = in_column(of=page)
        self._make = make
        self._curves: list[Curve] = []
        self._points: dict[str, GrowingCurve] = {}
        self._ends: dict[str, float] = {}  # of the curves that have points, in epochs
        self.batches: int | None = None  # of an epoch: within the first, they are counted
        self.begin = math.inf  # the epoch from which on time is shown, though no curve begins there
        self._are_others = self._have_grown = False  # since they were drawn

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Have other curves, empty ones; the first lies under the others."""
        self._curves = list(curves)
        self._points = {curve.name: curve.no_points() for curve in curves}
        self._ends = {}
        self._are_others = True

    def extend(self, name: str, x: Floats, y: Floats) -> None:
        """Append points to a curve, with a gap where a value is not finite or time goes back."""
        before = np.concatenate([[self._ends.get(name, -math.inf)], x[:-1]])
        back = np.flatnonzero(x < before)
        if len(back):
            x, y = np.insert(x, back, before[back]), np.insert(y, back, math.nan)
        self._points[name].extend(x, y)
        self._ends[name] = float(x[-1])
        self._have_grown = True

    def clear_points(self) -> None:
        """Forget all points."""
        for points in self._points.values():
            points.clear()
        self._ends = {}
        self._have_grown = True
        if "plot" in vars(self):
            self.plot.show_reading(None)

    @cached_property
    def plot(self) -> CurvePlot:
        """The plot, which is made now if need be."""
        plot = self._make()
        self._column.addWidget(plot)
        self.plot_made.emit(plot)
        return plot

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws the curves, one part after the other, and first makes the plot."""
        if "plot" not in vars(self):  # which takes long enough for a turn of its own
            return [lambda: self.plot, self._draw, self.show_content]
        return [self._tell, *self.plot.parts(), self.show_content]

    def _draw(self) -> None:
        self._tell()
        for draw in self.plot.parts():
            draw()

    def _tell(self) -> None:
        """Tell the plot what is new."""
        plot = self.plot
        plot.batches, plot.begin = self.batches, self.begin
        if self._are_others:
            plot.set_curves(self._curves, self._points)
        elif self._have_grown:
            plot.take_new_points()
        self._are_others = self._have_grown = False

    def rows(self) -> Iterator[tuple[str, float, float]]:
        """Return the points of all curves: of which one, epoch and value."""
        for name, points in self._points.items():
            for x, y in zip(*points.points(), strict=True):
                yield name, float(x), float(y)


class GradientCurves(QWidget):
    """A curve for each block in each of four plots: all of them, or one that is chosen above it.

    Which of both depends on the room. The setters only store; `draw` draws, for which it makes the
    plots that are seen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = named(QComboBox(), "gradients.shown", "What is drawn over time")
        self.shown.addItems(_ENTRIES)
        self.shown.setMinimumWidth(_LEAST_LIST)
        for entry, text in enumerate(_HELP):
            self.shown.setItemData(entry, text, Qt.ItemDataRole.ToolTipRole)
        self.kinds = [
            BlockCurves(partial(_make_plot, kind), _NOTHING) for kind in range(len(_ENTRIES))
        ]
        # Slots and names of the blocks with curves: those that learn, and those whose units may be
        # stuck. A block that moves or gets another title has another name.
        self._drawn: list[tuple[int, str]] = []
        self._asked: list[tuple[int, str]] = []
        self._has_steps, self._last_health = False, -1.0  # in epochs
        self._chooser = QWidget()
        in_row(label_for(self.shown, "sho&w:"), self.shown, 1, of=self._chooser, gap=GRID)
        grid = QGridLayout()
        grid.setSpacing(GRID)
        for kind, place in enumerate(self.kinds):
            grid.addWidget(place, *divmod(kind, 2))
        in_column(self._chooser, (grid, 1), of=self)
        self.shown.activated.connect(self.draw)
        self._arrange()

    def as_csv(self) -> bytes:
        """Write the points of all curves of all kinds, a row each."""
        kinds = zip(_ENTRIES, self.kinds, strict=True)
        rows = ((what, *point) for what, curves in kinds for point in curves.rows())
        return csv_table(["quantity", "block", "epoch", "value"], rows)

    def start_run(self) -> None:
        """Begin the curves of a new run: those of the last one go."""
        self._has_steps, self._last_health = False, -1.0
        self.kinds[STUCK].begin = math.inf
        for curves in self.kinds:
            curves.clear_points()

    def set_batches(self, per_epoch: int | None) -> None:
        """Say how many batches an epoch has: within the first, they are counted."""
        for curves in self.kinds:
            curves.batches = per_epoch

    def add_steps(self, steps: Sequence[tuple[float, StepStatistics]]) -> None:
        """Append what steps of the same blocks told, each at a time in epochs."""
        blocks = steps[0][1].blocks
        names = slots_and_names(blocks)
        if names != self._drawn:
            self._drawn = names
            for kind in (GRADIENT, WEIGHTS, UPDATE):
                self.kinds[kind].set_curves(_curves_of(blocks))
        times = np.array([position for position, _ in steps])
        if not self._has_steps:  # unit health may be checked much later
            self._has_steps, self.kinds[STUCK].begin = True, times[0]
        for place, block in enumerate(blocks):
            norms = [step.blocks[place].norms for _, step in steps]
            told = np.array([(each.gradient, each.weights, each.relative_update) for each in norms])
            for kind, values in zip((GRADIENT, WEIGHTS, UPDATE), told.T, strict=True):
                self.kinds[kind].extend(name_of(block), times, values)

    def show_health(self, health: UnitHealth) -> None:
        """Append which share of their units is stuck, once for each time in epochs."""
        blocks = [b for b in health.blocks if b.group == "Activation" and not np.isnan(b.stuck)]
        names = slots_and_names(blocks)
        if names != self._asked:
            self._asked = names
            self.kinds[STUCK].set_curves(_curves_of(blocks))
        if health.position != self._last_health:
            self._last_health = health.position
            for block in blocks:
                at, share = np.array([health.position]), np.array([100 * block.stuck])
                self.kinds[STUCK].extend(name_of(block), at, share)

    def draw(self) -> None:
        """Draw what there is room for, or say what will be drawn."""
        for draw in self.parts():
            draw()

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws that, plot by plot."""
        self.shown.setToolTip(plain_tooltip(_HELP[self.shown.currentIndex()]))
        self._arrange()
        shown = [kind for kind, place in enumerate(self.kinds) if not place.isHidden()]
        return [part for kind in shown for part in self._plot_parts(kind)]

    def _plot_parts(self, kind: int) -> list[Callable[[], object]]:
        curves = self.kinds[kind]
        if self._last_health >= 0 if kind == STUCK else self._has_steps:
            return curves.parts()
        return [partial(curves.show_sentence, _NOTHING)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more plots or fewer."""
        super().resizeEvent(event)
        if self._is_roomy() != self._chooser.isHidden():
            self.draw()

    def _is_roomy(self) -> bool:
        return self.width() >= _ROOMY[0] and self.height() >= _ROOMY[1]

    def _arrange(self) -> None:
        """Show all plots, or the chosen one."""
        roomy = self._is_roomy()
        self._chooser.setHidden(roomy)
        for kind, place in enumerate(self.kinds):
            place.setVisible(roomy or kind == self.shown.currentIndex())


def name_of(block: Named) -> str:
    """Call a block by its place and its label."""
    return f"{block.number} {block.label}"


def slots_and_names(blocks: Sequence[Named]) -> list[tuple[int, str]]:
    """List the slots and the names of blocks."""
    return [(block.slot_id, name_of(block)) for block in blocks]


def _curves_of(blocks: Sequence[Named]) -> list[Curve]:
    """Give each block a curve in the colour of its kind, and another shade than one before.

    Where they are many, their shades are the nearer to each other.
    """
    many = Counter(block.group for block in blocks)
    curves, before = [], dict[str, int]()
    for block in blocks:
        place = before.get(block.group, 0)
        before[block.group] = place + 1
        shade = place * min(1.0, _SHADES / max(1, many[block.group] - 1))
        label = name_of(block).split(",")[0]
        label = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
        curves.append(Curve(name_of(block), kind_colour(block.group).name(), label, shade=shade))
    return curves


def _make_plot(kind: int) -> CurvePlot:
    is_share = kind == STUCK
    plot = CurvePlot(_CAPTIONS[kind], scale=PERCENT if is_share else None, in_percent=is_share)
    spoken = f"Curves of the {_CAPTIONS[kind]} of every block; arrows read them"
    named(plot, f"gradients.curves.{kind}", spoken, plain_tooltip(_HELP[kind]))
    plot.set_log(not is_share)
    return plot
