"""MomentStatistics: unit health and the next training step of moments of kept runs."""

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.array_types import quiet_overflow
from engine.errors import TrainingError
from engine.inspection.unit_health import check_health, health_samples
from engine.training.run import observe_next_step
from gui.background.latest_task import LatestTask, Report, overtaken
from gui.background.mailbox import Statistics
from gui.background.moment_reading import OpenedMoment

_KINDS = ("health", "steps")  # in this order


class MomentStatistics(QObject):
    """Works out what is wanted of the newest moment, in a thread of its own.

    What was begun of a moment is finished before the newest has its turn: where moments follow
    each other faster than this takes, as those of a fast run that is followed, nothing would ever
    come otherwise. Only what is of another run is given up.
    """

    health_checked = Signal(object)  # UnitHealth
    step_observed = Signal(object)  # (position of the moment, StepStatistics); None: it explodes
    failed = Signal(str)
    ended = Signal()  # there is nothing more to do

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task = LatestTask(self)
        self._newest: OpenedMoment | None = None
        self._due: set[str] = set()  # of the newest
        self._begun: OpenedMoment | None = None
        self._left: list[str] = []  # of the one that was begun
        self._wanted: Statistics = frozenset()

    @property
    def busy(self) -> bool:
        """Whether something is being worked out."""
        return self._task.busy

    def show(self, opened: OpenedMoment) -> None:
        """Take a newer moment."""
        begun = self._begun
        if begun is not None and (
            begun.moment.run.key != opened.moment.run.key or opened.data.test is None
        ):
            self.leave()
        self._newest, self._due = opened, set(_KINDS)
        self._go_on()

    def leave(self) -> None:
        """Work out nothing more of any moment."""
        self._newest = self._begun = None
        self._left = []
        self._task.give_up()

    def want(self, wanted: Statistics) -> None:
        """Take from now on what is wanted, because it is seen; that is worked out anew."""
        self._due |= wanted - self._wanted
        self._wanted = wanted
        self._go_on()

    def _go_on(self) -> None:
        if self._task.busy:
            return
        if not self._left:
            self._begin_newest()
        if not self._left or self._begun is None:
            self._begun = None
            return
        what = self._left.pop(0)
        work = partial(_observe if what == "steps" else _check, self._begun)
        self._task.begin(work, partial(self._on_found, what), failed=self._on_failure)

    def _begin_newest(self) -> None:
        newest, wanted = self._newest, self._due & self._wanted
        if newest is not None and newest.data.test is not None:
            self._begun, self._left = newest, [kind for kind in _KINDS if kind in wanted]
            self._due -= wanted

    def _on_found(self, what: str, found: Any) -> None:
        (self.health_checked if what == "health" else self.step_observed).emit(found)
        self._go_on_or_end()

    def _on_failure(self, problem: str) -> None:
        """Say what went wrong; what failed would fail again."""
        self._left = []
        self._due.clear()
        self.failed.emit(problem)
        self._go_on_or_end()

    def _go_on_or_end(self) -> None:
        self._go_on()
        if not self.busy:
            self.ended.emit()


def _observe(opened: OpenedMoment, report: Report) -> Any:
    data, over = opened.data, overtaken(report)
    assert data.train is not None
    assert data.test is not None
    project = opened.moment.project
    try:
        with quiet_overflow():
            found = observe_next_step(project, data.train, data.test, over)
    except TrainingError:  # what it makes of an image is not finite already
        found = None
    report(1.0)
    return None if found is None else (project.position, found[1])


def _check(opened: OpenedMoment, _report: Report) -> Any:
    assert opened.data.test is not None
    with quiet_overflow():
        inputs = health_samples(opened.data.test, opened.network)
        return check_health(opened.network, inputs, opened.moment.project.position)
