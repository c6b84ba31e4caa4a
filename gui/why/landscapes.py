"""The page of the loss landscape: the loss over a plane through the weights."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.errors import RunError
from engine.explain.class_score import portions
from engine.explain.loss_landscape import Plane, landscape, mean_loss, plane_of_run, random_plane
from engine.model.network import Network, answers
from engine.model.weights import Weights
from gui.background.latest_task import LatestTask, Report
from gui.document.checkpoint import checkpoint_words
from gui.why.page import NO_RUN, Again, Explain, Page, Question, Reply, Words, Work, WorkButton
from gui.why.pictures import Cells, Picture
from gui.why.surface import COLOURS, LEAST, Surface, paint_ends
from gui.widgets.csv_table import csv_table
from gui.widgets.number_words import brief, percent, short
from gui.widgets.sample_names import said_name
from gui.workspace.context import Context

LANDSCAPE = Words(
    ("E(a, b) = mean loss with the weights θ + a u + b v",),
    "how the loss rises around the weights: in flat ground a step may be large, in a narrow "
    "valley it jumps from side to side.",
    "the loss elsewhere: of very many directions, two are seen. A path is a shadow on the plane; "
    "the true loss of its points is in the words and in the table.",
    "Li et al., 2018 (arXiv 1712.09913). Each kernel of a direction is as long as the network's "
    "own; biases and BatchNorm stay.",
)
_RANDOM, _RUN = "random", "the run's way"
_SIDES = ("17", "33", "51")
_CONTOUR, _SURFACE = "contour", "surface"
_IMAGES = 500  # test images whose mean loss is worked out
_MARGIN = 0.3  # of the way of a run, that is seen around it
_CONTOURS = 12
_MOST_KEPT, _MOST_NUMBERS = 20, 20_000_000  # kept epochs, and all their weights together


class _Drawn(NamedTuple):
    """A plane and its grid: the a of the rows, the b of the columns.

    It was drawn for a question, with these samples. `on_path` has the loss at each age of a run.
    """

    question: Question
    samples: Dataset
    plane: Plane
    rows: Array
    columns: Array
    on_path: dict[int, float]


class LandscapeGrid(Cells):
    """The loss as colours, with lines of equal loss and the path of a run over them."""

    _path: Array = np.zeros((0, 2))  # rows and columns, in cells
    _ends: Sequence[str] = ()
    _contours: Sequence[Array] = ()

    def set_path(self, path: Array, ends: Sequence[str], contours: Sequence[Array] = ()) -> None:
        """Draw a path through cells (n, 2) over the loss, and lines (n, 2) of equal loss.

        `ends` name its first place and its last.
        """
        self._path, self._ends, self._contours = path, ends, contours
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(Qt.GlobalColor.white, 0.7))
        for line in self._contours:
            painter.drawPolyline(QPolygonF(self._spots(line)))
        path = self._spots(self._path + 0.5)
        painter.setPen(QPen(self.palette().highlight().color(), 2))
        painter.drawPolyline(QPolygonF(path))
        painter.setBrush(Qt.GlobalColor.white)
        for spot in path:
            painter.drawEllipse(spot, 3, 3)
        paint_ends(painter, path, self._ends, self)

    def _spots(self, line: Array) -> list[QPointF]:
        cells = self.cells()
        return [cells.origin + QPointF(c, r) * cells.scale for r, c in line.tolist()]


def contours_of(values: Array, before: Callable[[], object] = lambda: None) -> list[Array]:
    """Return lines (n, 2) of equal value, in rows and columns from the corner of the first cell.

    `before` is called before those of each value are sought, and may raise to end it.
    """
    found: list[Array] = []
    for level in np.linspace(values.min(), values.max(), _CONTOURS + 2)[1:-1]:
        before()
        found += map(np.array, pg.functions.isocurve(values, level, connected=True))
    return found


class LandscapePage(Page):
    """The loss over a plane, first coarse and then finer; a click asks what is said there."""

    def __init__(self, again: Again, context: Context) -> None:
        super().__init__(LANDSCAPE, again, context)
        self._task = LatestTask(self)
        self.drawn: _Drawn | None = None
        self._found: list[tuple[int, int, float]] = []  # row, column, loss, as they come
        self._taken = 0  # of these, that are in the picture
        self._losses = self._blocks = np.zeros((1, 1))  # not a number where unknown; filled up
        tip = "Which plane through the weights"
        self.plane = self.choice("why.plane", "&plane:", tip, (_RANDOM, _RUN), asks=False)
        tip = "Points along a side"
        self.side = self.choice("why.plane.side", "p&oints:", tip, _SIDES, asks=False)
        tip = "Work out the loss, point by point"
        made = tip, context, self._begin, self._show, self._show
        self.draw = WorkButton("why.plane.draw", "Draw the loss", *made)
        self.add(self.draw)
        tip = "Lines of equal loss, or the loss as a height"
        self.form = self.choice("why.plane.form", "sho&w:", tip, (_CONTOUR, _SURFACE), asks=False)
        unnumbered = partial(LandscapeGrid, writing=None)  # numbers would hide the lines
        self.picture = Picture("why.plane.loss", COLOURS, grid=unnumbered)
        self.picture.setMinimumHeight(LEAST)
        self.surface = Surface("why.plane.surface")
        self._forms = {_CONTOUR: self.row(self.picture), _SURFACE: self.row(self.surface)}
        self._show_form()
        self.words = self.text("why.plane.words")
        self.form.activated.connect(self._show_form)
        self.picture.grid.hovered.connect(self._read)
        self.picture.grid.clicked.connect(self._ask)
        self.picture.grid.chosen.connect(self._ask)

    def explanation(self, question: Question) -> Explain | None:
        """Work out the loss with the weights as they are."""
        samples, loss = self.view.state.samples, question.project.settings.loss
        if samples is None:
            return None
        some = samples.take(np.arange(min(_IMAGES, len(samples))))

        def explain(
            network: Network, _: Array, _target: int, report: Report
        ) -> tuple[Dataset, float]:
            return some, mean_loss(network, loss, some, lambda: report(0.0))

        return explain

    def show_answer(self, answer: Reply) -> None:
        super().show_answer(answer)
        self._say()

    def as_csv(self) -> bytes:
        """Write the loss at each point, and on the path."""
        rows: list[tuple[object, ...]] = []
        drawn = self.drawn
        if drawn is not None:
            for row, column, loss in self._found[: self._taken]:
                rows.append(("plane", float(drawn.rows[row]), float(drawn.columns[column]), loss))
            if drawn.plane.path is not None:
                path = drawn.plane.path.tolist()
                for (a, b), loss in zip(path, drawn.on_path.values(), strict=True):
                    rows.append(("path, true loss", a, b, loss))
        return csv_table(["what", "a", "b", "loss"], rows)

    # --- drawing -------------------------------------------------------------------------------

    def _begin(self) -> Work | None:
        answer = self.answer
        if answer is None:
            return None
        question, samples = answer.question, answer.found[0]
        loss, side = question.project.settings.loss, int(self.side.currentText())
        of_run = self.plane.currentText() == _RUN
        self._found, self._taken, self.drawn = [], 0, None
        self._losses = np.full((side, side), np.nan)
        self._blocks = self._losses.copy()
        found = self._found

        def work(report: Report) -> list[Array]:
            network = question.project.network()
            kept = _kept(question, network, lambda: report(0.0)) if of_run else {}
            plane = plane_of_run(network, list(kept.values())) if of_run else random_plane(network)
            on_path = {}
            for age, weights in kept.items():
                network.set_weights(weights)
                on_path[age] = mean_loss(network, loss, samples, lambda: report(0.0))
            rows, columns = _ends(plane, side)
            self.drawn = _Drawn(question, samples, plane, rows, columns, on_path)
            points = landscape(
                network, plane, loss, samples, rows, columns, lambda: report(len(found) / side**2)
            )
            losses = np.empty((side, side))
            for point in points:
                found.append(point)
                losses[point[:2]] = point[2]
            return contours_of(_logs(losses), lambda: report(1.0))

        return work

    def _show(self, contours: Sequence[Array] = ()) -> None:
        """Fill what has come into the picture, a coarse point as a block of cells."""
        drawn = self.drawn
        if drawn is None:
            return
        side, begun = len(self._losses), self._taken
        for row, column, loss in self._found[self._taken :]:
            self._losses[row, column] = loss
            mesh = 1 << max(side - 2, 0).bit_length()
            while row % mesh or column % mesh:
                mesh //= 2
            block = np.s_[row : row + mesh, column : column + mesh]
            self._blocks[block] = np.where(np.isnan(self._losses[block]), loss, self._losses[block])
            self._taken += 1
        when = checkpoint_words(drawn.question.project) or "at the start"
        title, heights = f"log₁₀ of the loss {when}", _logs(self._blocks)
        if self._taken < self._losses.size:
            title += f", {self._taken:,} of {self._losses.size:,} points"
        ends = drawn.rows, drawn.columns
        down, across = (f"{brief(end[0])} to {brief(end[-1])}" for end in ends)
        self.picture.show_values(f"{title}; a ↓ {down}, b → {across}", heights)
        grid = self.picture.grid
        assert isinstance(grid, LandscapeGrid)
        moments = np.zeros((1, 2)) if drawn.plane.path is None else drawn.plane.path
        places = [np.interp(moments[:, n], end, np.arange(side)) for n, end in enumerate(ends)]
        path = np.stack(places, axis=1)
        names = [*(f"epoch {age}" for age in list(drawn.on_path)[:1]), "here"]
        grid.set_path(path, names, contours)
        self.surface.show_heights(title, heights, *ends, path, names)
        self._show_form()
        if not begun:  # else it may say what is read
            self._say()

    @Slot()
    def _show_form(self) -> None:
        """Show the form that is chosen, once there is something to see."""
        for form, row in self._forms.items():
            row.setVisible(self._taken > 0 and form == self.form.currentText())

    def _say(self) -> None:
        """Say the loss of the weights as they are, and what the plane has of the run."""
        if self.answer is None:
            return
        samples, loss = self.answer.found
        words = f"The loss of {len(samples):,} test images is {short(loss)} where you are."
        drawn = self.drawn
        asked = self.answer.question.project.weights
        if drawn is not None and drawn.question.project.weights is not asked:
            words += " The picture is of other weights; Draw works it out anew."
        if drawn is not None and drawn.plane.explained is not None:
            shares = " and ".join(map(percent, drawn.plane.explained))
            losses = list(drawn.on_path.values())
            first, last = (short(losses[end], 3) for end in (0, -1))
            words += f" The axes have {shares} of the way, whose true loss goes from {first} "
            words += f"to {last} (the table has all)."
        self.words.setText(words)

    @Slot(int, int)
    def _read(self, row: int, column: int) -> None:
        """Say the loss at a point."""
        drawn = self.drawn
        if drawn is not None and row < len(drawn.rows):
            a, b, loss = drawn.rows[row], drawn.columns[column], self._losses[row, column]
            known = short(float(loss)) if np.isfinite(loss) else "not yet known"
            self.words.setText(f"a = {short(a, 3)}, b = {short(b, 3)}: loss {known}")

    @Slot(int, int)
    def _ask(self, row: int, column: int) -> None:
        """Ask what the network says with the weights of a point."""
        drawn = self.drawn
        if drawn is None or row >= len(drawn.rows):
            return
        self._read(row, column)
        a, b = float(drawn.rows[row]), float(drawn.columns[column])
        question, samples, said_before = drawn.question, drawn.samples, self.words.text()

        def work(report: Report) -> str:
            network = question.project.network()
            network.set_weights(drawn.plane.at(a, b))
            outputs = network.activations(question.sample.inputs(network.dtype)[np.newaxis])[-1]
            said = int(answers(outputs.reshape(-1)))
            right = 0
            for part in portions(network, len(samples)):
                report(part.start / len(samples))
                inputs = samples.batch_inputs(part, network.dtype)
                found = answers(network.activations(inputs)[-1].reshape(len(inputs), -1))
                right += int((found == samples.labels[part]).sum())
            name = said_name(question.sample.class_names, said)
            share = percent(right / len(samples))
            return f"{said_before}; there it says {name} of the image, and {share} are right"

        self._task.begin(work, self.words.setText)


def _kept(question: Question, network: Network, before: Callable[[], object]) -> dict[int, Weights]:
    """Read the weights that a run has kept up to those of a network, which come last, by age.

    `before` is called before each is read, and may raise to end it.
    """
    run, age = question.kept_run(), question.project.trained_epochs
    epochs = [epoch for epoch in run.kept_epochs if run.age(epoch) < age]
    if not epochs:
        raise RunError(NO_RUN)
    numbers = sum(array.size for array in network.arrays.values())
    most = max(2, min(_MOST_KEPT, _MOST_NUMBERS // max(numbers, 1)))
    places = np.unique(np.linspace(0, len(epochs) - 1, most).round().astype(int)).tolist()
    kept = {}
    for place in places:
        before()
        weights = run.project_after(epochs[place]).network().copy_weights()
        kept[run.age(epochs[place])] = weights
    return {**kept, age: network.copy_weights()}


def _ends(plane: Plane, side: int) -> tuple[Array, Array]:
    """Return the a of the rows and the b of the columns: −1 to 1, or as far as a path goes."""
    if plane.path is None:
        ends = np.linspace(-1, 1, side)
        return ends, ends
    low, high = plane.path.min(axis=0), plane.path.max(axis=0)
    room = _MARGIN * max(float((high - low).max()), 1e-6)
    rows, columns = (np.linspace(low[n] - room, high[n] + room, side) for n in (0, 1))
    return rows, columns


def _logs(losses: Array) -> Array:
    """Return the logarithms of losses, which may be 0."""
    found: Array = np.log10(np.maximum(losses, 1e-12))
    return found
