"""RedrawScheduler: decides when a panel is drawn again, and SyncedPanels: draws some together."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

Part = Callable[[], object]
_PERIOD = 0.04  # s; no panel is drawn more often
_NEXT = 5  # ms; between two panels that wait, and at most between two parts of one
_BUSY_SHARE = 0.02  # of the time that all panels together may take while training
_IDLE_SHARE = 0.50
_HURRIED_SHARE = 0.15  # of it for one panel, if a person asks for more and more
_MOST_WAIT = 1.25  # s; none of a few panels waits longer
_FEW = 5  # of more, each may wait longer, for a person looks at one at a time
_LATELY = 2.5  # s; a panel drawn since then takes part in the sharing, and none waits longer
_COSTS = 3  # that are remembered of a panel


class Panel(Protocol):
    """What the scheduler asks of a panel."""

    @property
    def dirty(self) -> bool:
        """Whether it holds something that is not drawn yet."""
        ...

    def refresh(self) -> None:
        """Draw the newest values and be clean."""
        ...

    def isVisible(self) -> bool:
        """Whether it can be seen."""
        ...


@runtime_checkable
class InParts(Protocol):
    """A panel that can be drawn bit by bit, so that the window answers in between."""

    def parts(self) -> Sequence[Part]:
        """Be clean, and return what draws the newest values, first what is said in words."""
        ...


class SyncedPanels(QObject):
    """Panels that speak of the same thing: those that can be seen are drawn one after the other.

    No news comes between, and what they say in words is drawn at once, so they do not contradict
    each other.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._panels: list[Panel] = []

    def add(self, panel: Panel) -> None:
        """Draw another panel with the rest."""
        self._panels.append(panel)

    @property
    def dirty(self) -> bool:
        """Whether one that can be seen holds something that is not drawn yet."""
        return any(panel.dirty and panel.isVisible() for panel in self._panels)

    @Slot()
    def refresh(self) -> None:
        """Draw those that are dirty and can be seen, at once."""
        for draw in self.parts():
            draw()

    def parts(self) -> list[Part]:
        """Return what draws those that are dirty and can be seen."""
        wanted = [panel for panel in self._panels if panel.dirty and panel.isVisible()]
        parts = [list(_parts(panel)) for panel in wanted]

        def say() -> None:
            for first, *_ in parts:
                first()

        return [say, *(part for _, *rest in parts for part in rest)]

    def isVisible(self) -> bool:
        """Whether one of them can be seen."""
        return any(panel.isVisible() for panel in self._panels)


@dataclass
class _Turn:
    panel: Panel
    costs: deque[float] = field(default_factory=lambda: deque(maxlen=_COSTS))  # s
    drawn: float = -_LATELY  # s on the clock
    due: float = 0.0  # s on the clock

    @property
    def cost(self) -> float:
        """The least of the last costs: the others had something else done meanwhile."""
        return min(self.costs, default=0.0)

    @property
    def soonest(self) -> float:
        """When it may be drawn again if somebody waits for it, in s on the clock."""
        return self.drawn + max(_PERIOD, self.cost / _HURRIED_SHARE)


@dataclass
class _Drawing:
    """A turn that is being drawn, part by part."""

    turn: _Turn
    started: float  # s on the clock
    rest: deque[Part]
    cost: float = 0.0  # s, of the parts that are done


class RedrawScheduler(QObject):
    """Draw dirty, visible panels in turn, at most a part of one per turn of the event loop.

    All that are drawn lately have equal shares of the time that there is for drawing, so one that
    costs more is drawn more rarely. The cost of a part is the time until the event loop is idle
    again, so it includes the painting. Hidden panels cost nothing and are drawn when they are seen
    again.
    """

    partially_drawn_changed = Signal(bool)  # whether a panel is drawn in part

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: list[_Turn] = []
        self._share = _IDLE_SHARE
        self._drawing: _Drawing | None = None
        self._part_began = self._hurried = 0.0  # s on the clock
        self._timer = QTimer(self)
        self._timer.setInterval(int(_PERIOD * 1000))
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._settle)
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._draw_part)

    def add(self, panel: Panel) -> None:
        """Look after a panel."""
        self._turns.append(_Turn(panel))

    def set_busy(self, busy: bool) -> None:
        """Leave most of the time to the training, or not: what came last in it is drawn soon."""
        share = _BUSY_SHARE if busy else _IDLE_SHARE
        if share > self._share:
            self.prioritise()
        self._share = share

    def prioritise(self) -> None:
        """Draw what is dirty as soon as may be: it is what a person has just asked for.

        If that goes on and on, as where a slider is dragged, some of it is passed over.
        """
        self._hurried = time.perf_counter()
        for turn in self._turns:
            turn.due = min(turn.due, turn.soonest)
        self._timer.start(_NEXT)

    @Slot()
    def _tick(self) -> None:
        """Begin with the first panel whose turn it is, and send it to the end of the line."""
        if self._drawing is not None:
            return
        started = time.perf_counter()
        turn = self._waiting(started)
        if turn is None:
            self._timer.setInterval(int(_PERIOD * 1000))
            return
        self._turns.remove(turn)
        self._turns.append(turn)
        turn.due = started + _PERIOD  # should drawing fail, it is not tried again at once
        self._drawing = _Drawing(turn, started, deque(_parts(turn.panel)))
        if len(self._drawing.rest) > 1:
            self.partially_drawn_changed.emit(True)
        self._draw_part()

    @Slot()
    def _draw_part(self) -> None:
        drawing = self._drawing
        if drawing is None:
            return
        self._part_began = time.perf_counter()
        self._idle.start(0)  # fires when what the part posted has been painted
        if drawing.rest:
            drawing.rest.popleft()()

    @Slot()
    def _settle(self) -> None:
        """Measure what the last part cost; have the next one drawn, or say when a turn is due."""
        drawing = self._drawing
        if drawing is None:
            return
        now = time.perf_counter()
        took = now - self._part_began
        drawing.cost += took
        if drawing.rest:
            # As long is left to all else; a thread that works on and on has to wait for others.
            self._next.start(min(round(took * 1000), _NEXT))
            return
        self._drawing, turn = None, drawing.turn
        self.partially_drawn_changed.emit(False)
        turn.costs.append(drawing.cost)
        turn.drawn = now
        sharing = sum(now - other.drawn < _LATELY for other in self._turns)
        most = min(_MOST_WAIT * max(1.0, sharing / _FEW), _LATELY)
        wait = min(max(_PERIOD, turn.cost * sharing / self._share), most)
        turn.due = drawing.started + wait
        if self._hurried > drawing.started:  # somebody waits for what is newer than this drawing
            turn.due = min(turn.due, turn.soonest)
        waits = self._waiting(now) is not None
        self._timer.setInterval(_NEXT if waits else int(_PERIOD * 1000))

    def _waiting(self, now: float) -> _Turn | None:
        waiting = (turn for turn in self._turns if turn.due <= now and turn.panel.dirty)
        return next((turn for turn in waiting if turn.panel.isVisible()), None)


def _parts(panel: Panel) -> Sequence[Part]:
    return panel.parts() if isinstance(panel, InParts) else [panel.refresh]
