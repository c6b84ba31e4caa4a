"""The feature maps panel: what every block makes of the pinned sample."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QStackedWidget,
    QWidget,
)

from engine.data.dataset import Dataset
from engine.inspection.snapshot import Snapshot
from engine.inspection.strongest import Peak, strongest
from engine.model.project import Project
from engine.model.stack import ShapeReport
from gui.background.jobs import Job
from gui.document.checkpoint import checkpoint_words
from gui.feature_maps.rows import FeatureRow, ShownValues, rows_of, waiting_of
from gui.theme import GRID
from gui.widgets.colour_scale import Levels, range_of
from gui.widgets.csv_table import csv_table, numbered
from gui.widgets.empty_state import (
    NO_IMAGES,
    EmptyState,
    WaitingRows,
    until_it_predicts,
)
from gui.widgets.exciting_samples import Found
from gui.widgets.headline import checkpoint_of
from gui.widgets.layouts import in_column, in_row, named, scrolling
from gui.widgets.mosaic import Mosaic
from gui.widgets.number_words import output_text
from gui.widgets.pictures import picture_at
from gui.widgets.pinned_sample import PinnedSample
from gui.widgets.sample_names import NO_ANSWER_TEXT, image_title
from gui.widgets.vector_bars import VectorBars, range_with_zero
from gui.workspace.context import Context
from gui.workspace.panel import BasePanel

if TYPE_CHECKING:
    from gui.feature_maps.enlarged_map import EnlargedMap


_EMPTY = (
    "Here you will see what each block makes of the selected image.\n"
    "Click a test image to select it."
)
_NO_MAPS = "This network has no block yet with values to show.\nAdd one with the button Conv."
_STAGES: dict[str, ShownValues] = {
    "after activation": "after",
    "before activation": "before",
    "before and after": "both",
}
_MAPS_SHARE = 3  # of the height, for one of the bars
_FIXED = "Keep the present scales, to compare maps over time"


_COUNT = 8  # samples that excite a map most
_MARK = "▸ "  # before the maps of the selected block


class FeatureMapsPanel(BasePanel):
    """A mosaic for each block with maps, bars for each with a vector; a click enlarges a map.

    Below those of the blocks that fit, a grey row for each that does not, or waits for one.
    Every block has one scale, which follows its values or stays as it was when it was fixed.
    The setters only store; `refresh` draws when `dirty`. `drawn` says that the newest snapshot is
    drawn.
    """

    drawn = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__("feature_maps", "Maps")
        self._context, self._view = context, context.view
        self._snapshot: Snapshot | None = None
        self._report: ShapeReport | None = None
        self._why_none = _EMPTY
        self._rows: list[FeatureRow] = []
        self._levels: dict[int, Levels] = {}
        self.chosen: tuple[int, int] | None = None  # slot and map that are enlarged
        self._selected: int | None = None  # slot that is selected in the list of blocks
        self._views: list[Mosaic | VectorBars] = []
        self.sample = PinnedSample()
        self._make_controls()
        self._arrange()
        self.stage.activated.connect(self.refresh)
        self.fixed.toggled.connect(self.refresh)
        store = self._view.store
        store.show(lambda s: s.report, self.show_report)
        store.show(lambda s: s.selected, self.show_selected)
        store.watch(lambda s: (s.seen.snapshot, s.sees_nothing, s.problem), self._take_snapshot)
        store.watch(lambda s: s.samples, self._forget_samples)

    @cached_property
    def enlarged(self) -> "EnlargedMap":
        """The view of a single map, made when it is first wanted."""
        from gui.feature_maps.enlarged_map import EnlargedMap

        view = EnlargedMap()
        view.closed.connect(self._close_map)
        view.turned.connect(self._turn)
        view.samples.ask.clicked.connect(self._ask)
        view.samples.sample_pinned.connect(self._view.pin)
        self._pages.addWidget(view)
        return view

    def show_snapshot(self, snapshot: Snapshot | None, why_none: str = _EMPTY) -> None:
        """Store the newest snapshot of the pinned sample, or why there is none."""
        self._snapshot, self._why_none = snapshot, why_none
        self.dirty = True

    def _take_snapshot(self) -> None:
        state = self._view.state
        why_none = state.problem or NO_IMAGES if state.sees_nothing else _EMPTY
        self.show_snapshot(state.seen.snapshot, why_none)

    def show_report(self, report: ShapeReport) -> None:
        """Store what the shape check says of the stack as it is now."""
        self._report = report
        self.dirty = True

    @Slot()
    def refresh(self) -> None:
        """Draw the newest snapshot, as far as it is of blocks that fit, at once."""
        for draw in self.parts():
            draw()
        self.drawn.emit()

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws that, one part after the other: the words, then row by row."""
        self.dirty = False
        snapshot, report, waiting = self._snapshot, self._report, ("", "")
        if report is not None and report.problem is not None:
            snapshot = None if snapshot is None else snapshot.within(report)
            waiting = waiting_of(report)
        self._rows = (
            [] if snapshot is None else rows_of(snapshot, _STAGES[self.stage.currentText()])
        )
        if snapshot is None or not (self._rows or any(waiting)):
            sentence = self._why_none if snapshot is None else _NO_MAPS
            return [lambda: self._empty.show_sentence(sentence)]
        self._find_levels()
        if self._enlarged_row() is None:
            self.chosen = None
            self._make_views()
            shown = [partial(self._show_row, place) for place in range(len(self._rows))]
        else:
            shown = [partial(self._show_one)]
        return [partial(self._show_words, snapshot, waiting), *shown, self._show_content]

    def as_csv(self) -> bytes:
        """Write the values that are drawn as CSV; each value of a vector is as a map of its own."""
        told = (
            row
            for each in self._rows
            for row in numbered(each.values[(..., *[None] * (3 - each.values.ndim))], each.title)
        )
        return csv_table(["block", "map", "row", "column", "value"], told)

    def show_selected(self, slot_id: int | None) -> None:
        """Mark the maps of the block that is selected in the list, and scroll to them."""
        if slot_id == self._selected:
            return
        self._selected = slot_id
        self.dirty = True
        for view, row in zip(self._views, self._rows, strict=False):
            if slot_id is not None and slot_id in row.slots:
                self._scroll.ensureWidgetVisible(view, 0, GRID)

    def enlarge(self, slot_id: int, number: int) -> None:
        """Show one map of a block large."""
        if (slot_id, number) != self.chosen:
            self.enlarged.samples.forget()
        self.chosen = (slot_id, number)
        self.refresh()
        self.enlarged.grid.setFocus()

    def _forget_samples(self) -> None:
        """Forget which samples excite the map most: other samples are shown."""
        if "enlarged" in vars(self):
            self.enlarged.samples.forget()

    # --- building ----------------------------------------------------------------------------

    def _make_controls(self) -> None:
        tip = "Show the values before or after the activation"
        stage = QComboBox()
        self.stage = named(stage, "feature_maps.stage", "Which values to show", tip, small=True)
        self.stage.addItems(list(_STAGES))
        fixed = QCheckBox("fi&xed scale")
        self.fixed = named(fixed, "feature_maps.fixed", tip=_FIXED, small=True)

    def _arrange(self) -> None:
        self._list = in_column()
        self.waiting = WaitingRows()
        inside = QWidget()
        in_column((self._list, 1), self.waiting, 0, of=inside, gap=GRID)
        inside.setAccessibleName("Maps of the blocks")
        scroll = self._scroll = scrolling(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pages = QStackedWidget()
        self._pages.addWidget(scroll)
        # Below each other, so that the words of the image have room.
        choices = in_column(self.stage, self.fixed, gap=2)
        top = in_row((self.sample, 1), choices, gap=GRID)
        content = QWidget()
        in_column(top, (self._pages, 1), of=content, margins=(GRID, GRID // 2, GRID, GRID // 2))
        self._empty = EmptyState(content, _EMPTY)
        in_column(self._empty, of=self)

    # --- drawing -----------------------------------------------------------------------------

    def _show_sample(self, snapshot: Snapshot) -> None:
        self.sample.set_sample(
            snapshot.sample.image,
            image_title(snapshot.index, snapshot.class_name, snapshot.sample.part),
            self._said(snapshot),
        )
        self.sample.setToolTip(checkpoint_of(snapshot.position))

    def _said(self, snapshot: Snapshot) -> str:
        """Return what the network says of the sample, or why it says nothing."""
        if snapshot.largest is None:
            until = "yet" if self._report is None else until_it_predicts(self._report)
            return f"no prediction {until or 'yet'}"
        if snapshot.predicted is None:
            return NO_ANSWER_TEXT
        verdict = "" if snapshot.label in (None, snapshot.predicted) else ": wrong"
        return f"says {snapshot.predicted_name} ({output_text(snapshot.largest)}){verdict}"

    def _find_levels(self) -> None:
        """Let the scale of every block follow its values, unless it is fixed or given."""
        held = self._levels if self.fixed.isChecked() else {}
        self._levels = held | {
            row.slot: row.scale
            or held.get(row.slot)
            or (range_of(row.values) if row.values.ndim == 3 else range_with_zero(row.values))
            for row in self._rows
        }

    def _show_words(self, snapshot: Snapshot, waiting: tuple[str, str]) -> None:
        self._show_sample(snapshot)
        self.waiting.show_rows(*waiting)

    def _show_row(self, place: int) -> None:
        """Show what a block makes of the sample, if the row is still there."""
        if self.chosen is not None:  # since the drawing began: the views are of former rows
            return
        if place >= min(len(self._views), len(self._rows)):
            return
        view, row = self._views[place], self._rows[place]
        chosen = self._selected is not None and self._selected in row.slots
        view.set_title(f"{_MARK}{row.title}" if chosen else row.title)
        levels = self._levels[row.slot]
        if isinstance(view, Mosaic):
            view.set_maps(row.values, levels)
        else:
            view.set_values(row.values, levels, classes=row.classes, group=row.group)

    def _show_content(self) -> None:
        if self._enlarged_row() is None:
            self._pages.setCurrentIndex(0)
        self._empty.show_content()

    def _show_one(self) -> None:
        row = self._enlarged_row()
        if row is None or self.chosen is None:  # it was closed meanwhile
            return
        self.enlarged.show_map(row, self.chosen[1], self._levels[row.slot])
        self._pages.setCurrentWidget(self.enlarged)

    def _make_views(self) -> None:
        """Have a mosaic or bars for every row; those at the front that fit stay."""
        kinds = [Mosaic if row.values.ndim == 3 else VectorBars for row in self._rows]
        fitting = 0
        for view, kind in zip(self._views, kinds, strict=False):
            if type(view) is not kind:
                break
            fitting += 1
        while len(self._views) > fitting:
            view = self._views.pop()
            self._list.removeWidget(view)
            view.deleteLater()
        for place in range(fitting, len(kinds)):
            self._add_view(kinds[place](), place)

    def _add_view(self, view: Mosaic | VectorBars, place: int) -> None:
        self._views.append(view)
        if isinstance(view, Mosaic):
            view.tile_clicked.connect(partial(self._open, place))
            view.tile_activated.connect(partial(self._open, place))
        self._list.addWidget(view, _MAPS_SHARE if isinstance(view, Mosaic) else 1)

    # --- one map -----------------------------------------------------------------------------

    def _enlarged_row(self) -> FeatureRow | None:
        """Return the row of the enlarged map, if one is enlarged and still there."""
        if self.chosen is None:
            return None
        slot_id, number = self.chosen
        for row in self._rows:
            if row.slot == slot_id and row.values.ndim == 3 and number < len(row.values):
                return row
        return None

    def _open(self, place: int, number: int) -> None:
        self.enlarge(self._rows[place].slot, number)

    @Slot()
    def _close_map(self) -> None:
        self.chosen = None
        self.refresh()

    @Slot(int)
    def _turn(self, by: int) -> None:
        """Enlarge the next or the previous map, over all blocks."""
        maps = [
            (row.slot, number)
            for row in self._rows
            if row.values.ndim == 3
            for number in range(len(row.values))
        ]
        if self.chosen in maps:
            self.enlarge(*maps[(maps.index(self.chosen) + by) % len(maps)])

    @Slot()
    def _ask(self) -> None:
        """Search for the samples that excite the enlarged map most, with the weights as of now."""
        row, chosen = self._enlarged_row(), self.chosen
        samples, project = self._view.state.samples, self._view.project()
        found = self.enlarged.samples
        if row is None or chosen is None or not samples:
            return
        if row.position >= len(project.check().front().rows):
            return

        def done(told: tuple[list[Found], str]) -> None:
            if self.chosen == chosen and self._view.state.samples is samples:
                found.show_found(*told)

        found.show_busy()
        work = searching(project, samples, row.position, chosen[1])
        title = "Search for the images that excite the map"
        self._context.jobs.start(Job(title, work, done, found.forget))


def searching(
    project: Project, samples: Dataset, position: int, number: int
) -> Callable[[Callable[[float], None]], tuple[list[Found], str]]:
    """Return work that finds samples for a map of a block, and says of what they are the strongest.

    Beyond a Sigmoid or a Tanh many images have the same largest value, and no one is first: they
    are ranked by the values before it.
    """
    slots = project.stack.slots
    activated = position > 0 and slots[position].block.group == "Activation"
    ranked = position - activated

    def work(report: Callable[[float], None]) -> tuple[list[Found], str]:
        peaks = strongest(project.front(), samples, ranked, _COUNT, report)[number]
        before = ", before the activation" if activated else ""
        weights = f"weights {checkpoint_words(project)}" if project.weights else "initial weights"
        words = f"of {len(samples):,}{before}, with the {weights}"
        shapes = project.check()
        return [_found(shapes, samples, ranked, number, peak) for peak in peaks], words

    return work


def _found(report: ShapeReport, samples: Dataset, position: int, number: int, peak: Peak) -> Found:
    from engine.explain.provenance import receptive_fields  # not before it is asked for

    image = receptive_fields(report, position, (number, peak.row, peak.column))[0].window
    return Found(
        peak.sample,
        picture_at(samples.images, peak.sample),
        samples.class_names[samples.labels[peak.sample]],
        peak.value,
        (image.top, image.left, image.height, image.width),
    )
