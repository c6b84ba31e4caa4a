"""DrawPresenter: the panel to draw in, what it is told, and the drawings that are trained on."""

from functools import cached_property

from PySide6.QtCore import QObject, Slot

from engine.array_types import Shape
from engine.data.dataset import Dataset
from engine.errors import SettingsError
from engine.inputs.drawings import Drawing
from gui.background.view import View
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.panels.draw import DrawPanel
from gui.panels.own_drawings import OwnDrawings
from gui.presenters.predictions import PredictionsPresenter
from gui.widgets.empty_reasons import none_until, until_it_predicts, when_there_is_data

NO_DATA = when_there_is_data("What the network says of the drawing")
_EMPTY = "Draw something first, or load a picture."
_NO_SAMPLES = "There is no data whose classes it could be one of."
_OTHER_DATA = "This run has other images. Go back to now to train with a drawing."
_OTHER_INK = (
    "This network was trained with images in other colours than this drawing has.\n"
    "Go back to now to go on drawing."
)


class DrawPresenter(QObject):
    """Makes the panel, has its drawing pinned, and tells it what the network says of that.

    Once the canvas is empty, the sample that was pinned before the drawing is pinned again.
    """

    def __init__(
        self,
        document: Document,
        edits: Edits,
        view: View,
        predictions: PredictionsPresenter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._edits = document, edits
        self._view, self._predictions = view, predictions
        self._before = view.pinned or 0
        self.panel = DrawPanel()
        view.report_changed.connect(self._tell_obstacle)
        document.settings_changed.connect(self._tell_drawings)
        document.project_replaced.connect(self._tell_drawings)
        document.locked_changed.connect(self._allow)
        view.snapshot_taken.connect(self.panel.show_snapshot)
        view.samples_changed.connect(self._on_samples)
        view.moment_changed.connect(self._tell_obstacle)
        predictions.pinned.connect(self.panel.set_pinned)
        predictions.pinned.connect(self._note)
        predictions.other_pinned.connect(self.panel.set_pinned)
        self.panel.drawn.connect(predictions.pin_drawing)
        self.panel.emptied.connect(self._pin_before)
        self.panel.canvas.history_changed.connect(self._allow)
        self.panel.adding.wanted.connect(self._add)
        self.panel.adding.list_wanted.connect(self._show_list)
        self._on_samples(view.samples)

    @Slot(object)
    def _on_samples(self, samples: Dataset | None) -> None:
        if samples is not None and self._suits(samples.input_shape):
            self.panel.set_samples(samples)
            if not self._view.is_elsewhere:
                self.panel.adding.set_classes(samples.class_names)
        self._tell_obstacle()
        self._tell_drawings()

    @Slot(object)
    def _note(self, sample: int | None) -> None:
        if sample is not None:
            self._before = sample

    @Slot()
    def _pin_before(self) -> None:
        self._predictions.pin(self._before)

    @Slot()
    def _tell_obstacle(self) -> None:
        obstacle = NO_DATA if self._view.samples is None else ""
        if self._view.moment is not None:  # its network is there without any data
            obstacle = "" if self._suits(self._view.stack.input_shape) else _OTHER_INK
        until = until_it_predicts(self._view.report)
        self.panel.set_obstacle(none_until("prediction", until) if until else obstacle)

    def _suits(self, shape: Shape) -> bool:
        """Return whether what is drawn can be made such an image: ink is grey or in colour.

        For a moment of a run, what was drawn is not given up.
        """
        return self._view.moment is None or (shape[0] > 1) == self.panel.coloured

    # --- drawings that are trained on --------------------------------------------------------

    @Slot(str)
    def _add(self, class_name: str) -> None:
        """Train with the drawing too, and make room for the next."""
        try:
            self._edits.add_drawing(Drawing.of(self.panel.image(), class_name))
        except SettingsError as error:
            self.panel.refused.emit(str(error))
        else:
            self.panel.canvas.clear()

    @cached_property
    def drawings(self) -> OwnDrawings:
        """The window that lists them, made when it is first wanted."""
        made = OwnDrawings(self.panel.window())
        made.removed.connect(self._edits.remove_drawings)
        return made

    @Slot()
    def _show_list(self) -> None:
        window = self.drawings
        self._tell_drawings()
        window.show()
        window.raise_()
        window.activateWindow()

    @Slot()
    def _tell_drawings(self) -> None:
        drawings, samples = self._document.settings.drawings, self._view.samples
        self.panel.adding.set_count(len(drawings))
        if "drawings" in vars(self) and not self._view.is_elsewhere:
            names = samples.class_names if samples is not None else ()
            self.drawings.show_drawings(drawings, names, self._document.stack.input_shape)
        self._allow()

    @Slot()
    def _allow(self) -> None:
        locked = LOCKED_REASON if self._document.locked else ""
        reason = _EMPTY if self.panel.canvas.is_empty() else ""
        if self._view.samples is None:
            reason = _NO_SAMPLES
        if self._view.is_elsewhere:
            reason = _OTHER_DATA
        self.panel.adding.set_obstacle(locked or reason)
        if "drawings" in vars(self):
            self.drawings.set_obstacle(locked)
