"""DrawPresenter: the panel to draw in, what it is told, and the drawings that are trained on."""

from collections.abc import Callable, Sequence
from functools import cached_property

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QListView,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from engine.array_types import Shape
from engine.errors import SettingsError
from engine.inputs.drawings import Drawing, fits
from gui.document.document import LOCKED_REASON
from gui.draw.panel import DrawPanel
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.empty_state import none_until, until_it_predicts, when_there_is_data
from gui.widgets.labels import plain_label, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.pictures import image_of
from gui.widgets.sample_names import short_name
from gui.workspace.context import Context, Presenter

NO_DATA = when_there_is_data("What the network says of the drawing")
_EMPTY = "Draw something first, or load a picture."
_NO_SAMPLES = "There is no data whose classes it could be one of."
_OTHER_DATA = "This run has other images. Go back to now to train with a drawing."
_OTHER_INK = (
    "This network was trained with images in other colours than this drawing has.\n"
    "Go back to now to go on drawing."
)


_SIDE = 6 * GRID  # px of a drawing
_NOT_USED = "not trained on: {reason}"


class OwnDrawings(QDialog):
    """Shows each drawing with its class; `take_away` is given the places of those to be removed."""

    def __init__(self, take_away: Callable[[Sequence[int]], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._take_away = take_away
        self.setObjectName("own_drawings")
        self.setWindowTitle("Your own drawings")
        self.words = named(plain_label(wraps=True), "own_drawings.words")
        self.list = named(QListWidget(), "own_drawings.list", "Your own drawings")
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setIconSize(QSize(_SIDE, _SIDE))
        self.list.setGridSize(QSize(11 * GRID, _SIDE + 4 * GRID))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.remove = text_button("own_drawings.remove", "Remove", small=False, takes_focus=True)
        close = text_button("own_drawings.close", "Close", small=False, takes_focus=True)
        hint = plain_label("Undo (Ctrl+Z in the window) brings removed ones back.", muted=True)
        buttons = in_row((hint, 1), self.remove, close, gap=GRID)
        column = in_column(self.words, (self.list, 1), buttons, gap=GRID)
        self.setLayout(column)
        self.resize(60 * GRID, 44 * GRID)
        self._obstacle = ""
        self.remove.clicked.connect(self._remove)
        close.clicked.connect(self.close)
        self.list.itemSelectionChanged.connect(self._allow)
        QShortcut(QKeySequence.StandardKey.Delete, self.list, self._remove)
        self._allow()

    def show_drawings(
        self, drawings: Sequence[Drawing], classes: Sequence[str], images: Shape
    ) -> None:
        """List drawings; those that do not go with the classes and images say so."""
        self.list.clear()
        used = 0
        for drawing in drawings:
            reason = _why_not(drawing, classes, images)
            used += not reason
            image = image_of(drawing.image).scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio)
            item = QListWidgetItem(QPixmap.fromImage(image), "")
            item.setText(("✗ " if reason else "") + short_name(drawing.class_name))
            tip = drawing.class_name + (f", {_NOT_USED.format(reason=reason)}" if reason else "")
            item.setToolTip(plain_tooltip(tip))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, tip)
            self.list.addItem(item)
        rest = len(drawings) - used
        self.words.setText(
            f"{used:,} {'drawing is' if used == 1 else 'drawings are'} among the training samples, "
            "beyond the limit per class."
            + (
                f" {rest:,} marked ✗ {'is' if rest == 1 else 'are'} not: see why by pointing at it."
                if rest
                else ""
            )
        )
        self._allow()

    def set_obstacle(self, reason: str) -> None:
        """Say why nothing can be removed; empty: it can."""
        self._obstacle = reason
        self._allow()

    @Slot()
    def _allow(self) -> None:
        chosen = bool(self.list.selectedItems())
        reason = self._obstacle or ("" if chosen else "Select drawings first.")
        self.remove.setEnabled(not reason)
        self.remove.setToolTip(plain_tooltip(reason or "Remove the selected drawings (Del)"))

    @Slot()
    def _remove(self) -> None:
        if self.remove.isEnabled():
            self._take_away(sorted(self.list.row(item) for item in self.list.selectedItems()))


def _why_not(drawing: Drawing, classes: Sequence[str], images: Shape) -> str:
    if drawing.class_name not in classes:
        return "its class is not among those that are trained on"
    return "" if fits(drawing, images) else "the images are oblong, and of another size"


class DrawPresenter(Presenter):
    """Makes the panel, has its drawing pinned, and tells it what the network says of that.

    Once the canvas is empty, the sample that was pinned before the drawing is pinned again.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._before = self._view.state.pinned or 0
        self.panel = DrawPanel(self._messages)
        store = self._view.store
        store.watch(lambda s: (s.samples, s.problem), self._on_samples)
        store.watch(lambda s: (s.report, s.checkpoint), self._tell_obstacle)
        store.watch(lambda s: s.document.settings, self._tell_drawings)
        store.watch(lambda s: s.document.locked, self._allow)
        store.watch(lambda s: s.place, self._on_pinned)
        store.watch(lambda s: s.seen.snapshot, self._on_snapshot)
        self.panel.drawn.connect(self._view.pin_drawing)
        self.panel.emptied.connect(self._pin_before)
        self.panel.canvas.history_changed.connect(self._allow)
        self.panel.adding.wanted.connect(self._add)
        self.panel.adding.show_all.clicked.connect(self._show_list)
        self._on_samples()

    def _on_samples(self) -> None:
        samples = self._view.state.samples
        if samples is not None and self._suits(samples.input_shape):
            self.panel.set_samples(samples)
            if not self._view.state.is_elsewhere:
                self.panel.adding.set_classes(samples.class_names)
        self._tell_obstacle()
        self._tell_drawings()

    def _on_pinned(self) -> None:
        place, pinned = self._view.state.place, self._view.state.pinned
        self.panel.set_pinned(*place)
        self._before = self._before if pinned is None else pinned

    def _on_snapshot(self) -> None:
        snapshot = self._view.state.seen.snapshot
        if snapshot is not None:
            self.panel.show_snapshot(snapshot)

    @Slot()
    def _pin_before(self) -> None:
        self._view.pin(self._before)

    def _tell_obstacle(self) -> None:
        obstacle = NO_DATA if self._view.state.samples is None else ""
        if self._view.state.checkpoint is not None:  # its network is there without any data
            obstacle = "" if self._suits(self._view.state.stack.input_shape) else _OTHER_INK
        until = until_it_predicts(self._view.state.report)
        self.panel.set_obstacle(none_until("prediction", until) if until else obstacle)

    def _suits(self, shape: Shape) -> bool:
        """Return whether what is drawn can be made such an image: ink is grey or in colour.

        For a moment of a run, what was drawn is not given up.
        """
        return self._view.state.checkpoint is None or (shape[0] > 1) == self.panel.coloured

    # --- drawings that are trained on --------------------------------------------------------

    @Slot(str)
    def _add(self, class_name: str) -> None:
        """Train with the drawing too, and make room for the next."""
        try:
            self._edits.add_drawing(Drawing.of(self.panel.image(), class_name))
        except SettingsError as error:
            self.panel.pictures.refuse(str(error))
        else:
            self.panel.canvas.clear()

    @cached_property
    def drawings(self) -> OwnDrawings:
        """The window that lists them, made when it is first wanted."""
        return OwnDrawings(self._edits.remove_drawings, self.panel.window())

    @Slot()
    def _show_list(self) -> None:
        window = self.drawings
        self._tell_drawings()
        window.show()
        window.raise_()
        window.activateWindow()

    def _tell_drawings(self) -> None:
        drawings, samples = self._document.settings.drawings, self._view.state.samples
        self.panel.adding.set_count(len(drawings))
        if "drawings" in vars(self) and not self._view.state.is_elsewhere:
            names = samples.class_names if samples is not None else ()
            self.drawings.show_drawings(drawings, names, self._document.stack.input_shape)
        self._allow()

    @Slot()
    def _allow(self) -> None:
        locked = LOCKED_REASON if self._document.locked else ""
        reason = _EMPTY if self.panel.canvas.is_empty() else ""
        if self._view.state.samples is None:
            reason = _NO_SAMPLES
        if self._view.state.is_elsewhere:
            reason = _OTHER_DATA
        self.panel.adding.set_obstacle(locked or reason)
        if "drawings" in vars(self):
            self.drawings.set_obstacle(locked)
