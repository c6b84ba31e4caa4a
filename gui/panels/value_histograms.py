"""ValueHistograms: how the weights of a block, their gradients and its outputs are distributed."""

from collections.abc import Callable
from functools import cached_property, partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.compute.histogram import Histogram
from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.training.step_statistics import StepStatistics
from gui.panels.gradient_curves import name_of
from gui.theme import GRID, kind_colour, set_muted
from gui.widgets.block_box import BlockBox
from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.headline import NOT_TRAINED
from gui.widgets.histogram import HistogramView
from gui.widgets.layouts import in_column, in_row
from gui.widgets.number_words import epoch
from gui.widgets.plain_labels import label_for
from gui.widgets.tooltips import plain_tooltip

_HELP = (
    "How often which values occur among the block's weights, which sizes among the gradients of "
    "these, and which values among its outputs over test images; above them mean ± standard "
    "deviation. A bar that towers over the others is cut off and has its share beside it."
)
_LEAST_WIDTH = 15 * GRID  # px of a plot, so that three have room in a narrow panel
_LOCKED = "|gradients|: none, for the block is locked"
_LIVE = "Sizes of the gradients in one of the last training steps, on a logarithmic axis."
_NEXT = (
    "Sizes of the gradients in the training step that comes next, for a batch of training images, "
    "worked out from the weights of this moment; on a logarithmic axis."
)


class ValueHistograms(QWidget):
    """Three histograms of one block, which is chosen above them.

    Each plot is made when it is first drawn, in a turn of its own; `plot_made` carries its name and
    the plot.
    """

    plot_made = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._health: UnitHealth | None = None
        self._step: StepStatistics | None = None
        self._step_at: float | None = None  # in epochs; None: after the values
        self._why_no_step = ""
        self.block = BlockBox()
        self.block.setObjectName("gradients.block")
        self.block.setAccessibleName("Block whose values are shown")
        self.block.setToolTip(plain_tooltip(_HELP))
        self._when = ElidedLabel()
        self._when.setObjectName("gradients.when")
        set_muted(self._when)
        row = in_row(
            label_for(self.block, "val&ues of:"), self.block, (FixedLabel(self._when), 1), gap=GRID
        )
        self._titled = {
            name: _Titled(words, partial(self.plot_made.emit, name))
            for name, words in (
                ("weights", "weights"),
                ("gradients", "|gradients|"),
                ("activations", "activations"),
            )
        }
        self._gradients_tip = _LIVE
        self._grid = QGridLayout()
        self._grid.setSpacing(GRID // 2)
        self._grid.setHorizontalSpacing(GRID)
        self._columns = self._least_height = 0
        self.setMinimumWidth(2 * _LEAST_WIDTH + GRID)
        in_column(row, (self._grid, 1), of=self)
        self._arrange()
        self._draws = (self._draw_weights, self._draw_gradients, self._draw_activations)
        self.block.activated.connect(self._draw)

    @property
    def weights(self) -> HistogramView:
        """The plot of the block's weights."""
        return self._titled["weights"].plot

    @property
    def gradients(self) -> HistogramView:
        """The plot of the sizes of their gradients."""
        return self._titled["gradients"].plot

    @property
    def activations(self) -> HistogramView:
        """The plot of the block's outputs."""
        return self._titled["activations"].plot

    def draw(self, health: UnitHealth | None, *, changed: bool = False) -> None:
        """Draw the values of the chosen block, at once."""
        for part in self.parts(health, changed=changed):
            part()

    def set_least_height(self, least: int) -> None:
        """Say how high a row of plots, with what is above it, has to be."""
        self._least_height = least
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the plots side by side, or in two rows where there is little room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = 3 if self.width() >= 3 * _LEAST_WIDTH + 2 * GRID else 2
        if columns != self._columns:
            self._columns = columns
            for place, titled in enumerate(self._titled.values()):
                row, column = divmod(place, columns)
                self._grid.addWidget(titled, row, column, 1, columns if row else 1)
        self.setMinimumHeight(self._least_height * (1 if columns == 3 else 2))

    def set_last_step(self, step: tuple[float, StepStatistics] | None, why_none: str) -> None:
        """Take a step that was done, with its time in epochs, or why none."""
        self._step_at, self._step = (None, None) if step is None else step
        self._why_no_step = why_none
        self._gradients_tip = _LIVE

    def set_next_step(self, step: StepStatistics | None, why_none: str) -> None:
        """Take the step that came after the values, or why there is none."""
        self._step_at, self._step, self._why_no_step = None, step, why_none
        self._gradients_tip = _NEXT

    def parts(
        self, health: UnitHealth | None, *, changed: bool = False
    ) -> list[Callable[[], object]]:
        """Return what draws the values of the chosen block, one histogram after the other.

        None: they are not known. `changed` says that they are of a network that was changed since
        it was trained.
        """
        makes = [titled.make_plot for titled in self._titled.values() if not titled.has_plot]
        return [partial(self._say, health, changed), *makes, *self._draws]

    def _say(self, health: UnitHealth | None, changed: bool) -> None:
        """Say of when the values are, and which blocks have some."""
        self._health = health
        if health is not None:
            when = epoch(health.position)
            said = NOT_TRAINED if changed else f"at {when}"
            self._when.setText(said)
            self._when.setToolTip(f"{said}; values over {health.samples} test images")
            self.block.offer([(block.slot_id, name_of(block)) for block in health.blocks])

    def _draw(self) -> None:
        """Draw another block."""
        for draw in self._draws:
            draw()

    def _draw_weights(self) -> None:
        block = self._chosen()
        if block is not None:
            self._titled["weights"].setVisible(block.weights is not None)
            self._show("weights", block.weights, block)

    def _draw_gradients(self) -> None:
        block = self._chosen()
        if block is None:
            return
        steps = () if self._step is None else self._step.blocks
        own = next((each for each in steps if each.slot_id == block.slot_id), None)
        self._titled["gradients"].setVisible(block.weights is not None)
        self.gradients.setToolTip(plain_tooltip(self._gradients_tip))
        self._show("gradients", None if own is None else own.gradients, block)
        if self.gradients.histogram() is None:
            why = self._why_no_step if own is None else _LOCKED
            self._titled["gradients"].title.setText(why)
        elif self._step_at is not None and self._health is not None:
            when = epoch(self._step_at)
            if when != epoch(self._health.position):
                self._titled["gradients"].title.setText(f"{self.gradients.sentence()}, {when}")

    def _draw_activations(self) -> None:
        block = self._chosen()
        if block is not None:
            self._show("activations", block.activations, block)

    def _show(self, name: str, values: Histogram | None, block: BlockHealth) -> None:
        view = self._titled[name].plot
        view.show_histogram(values, kind_colour(block.group))
        self._titled[name].title.setText(view.sentence())

    def _chosen(self) -> BlockHealth | None:
        slot_id = self.block.slot_id()
        blocks = () if self._health is None else self._health.blocks
        return next((block for block in blocks if block.slot_id == slot_id), None)


class _Titled(QWidget):
    """A plot, made when it is first asked for, with what it shows above it."""

    def __init__(self, words: str, made: Callable[[HistogramView], object]) -> None:
        super().__init__()
        self._words, self._made = words, made
        self.title = ElidedLabel(brief=words)
        set_muted(self.title)
        self._column = in_column(FixedLabel(self.title), of=self)

    @property
    def has_plot(self) -> bool:
        """Whether the plot was made."""
        return "plot" in vars(self)

    @cached_property
    def plot(self) -> HistogramView:
        """The plot, which is made now if need be."""
        plot = HistogramView(self._words)
        plot.setMinimumWidth(1)  # the place says how wide it is
        self._column.addWidget(plot, 1)
        self._made(plot)
        return plot

    def make_plot(self) -> None:
        """Make the plot, if that was not done."""
        _ = self.plot
