"""PinnedPane: what is pinned, and a bar for every output."""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.array_types import Array
from engine.inspection.snapshot import SamplePart, Snapshot
from engine.model.network import NO_ANSWER, answers
from gui.theme import GRID, set_muted
from gui.widgets.class_outputs import LEGEND
from gui.widgets.number_words import confidence
from gui.widgets.pictures import Bytes
from gui.widgets.sample_card import SampleCard
from gui.widgets.sample_names import image_name, one_of

if TYPE_CHECKING:
    from gui.widgets.output_bars import OutputBars


class PinnedPane(QWidget):
    """What is pinned, and a bar for every output.

    It is drawn in one turn with all that speaks of what is pinned: then `turn_came` is emitted.
    """

    turn_came = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dirty = False
        self.sample = SampleCard()
        self.legend = QLabel(LEGEND)
        set_muted(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.sample)
        self._place = QVBoxLayout()
        column.addLayout(self._place, 1)
        column.addWidget(self.legend)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the legend and then the card, where all would not fit: the bars stay."""
        super().resizeEvent(event)
        bars = 3 * self.fontMetrics().height() + GRID // 2  # three rows
        rest = self.height() - bars - self.sample.sizeHint().height()
        self.sample.setVisible(rest >= 0)
        self.legend.setVisible(rest >= self.legend.sizeHint().height() + GRID // 2)

    @cached_property
    def bars(self) -> "OutputBars":
        """The bars, made when they are first needed or in an idle moment."""
        from gui.widgets.output_bars import OutputBars  # brings pyqtgraph

        made = OutputBars()
        self._place.addWidget(made)
        return made

    def refresh(self) -> None:
        """Have the newest snapshot drawn."""
        self.dirty = False
        self.turn_came.emit()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show a snapshot of a sample or a drawing."""
        self.show_sample(
            snapshot.index,
            snapshot.sample.image,
            snapshot.class_name,
            snapshot.outputs,
            snapshot.class_names,
            snapshot.sample.part,
        )

    def show_sample(
        self,
        sample: int | None,
        picture: Bytes,
        true: str | None,
        outputs: Array | None,
        classes: tuple[str, ...],
        part: SamplePart = "test",
    ) -> None:
        """Show a picture (channels, h, w), its true class and its outputs, if they are known."""
        class_ = "" if true is None else one_of(true)
        said, sure = "no answer", ""
        place = NO_ANSWER if outputs is None else int(answers(outputs))
        if outputs is not None and place == NO_ANSWER:
            sure = "outputs not finite"
        elif outputs is not None:
            predicted = classes[place]
            said = f"{'' if true in (None, predicted) else '✗ '}says {predicted}"
            sure = f"{confidence(float(outputs.max()))} sure"
        self.sample.set_sample(picture, image_name(sample, part), class_, said, sure)
        self.bars.set_outputs(outputs, classes, true)
