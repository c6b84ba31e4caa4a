"""The page of layer maps: test images as points, near each other where a block sees the same."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QResizeEvent

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.explain.layer_map import (
    EARLY_STEPS,
    MOST_SAMPLES,
    STEPS,
    Projection,
    block_values,
    principal_plane,
    t_sne,
)
from engine.inspection.snapshot import Sample
from engine.model.network import Network, answers
from engine.model.project import Project
from gui.background.latest_task import Report
from gui.theme import GRID
from gui.why.page import Again, Explain, Page, Question, Reply, Words, Work, WorkButton, are_same
from gui.why.pictures import Picture, SamplesPicture
from gui.why.point_map import PointMap
from gui.widgets.buttons import fill_box
from gui.widgets.csv_table import csv_table
from gui.widgets.number_words import percent
from gui.widgets.sample_names import image_title, said_name
from gui.workspace.context import Context

PCA = Words(
    ("y = (a − mean of all a) · axes",),
    "whether the values a of a block already lie apart by class: images near each other are alike "
    "to the network there.",
    "all of it: two directions of many are shown, those in which the values differ most. “It is "
    "apart here” holds, “it is not” does not.",
    "Principal components. The same values give the same picture; × is a mistake.",
)
T_SNE = Words(
    ("p_ij ∝ exp(−|a_i − a_j|² / 2σ_i^2),   q_ij ∝ 1 / (1 + |y_i − y_j|²)",),
    "which images are neighbours for a block: it moves points until near ones are near here, too.",
    "how far apart heaps are, or how dense: both follow from the method, not from the network.",
    "t-SNE: van der Maaten and Hinton, 2008; exact, perplexity 30, begun with the principal "
    "plane, as openTSNE does.",
)
_COUNTS = ("500", "1000", str(MOST_SAMPLES))
_IMAGE = "the image"
_MOST_LISTED = 24


class _Found(NamedTuple):
    """The values (n, ...) of a block for some test images, in its plane, and what is said."""

    samples: Dataset
    values: Array
    plane: Projection
    said: NDArray[np.intp]
    shape: tuple[int, ...]
    of: tuple[object, ...]  # network, images and block


class LayerMapPage(Page):
    """The principal plane of a block, and t-SNE as it finds its places."""

    def __init__(self, again: Again, context: Context) -> None:
        super().__init__(PCA, again, context)
        self._live: Array | None = None  # the newest points of t-SNE
        self._names: list[str] = []  # of the blocks
        tip = "Block whose values are shown"
        self.block = self.choice("why.map.block", "&block:", tip, [_IMAGE])
        self.count = self.choice("why.map.count", "&images:", "How many test images", _COUNTS)
        self.count.setCurrentIndex(1)
        tip = "Let neighbours find together, step by step"
        made = tip, context, self._begin, self._show_live, self._show_live
        self.t_sne = WorkButton("why.map.t_sne", "t-SNE", *made)
        self.add(self.t_sne)
        self.axes = [Picture(f"why.map.axis_{number}") for number in (1, 2)]
        for axis in self.axes:
            axis.setFixedWidth(17 * GRID)
            self.add(axis)
        self.map = PointMap("why.map.points", self._read, self.view.pin, self._list)
        self.listed = SamplesPicture("why.map.listed", self.view.pin)
        self.row(self.map)
        self.words = self.text("why.map.words")
        self.row(self.listed, share=0)
        self.listed.hide()

    def offer(self, project: Project, sample: Sample) -> None:
        """Offer all blocks; of another network, the last before the outputs is chosen."""
        rows = project.check().rows
        before = self._names
        self._names = [f"{number} {row.slot.label}" for number, row in enumerate(rows, 1)]
        fill_box(self.block, [_IMAGE, *self._names])
        if self._names != before:
            self.block.setCurrentIndex(max(0, len(rows) - 2))

    def explanation(self, question: Question) -> Explain | None:
        """Take the values of the block, and lay a plane through them."""
        samples, state = self.view.state.samples, self.view.state
        if samples is None:
            return None
        place, count = self.block.currentIndex(), int(self.count.currentText())
        of = state.checkpoint, state.document.learned, state.stack, samples, place, count
        known = None if self.answer is None else self.answer.found
        if known is not None and are_same(known.of, of):
            return lambda *_: known

        def explain(network: Network, _: Array, _target: int, report: Report) -> _Found:
            some = samples.take(np.arange(min(count, len(samples))))
            inputs = some.batch_inputs(slice(None), network.dtype)
            values = block_values(network, some, place, report) if place else inputs
            outputs = block_values(network, some, len(network.layers), report)
            rows = values.reshape(len(some), -1)
            shape = network.layers[place - 1].output_shape if place else some.input_shape
            return _Found(some, rows, principal_plane(rows), answers(outputs), shape, of)

        return explain

    def show_answer(self, answer: Reply) -> None:
        before, found = self.answer, answer.found
        if before is not None and self.t_sne.working and found.of[2:] == before.found.of[2:]:
            return  # it is seen to its end, whatever is learned meanwhile
        super().show_answer(answer)
        if before is None or found is not before.found:
            self.t_sne.stop()
            self._live = None
            self._show_axes()
            self.show_words(PCA)
            self.map.set_samples(
                found.samples.labels, found.said != found.samples.labels, found.samples.class_names
            )
            self.map.set_points(found.plane.points)
            self._list(np.zeros(0, np.intp))
            for number, axis in enumerate(self.axes):
                share = percent(found.plane.explained[number])
                picture = _as_picture(found.plane.axes[number], found.shape)
                axis.show_values(f"axis {number + 1}: {share}", picture)
        index = answer.question.sample.test_index
        self.map.pin(index if index is not None and index < len(found.samples) else None)
        self._read(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_axes()

    def _show_axes(self) -> None:
        """Show the axes, but where they would take the place of the map; t-SNE has none."""
        for axis in self.axes:
            axis.setVisible(self.is_wide and self._live is None)

    def as_csv(self) -> bytes:
        """Write the points that are shown, a row an image."""
        rows: list[tuple[object, ...]] = []
        if self.answer is not None:
            samples, said = self.answer.found.samples, self.answer.found.said
            for place, (x, y) in enumerate(self.map.points.tolist()):
                true, answer = samples.labels[place], said_name(samples.class_names, said[place])
                rows.append((place + 1, samples.class_names[true], answer, x, y))
        return csv_table(["image", "true class", "predicted class", "x", "y"], rows)

    # --- t-SNE ---------------------------------------------------------------------------------

    def _begin(self) -> Work | None:
        if self.answer is None:
            return None
        values, start = self.answer.found.values, self.answer.found.plane.points

        def work(report: Report) -> Array:
            for step, points in t_sne(values, start, before=lambda: report(0.0)):
                self._live = points
                report(step / (EARLY_STEPS + STEPS))
            return points

        return work

    def _show_live(self, _: object = None) -> None:
        """Show the newest points."""
        if self._live is not None:
            self.show_words(T_SNE)
            self.map.set_points(self._live)
            self._show_axes()
            self._read(self.map.current)

    # --- reading -------------------------------------------------------------------------------

    def _name(self, place: int) -> str:
        assert self.answer is not None
        found: _Found = self.answer.found
        names = found.samples.class_names
        true, said = int(found.samples.labels[place]), int(found.said[place])
        title = image_title(place, names[true])
        return title if said == true else f"{title}, taken for {said_name(names, said)}"

    def _read(self, place: int | None) -> None:
        """Say which image a point is; without one, how many there are."""
        if self.answer is None:
            return
        found: _Found = self.answer.found
        wrong = int((found.said != found.samples.labels).sum())
        words = f"{len(found.samples):,} test images, {wrong:,} mistakes. "
        if self._live is None:
            words += f"Both axes have {percent(sum(found.plane.explained))} of the variance. "
        words += "A click selects an image, a line around some lists them."
        self.words.setText(words if place is None else self._name(place))

    def _list(self, places: NDArray[np.intp]) -> None:
        """Show the images within a line, and of which classes they are."""
        self.listed.setVisible(len(places) > 0)
        if self.answer is None or not len(places):
            return
        found: _Found = self.answer.found
        labels, names = found.samples.labels[places], found.samples.class_names
        counts = np.bincount(labels, minlength=len(names))
        of_classes = ", ".join(
            f"{names[label]}: {counts[label]}" for label in np.argsort(-counts) if counts[label]
        )
        wrong = int((found.said[places] != labels).sum())
        title = f"{len(places):,} images: {of_classes}; {wrong:,} mistakes"
        self.listed.show_samples(title, found.samples, places[:_MOST_LISTED].tolist())


def _as_picture(axis: Array, shape: tuple[int, ...]) -> Array:
    """Return a direction as maps (n, h, w), or of a vector in lines, the last one filled up."""
    if len(shape) == 3:
        return axis.reshape(shape)
    across = math.ceil(math.sqrt(len(axis)))
    lines = np.full(math.ceil(len(axis) / across) * across, np.nan)
    lines[: len(axis)] = axis
    return lines.reshape(-1, across)
