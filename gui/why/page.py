"""Page: one way to ask why: its controls, its pictures, and in words what these say."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHeaderView,
    QLabel,
    QSpinBox,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from engine.array_types import Array
from engine.errors import RunError
from engine.inspection.snapshot import Sample
from engine.model.network import Network
from engine.model.project import Project
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from gui.background.jobs import CancelledError, Job
from gui.background.latest_task import Report
from gui.theme import GRID, set_muted
from gui.why.pictures import PictureRow
from gui.widgets.buttons import text_button
from gui.widgets.labels import label_for, plain_label
from gui.widgets.layouts import FlowLayout, WrappingPage, in_column, in_row, named
from gui.widgets.tables import small_table
from gui.widgets.typesetting import EquationLabel
from gui.workspace.context import Context

NO_RUN = "No weights are kept yet: the first epoch of a training keeps them."
FIRST_TIP = "The same with the weights with which the run began (epoch 0)"
_CONTROLS = 19 * GRID  # px, of the column of controls
_WIDE = 56 * GRID  # px; from here on the controls stand beside the pictures
_BETWEEN = 0.06  # s from one picture of what goes on to the next
_SELDOM = 0.02  # s from one report of the progress to the next
_MOST_ROWS = 12  # of a table, before it scrolls


@dataclass(frozen=True)
class Words:
    """What a method computes, what that tells and what not, and who has described it."""

    equations: tuple[str, ...]
    tells: str
    tells_not: str
    source: str


@dataclass(frozen=True, eq=False)
class Question:
    """A network and an image, and which class is asked about: None is what the network answers.

    With `first`, the same is asked of the network as it was when its run began; `run` is that of a
    checkpoint, None if the network is the present one.
    """

    project: Project
    sample: Sample
    target: int | None
    first: bool = False
    run: Run | None = None

    def kept_run(self) -> Run:
        """Read the run that has kept the weights. Raises RunError if there is none."""
        if self.run is not None:
            return self.run
        if self.project.origin is None:
            raise RunError(NO_RUN)
        return RunStore().of_id(self.project.origin.run)


@dataclass(frozen=True, eq=False)
class Reply:
    """What a method has found for a question, and for the first weights, if that was asked.

    `scores` (classes,) are the class scores, `target` is the place of the class that was meant.
    """

    question: Question
    scores: Array
    target: int
    found: Any
    first: Any = None

    @property
    def class_name(self) -> str:
        """What the class is called."""
        return self.question.sample.class_names[self.target]


Again = Callable[[], object]  # has it asked again, for something else was chosen
Work = Callable[[Report], Any]
Explain = Callable[[Network, Array, int, Report], Any]  # of inputs (channels, h, w), for a class


class Page(WrappingPage):
    """Lays out what all pages have: controls, pictures, equation, two sentences, a source."""

    def __init__(self, words: Words, again: Again, context: Context) -> None:
        """Make a page with words alone; `again` has it asked what is chosen on it."""
        super().__init__()
        self._again, self.context, self.view = again, context, context.view
        self.answer: Reply | None = None  # the newest
        # Asks for the weights of epoch 0, too, where a page has put it among its controls.
        self.first = text_button("why.first", "Beside it: epoch 0", FIRST_TIP, spoken=FIRST_TIP)
        self.first.setCheckable(True)
        self._controls = QWidget()
        self._flow = FlowLayout(self._controls, gap=GRID, row_gap=GRID // 2)
        self.equation = EquationLabel("why.equation")
        self.equation.setWordWrap(True)
        self.tells, self.tells_not, self.source = (
            named(plain_label(wraps=True), f"why.{name}", small=True)
            for name in ("tells", "tells_not", "source")
        )
        set_muted(self.source)
        said = self.equation, self.tells, self.tells_not, self.source
        self._pictures = in_column(*said, 1, gap=GRID // 2)  # before the words come pictures
        self._sides = in_row(
            (self._controls, 0, Qt.AlignmentFlag.AlignTop), (self._pictures, 1), of=self, gap=GRID
        )
        self._sides.setContentsMargins(0, 0, GRID, 0)
        self._rows = 0
        self.show_words(words)

    def show_words(self, words: Words) -> None:
        """Say what is computed and what it tells."""
        self.equation.show_equations(*words.equations)
        self.tells.setText(f"It tells: {words.tells}")
        self.tells_not.setText(f"It does not tell: {words.tells_not}")
        self.source.setText(words.source)

    # --- what is on a page ---------------------------------------------------------------------

    def add(self, control: QWidget, label: str = "") -> None:
        """Put a control after the others, with a label before it."""
        if label:
            field, control = control, QWidget()
            in_row(label_for(field, label), field, of=control)
        self._flow.addWidget(control)

    def choice(
        self, name: str, label: str, tip: str, texts: Sequence[str], *, asks: bool = True
    ) -> QComboBox:
        """Put a box of texts; another choice asks again, unless it does not matter."""
        box = named(QComboBox(), name, tip, tip, small=True)
        box.addItems(list(texts))
        box.setMaximumWidth(13 * GRID)
        if asks:
            box.activated.connect(self._again)
        self.add(box, label)
        return box

    def number(self, name: str, label: str, tip: str) -> QSpinBox:
        """Put a whole number; another one asks again."""
        box = named(QSpinBox(), name, tip, tip, small=True)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(self._again)
        self.add(box, label)
        return box

    def row(self, *parts: QWidget, share: int = 1000) -> QWidget:
        """Put pictures side by side below the others, with their share of the height."""
        row = PictureRow(parts) if share else QWidget()
        in_row(*((part, 1) for part in parts), of=row, gap=GRID)
        self._pictures.insertWidget(self._rows, row, share)
        self._rows += 1
        return row

    def text(self, name: str) -> QLabel:
        """Put a text below the pictures."""
        label = named(plain_label(wraps=True), name, small=True)
        self.row(label, share=0)
        return label

    def table(self, name: str, spoken: str, columns: Sequence[str]) -> QTreeWidget:
        """Put a table whose first column takes the room that the others leave."""
        table = small_table(name, spoken)
        table.setHeaderLabels(list(columns))
        table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.row(table, share=0)
        return table

    # --- what each page says of itself ---------------------------------------------------------

    def offer(self, project: Project, sample: Sample) -> None:
        """Take what can be chosen of a network and an image."""

    def explanation(self, question: Question) -> Explain | None:
        """Return what finds an answer as it is chosen now; None: nothing is to be found."""
        return None

    def show_answer(self, answer: Reply) -> None:
        """Show what was found; long work is about that, too."""
        self.answer = answer
        for button in self.findChildren(WorkButton):
            button.setEnabled(True)

    def as_csv(self) -> bytes:
        """Write the numbers that are shown."""
        return b""

    def stop(self) -> None:
        """Stop what works or moves, for it is not seen any more."""
        for button in self.findChildren(WorkButton):
            button.stop()

    @property
    def is_wide(self) -> bool:
        """Whether the controls stand beside the pictures."""
        return self.width() >= _WIDE

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the controls beside the pictures, or above them where it is narrow."""
        wide, way = self.is_wide, QBoxLayout.Direction
        self._sides.setDirection(way.LeftToRight if wide else way.TopToBottom)
        self._controls.setMinimumWidth(_CONTROLS if wide else 0)
        self._controls.setMaximumWidth(_CONTROLS if wide else 16_777_215)
        super().resizeEvent(event)


def are_same(some: Sequence[object], others: Sequence[object]) -> bool:
    """Return whether each is the same object as its other, or an equal number."""
    return len(some) == len(others) and all(
        one is other or (isinstance(one, int) and one == other)
        for one, other in zip(some, others, strict=True)
    )


def fill_table(filled: QTreeWidget, rows: Sequence[Sequence[str]]) -> None:
    """Show rows in place of the former ones; the table is as high as they are."""
    filled.clear()
    for texts in rows:
        item = QTreeWidgetItem(list(texts))
        for column in range(1, len(texts)):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
        filled.addTopLevelItem(item)
    row = max(1, filled.sizeHintForRow(0))
    high = min(len(rows), _MOST_ROWS) * row
    filled.setFixedHeight(filled.header().sizeHint().height() + high + 4)


class WorkButton(QToolButton):
    """Begins long work beside the window, and ends it when it is clicked again.

    `begin` returns the work as it is wanted now, None if there is none; `done` gets its result.
    While it goes on, `live` is called as often as can be seen.
    """

    def __init__(
        self,
        name: str,
        text: str,
        title: str,
        context: Context,
        begin: Callable[[], Work | None],
        done: Callable[[Any], object],
        live: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__()
        named(self, name, text, title, small=True)
        self._text, self._title, self._context = text, title, context
        self._begin, self._done, self._live = begin, done, live
        self._shown_at = 0.0  # s on the clock
        self._stopped: threading.Event | None = None  # of the work that is under way
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setText(text)
        self.setEnabled(False)  # until the page has an answer
        self.clicked.connect(self._toggle)
        context.jobs.progressed.connect(self._progress)

    @property
    def working(self) -> bool:
        """Whether work is under way, or waits for its turn."""
        return self._stopped is not None

    def stop(self) -> None:
        """End the work that is under way; what it has shown stays."""
        if self._stopped is not None:
            self._stopped.set()
            self._settle()

    def start(self) -> None:
        """Begin the work that is wanted now, in place of what is under way."""
        self.stop()
        work = self._begin()
        if work is None:
            return
        self._stopped = stopped = threading.Event()
        self.setMinimumWidth(self.width())  # so that a second click is on it, too
        self.setText("Stop")

        def guarded(report: Report) -> Any:
            last = 0.0

            def asked(fraction: float) -> None:
                nonlocal last
                if stopped.is_set():
                    raise CancelledError
                now = time.perf_counter()
                if now - last > _SELDOM:  # a pass asks before each of its layers
                    last = now
                    report(fraction)

            asked(0.0)
            return work(asked)

        def done(result: Any) -> None:
            if not stopped.is_set():
                self._settle()
                self._done(result)

        def ended(problem: str) -> None:
            if not stopped.is_set():
                self._settle()
            if problem:
                self._context.messages.say("why", problem)

        self._context.jobs.start(Job(self._title, guarded, done, ended))

    def _settle(self) -> None:
        self._stopped = None
        self.setText(self._text)

    @Slot()
    def _toggle(self) -> None:
        if self.working:
            self.stop()
        else:
            self.start()

    @Slot()
    def _progress(self) -> None:
        now = time.perf_counter()
        if self.working and now - self._shown_at > _BETWEEN:
            self._shown_at = now
            self._live()
