"""The classes of the data: which are chosen, how many samples each has, and the values of all."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.inspection.data_summary import DataSummary
from gui.theme import GRID, colours_of, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.class_list import ClassList
from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.problem_label import ProblemLabel

if TYPE_CHECKING:
    from gui.widgets.histogram import HistogramView

FEWEST = 2  # classes that a network can tell apart
_TOO_FEW = "Choose at least two classes."
_PLOT_HEIGHT = 15 * GRID
_LOW = 20 * GRID  # px of the page below which the legend has none; the tooltips say it
_TALL = 46 * GRID  # px of the page from which the histogram has room


class ClassesPage(QWidget):
    """The list of classes with what ticks many at once, and a histogram below it.

    `chosen` carries the numbers of the classes that a person has ticked, `class_wanted` that of
    one whose images are to be shown.
    """

    chosen = Signal(object)
    class_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes of the data")
        self._summary: DataSummary | None = None
        self._augmented = False
        self.list = ClassList()
        self.all = text_button("data.all", "All", "Choose all classes", takes_focus=True)
        self.none = text_button(
            "data.none", "None", "Choose no class, to tick some then", takes_focus=True
        )
        self._legend = QLabel()
        self._legend.setObjectName("data.legend")
        self._too_few = ProblemLabel()
        self._too_few.setObjectName("data.too_few")
        self._title = FixedLabel(ElidedLabel())
        self._title.label.setObjectName("data.values.title")
        set_muted(self._title)
        self._arrange()
        self.list.classes.ticked.connect(self._on_tick)
        self.list.class_activated.connect(self.class_wanted)
        self.all.clicked.connect(lambda: self._tick(self._numbers()))
        self.none.clicked.connect(lambda: self._tick(()))

    @cached_property
    def values(self) -> "HistogramView":
        """The histogram, made when it is first needed."""
        from gui.widgets.histogram import HistogramView  # brings pyqtgraph

        made = HistogramView("values that the network gets")
        made.setFixedHeight(_PLOT_HEIGHT)
        made.setObjectName("data.values")
        self._place.addWidget(made)
        return made

    def set_chosen(self, classes: Sequence[int]) -> None:
        """Tick the classes of some numbers."""
        self._too_few.say("")
        self.list.classes.set_chosen(classes)

    def set_locked(self, reason: str) -> None:
        """Let no class be ticked and say why, or allow it."""
        self.list.classes.locked = bool(reason)
        for widget in (self.all, self.none):
            widget.setEnabled(not reason)
        self.list.setToolTip(reason)

    def show_summary(self, summary: DataSummary | None) -> None:
        """Show the classes of some data."""
        self._summary = summary
        classes = () if summary is None else summary.classes
        self.list.classes.set_classes(classes)
        self._write_legend()

    def show_values(self, summary: DataSummary | None) -> None:
        """Show how often which values occur."""
        self._show_plot()
        values = None if summary is None else summary.values
        self.values.show_histogram(values, QColor(colours_of(self.palette()).train))
        self._say_values()

    def set_augmented(self, augmented: bool) -> None:
        """Say that the values are those before augmentation, or that there is none."""
        self._augmented = augmented
        if self._summary is not None:
            self._say_values()

    def _say_values(self) -> None:
        before = ", before augmentation" if self._augmented else ""
        self._title.label.setText(f"{self.values.sentence()}{before}")

    def resizeEvent(self, event: object) -> None:
        """Leave a low page's room to the list."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._show_plot()
        self._legend.setVisible(self.height() >= _LOW)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write_legend()

    def _show_plot(self) -> None:
        for widget in (self._title, self._plot):
            widget.setVisible(self.height() >= _TALL)

    def _numbers(self) -> tuple[int, ...]:
        return tuple(one.number for one in self.list.classes.classes)

    def _tick(self, numbers: Sequence[int]) -> None:
        self.list.classes.set_chosen(numbers)
        self._on_tick()

    def _on_tick(self) -> None:
        """Take what is ticked, as soon as a network can tell it apart."""
        chosen = tuple(sorted(self.list.classes.chosen & set(self._numbers())))
        enough = len(chosen) >= FEWEST
        self._too_few.say("" if enough else _TOO_FEW)
        if enough:
            self.chosen.emit(chosen)

    def _write_legend(self) -> None:
        colours = colours_of(self.palette())
        words = (("training", colours.train), ("test", colours.test), ("not used", colours.border))
        squares = [f'<span style="color:{colour}">■</span> {word}' for word, colour in words]
        self._legend.setText("&nbsp; ".join(squares))

    def _arrange(self) -> None:
        tools = QWidget()
        flow = FlowLayout(tools, gap=GRID // 2, row_gap=GRID // 4)
        for part in (self.all, self.none, self._legend):
            flow.addWidget(part)
        self._legend.setFont(small_font())
        self._plot = QWidget()
        self._place = QHBoxLayout(self._plot)
        self._place.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(tools)
        column.addWidget(self._too_few)
        column.addWidget(self.list, 1)
        column.addWidget(self._title)
        column.addWidget(self._plot)
