"""State: what the window knows of its project, in one frozen value, and the store that keeps it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, MethodType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar
from weakref import WeakMethod, ref

import shiboken6
from PySide6.QtCore import QObject, QTimer, Slot

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.data.parts import Parts
from engine.data.sources import NAMES
from engine.inputs.scaling import Scaling
from engine.inspection.snapshot import Sample, SamplePart, Snapshot
from engine.model.project import CheckpointRef, Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.model.training_state import TrainingState
from engine.model.weights import WeightStore
from engine.training.samples import DataKey

if TYPE_CHECKING:
    from engine.inspection.unit_health import UnitHealth
    from engine.runs.run_folder import Run
    from engine.training.step_statistics import StepStatistics

T = TypeVar("T")
Phase = Literal["Ready", "Training", "Paused", "Stopped", "Finished", "Error"]
Mode = Literal["idle", "train", "batch", "epoch"]
Speed = Literal["slow", "fast", "full"]  # of a run: slow enough to watch every step, or not
Place = tuple[int | None, SamplePart]  # of a sample; None: it is a drawing, or there is none
_SIMPLE = (bool, int, float, str, frozenset, Path)


class Learned(NamedTuple):
    """What training has brought up to one moment: weights, epochs, and what it needs to go on.

    `stack` is the network that was trained; None: nothing was. `scaling` made the inputs that it
    learned from, `origin` is the kept run and the epoch of it that they are of, or go on from.
    `part` is the share of one more epoch that has led to the weights. `edited` has the kernels that
    were edited since then, as they were, by `KernelPlace`.
    """

    store: WeightStore
    epochs: int = 0
    state: TrainingState | None = None
    stack: Stack | None = None
    scaling: Scaling | None = None
    origin: CheckpointRef | None = None
    part: float = 0.0
    edited: Mapping[tuple[int, int, int], Array] = MappingProxyType({})

    @classmethod
    def of(cls, project: Project) -> "Learned":
        """Take what a project has learned."""
        store = WeightStore()
        store.put(project.weights)
        known = project.trained_epochs, project.state, project.stack, project.scaling
        return cls(store, *known, project.origin, project.trained_part)

    def arrays(self) -> Iterator[Array]:
        """Give every array: of the weights, and of what the optimizer remembers."""
        yield from self.store.arrays()
        if self.state is not None:
            yield from self.state.memories.values()


@dataclass(frozen=True, slots=True)
class DocumentState:
    """The open project: network, settings and what was learned, and what is selected of it.

    `learned` is another value whenever weights are others. `opened` counts the projects that were
    opened, `resets` how often weights came that training had not led to.
    """

    stack: Stack
    settings: Settings
    report: ShapeReport  # of the stack with these settings
    learned: Learned  # as it was left; an edit may have made some of it void
    selected: int | None = None  # id of a slot; with several, of the one that was chosen last
    selection: tuple[int, ...] = ()  # the ids of all selected slots, in the order of the stack
    path: Path | None = None  # that the project was read from or saved to
    modified: bool = False  # since it was opened or saved
    locked: bool = False  # training runs, so that stack and data must stay
    version: int = 0  # another number after each change of what a file holds
    opened: int = 0
    resets: int = 0

    @property
    def trained(self) -> bool:
        """Whether anything was learned."""
        return self.learned.epochs > 0 or not self.learned.store.is_empty()

    @property
    def changed_since_training(self) -> bool:
        """Whether something was learned, by another network than this one."""
        stack = self.learned.stack
        if stack is None or stack is self.stack or not self.trained:
            return False
        return not self.stack.is_same_network(stack)


@dataclass(frozen=True)
class RunProgress:
    """Where a run stands. Times are in seconds of training, pauses left out.

    What remains is None as long as too little was measured to tell.
    """

    epoch: int
    epochs: int
    fraction: float
    samples_per_second: float
    elapsed: float
    remaining: float | None


@dataclass(frozen=True, slots=True)
class RunState:
    """What the training does."""

    phase: Phase = "Ready"
    wanted: Mode = "idle"  # by the last click
    speed: Speed = "full"
    progress: RunProgress | None = None
    ended_early: str = ""  # why the last run that finished did so before its goal

    @property
    def active(self) -> bool:
        """Whether a run is going on or paused."""
        return self.phase in ("Training", "Paused")

    @property
    def busy(self) -> bool:
        """Whether a run takes all the time that it can get."""
        return self.phase == "Training" and self.speed == "full"


@dataclass(frozen=True)
class LoadedData:
    """The data that settings ask for, or why there is none.

    `key` says which settings, `digest` is the fingerprint of what is in the data. `parts` are all
    that was read, of which the samples were chosen; None if nothing could be read.
    """

    key: DataKey
    train: Dataset | None = None
    test: Dataset | None = None
    digest: str = ""
    problem: str = ""
    parts: Parts | None = None

    @property
    def unfit(self) -> bool:
        """Whether classes are chosen that the data lacks, so that the network is to be fitted."""
        if self.train is not None or self.parts is None or len(self.parts.classes) < 2:
            return False
        return not set(self.key.classes) <= set(self.parts.classes)

    @property
    def question(self) -> str:
        """Ask whether to fit the network to all classes of one's own data; empty if it is."""
        from engine.advice.data_fit import classes_question  # not needed at the start

        parts, chosen = self.parts, set(self.key.classes)
        more = parts is not None and self.key.data not in NAMES and chosen < set(parts.classes)
        return classes_question(self.key.data, parts) if parts and (self.unfit or more) else ""

    @property
    def scaling(self) -> Scaling | None:
        """What makes inputs of the images; None without data."""
        return None if self.train is None else self.train.scaling

    def scaled(self, scaling: Scaling | None) -> "LoadedData":
        """Return the same samples with another scaling; None leaves them as they are."""
        if scaling in (None, self.scaling) or self.train is None or self.test is None:
            return self
        return replace(self, train=self.train.scaled(scaling), test=self.test.scaled(scaling))


@dataclass(frozen=True, slots=True)
class DataState:
    """The data that is trained with, and the samples that are shown of the present network."""

    loaded: LoadedData | None = None
    loading: DataKey | None = None  # what is read to take its place
    samples: Dataset | None = None
    pinned: int | None = None  # of the samples; None: something else, or nothing
    sample: Sample | None = None  # that is pinned, as far as it is known

    @property
    def place(self) -> Place:
        """The place of what is pinned."""
        if self.pinned is not None:
            return self.pinned, "test"
        return _place_of(None if self.samples is None else self.sample)


@dataclass(frozen=True, eq=False)
class Predictions:
    """The network's outputs (n, classes) for the samples that the window shows.

    `position` is the time in epochs that they are of, None if it is not known. Those of the samples
    in view may be newer: then `watched_position` is theirs.
    """

    samples: Dataset
    outputs: Array
    position: float | None = 0.0
    watched_position: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest results of looking into one network.

    `kernels` are those of the snapshot, or of one of an empty image where there is no sample.
    `steps` are (position in epochs, what the step told), as many as came at a time; None: none has
    come, empty: the step of a checkpoint ends in numbers that are not finite.
    """

    snapshot: Snapshot | None = None
    kernels: Snapshot | None = None
    predictions: Predictions | None = None
    steps: "list[tuple[float, StepStatistics]] | None" = None
    health: "UnitHealth | None" = None


@dataclass(frozen=True, eq=False)
class ShownCheckpoint:
    """A kept run, one of its kept epochs (0 is its start), and the network as it was then.

    `epoch` counts from the start of the run; what is shown to users is the `age` of the network.
    """

    run: "Run"
    epoch: int
    project: Project

    @property
    def age(self) -> int:
        """For how many epochs the network was trained in all."""
        return self.project.trained_epochs

    @property
    def when(self) -> str:
        """How far the network was trained, in words: `epoch 12`."""
        if self.project.trained_part:
            return f"within epoch {self.age + 1:,}"
        return f"epoch {self.age:,}" if self.age else "before the first epoch"

    @cached_property
    def report(self) -> ShapeReport:
        """What the shape check says of the network."""
        return self.project.check()


@dataclass(frozen=True, eq=False)
class CheckpointData:
    """The samples of a checkpoint, as its network takes them.

    `shown` are the test samples that the panels show; `is_present` says that they are those that
    the window shows now, `stands_in` that they do so in the place of its own, which are not here.
    Without any, `problem` says why in a sentence; `reading` that they are on their way.
    """

    train: Dataset | None = None
    test: Dataset | None = None
    shown: Dataset | None = None
    is_present: bool = False
    stands_in: bool = False
    problem: str = ""
    reading: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a checkpoint of a kept run, in the place of the present network."""

    checkpoint: ShownCheckpoint
    data: CheckpointData
    sample: Sample | None  # that is pinned there
    selected: int | None = None  # id of a slot; a checkpoint has a selection of its own
    seen: Seen = field(default_factory=Seen)

    @property
    def place(self) -> Place:
        """The place of what is pinned."""
        return _place_of(None if self.data.shown is None else self.sample)


def _place_of(sample: Sample | None) -> Place:
    return (None, "test") if sample is None or sample.index is None else (sample.index, sample.part)


@dataclass(frozen=True, slots=True)
class State:
    """All of it. It is replaced and never changed; the window's thread alone writes it.

    `now` is what was seen of the present network, `look` None as long as that is looked at. What
    panels show is what the properties say: of the network that is looked at.
    """

    document: DocumentState
    run: RunState = field(default_factory=RunState)
    data: DataState = field(default_factory=DataState)
    now: Seen = field(default_factory=Seen)
    look: Look | None = None
    wished: "tuple[Run, int] | None" = None  # the run, and the epoch of it, to look at
    listed_runs: "tuple[Run, ...]" = ()  # as they were read last

    @property
    def checkpoint(self) -> ShownCheckpoint | None:
        """The checkpoint that is looked at; None: the present network is."""
        return None if self.look is None else self.look.checkpoint

    @property
    def listed_run(self) -> "Run | None":
        """The run of that checkpoint as it was listed last; None: it is not in the list."""
        key = None if self.checkpoint is None else self.checkpoint.run.key
        return next((run for run in self.listed_runs if run.key == key), None)

    @property
    def seen(self) -> Seen:
        """The newest results of looking into it."""
        return self.now if self.look is None else self.look.seen

    @property
    def stack(self) -> Stack:
        """Its blocks, in order."""
        return self.document.stack if self.look is None else self.look.checkpoint.project.stack

    @property
    def settings(self) -> Settings:
        """The settings that it is trained by."""
        of = self.document if self.look is None else self.look.checkpoint.project
        return of.settings

    @property
    def report(self) -> ShapeReport:
        """What the shape check says of it."""
        return self.document.report if self.look is None else self.look.checkpoint.report

    @property
    def selected(self) -> int | None:
        """The id of the selected slot; with several, of the one that was chosen last."""
        return self.document.selected if self.look is None else self.look.selected

    @property
    def selection(self) -> tuple[int, ...]:
        """The ids of all selected slots, in the order of the stack."""
        if self.look is None:
            return self.document.selection
        return () if self.look.selected is None else (self.look.selected,)

    @property
    def trains(self) -> bool:
        """Whether its weights change all the time."""
        return self.look is None and self.run.phase == "Training"

    @property
    def changed_since_training(self) -> bool:
        """Whether something was learned by another network than this one, which does not train."""
        return self.look is None and self.document.changed_since_training and not self.trains

    @property
    def samples(self) -> Dataset | None:
        """The samples that are shown; None: there are none."""
        return self.data.samples if self.look is None else self.look.data.shown

    @property
    def problem(self) -> str:
        """Why a checkpoint has no samples; empty in the present, where settings choose them."""
        return "" if self.look is None else self.look.data.problem

    @property
    def sees_nothing(self) -> bool:
        """Whether there is nothing to look at; `problem` may say why.

        While data is read, there is what was before.
        """
        loaded = self.data.loaded if self.look is None else None
        missing = self.look is not None or (loaded is not None and loaded.test is None)
        return self.seen.snapshot is None and self.samples is None and missing

    @property
    def is_elsewhere(self) -> bool:
        """Whether the samples are others than those of the present."""
        return self.look is not None and not self.look.data.is_present

    @property
    def place(self) -> Place:
        """The place of what is pinned, and in which part of the data that is."""
        return self.data.place if self.look is None else self.look.place

    @property
    def pinned(self) -> int | None:
        """The one of the samples that is pinned; None: something else is, or nothing."""
        place, part = self.place
        return place if part == "test" else None

    @property
    def pinned_sample(self) -> Sample | None:
        """What is pinned, as far as it is known."""
        return self.data.sample if self.look is None else self.look.sample


@dataclass(eq=False)
class _Watcher:
    """One that is told when what it selects of the state is another value."""

    select: Callable[[State], Any]
    value: Any  # that it was told of last
    tell: Callable[[], Callable[..., object] | None]  # None: the object of the method is gone
    owner: "ref[QObject]"
    takes: bool  # the value

    def notice(self, state: State) -> bool:
        """Tell of another value; return whether anyone is there to be told."""
        tell, owner = self.tell(), self.owner()
        if tell is None or owner is None or not shiboken6.isValid(owner):
            return False
        before, self.value = self.value, self.select(state)
        if not _is_same(before, self.value):
            try:
                tell(self.value) if self.takes else tell()
            except Exception:  # of one that is told: the others have to be told, too
                sys.excepthook(*sys.exc_info())
        return True


def _is_same(one: object, other: object) -> bool:
    """Return whether two values are one object, are equal simple ones, or tuples of such."""
    if isinstance(one, tuple) and isinstance(other, tuple) and type(one) is type(other) is tuple:
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one is other or (isinstance(one, _SIMPLE) and one == other)


class Store(QObject):
    """Keeps the newest state, and tells those who watch a part of it.

    They are told once in a turn of the event loop, each if what it selects is another value by
    then: so each sees the whole of a change, and it does not matter who is told first. That goes on
    until the object whose method is called, or the `owner` of what is no method, is gone.
    """

    def __init__(self, state: State, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self._watchers: list[_Watcher] = []
        self._stale = False  # some were not told of the newest state
        self._held = False  # until all of a change is made
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.flush)

    def update(self, *, at_once: bool = False, **parts: Any) -> None:
        """Replace parts of the state; who watches is told in the next turn, or at once."""
        self.state, self._stale = replace(self.state, **parts), True
        if at_once:
            self.flush()
        else:
            self._timer.start(0)

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """Tell of all changes within together, at their end."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self.flush()

    def watch(
        self,
        select: Callable[[State], object],
        react: Callable[[], object],
        owner: QObject | None = None,
    ) -> None:
        """Call `react` whenever what `select` returns is another value."""
        self._add(select, react, owner, takes=False)

    def show(
        self,
        select: Callable[[State], T],
        take: Callable[[T], object],
    ) -> None:
        """Give what `select` returns to `take`: now, and whenever it is another value."""
        take(self._add(select, take, None, takes=True))

    def _add(
        self,
        select: Callable[[State], T],
        tell: Callable[..., object],
        owner: QObject | None,
        *,
        takes: bool,
    ) -> T:
        value, whose = select(self.state), getattr(tell, "__self__", None)
        owner = owner or (whose if isinstance(whose, QObject) else self)
        # A method keeps no object alive that nothing else does.
        held = WeakMethod(tell) if isinstance(tell, MethodType) else lambda: tell
        self._watchers.append(_Watcher(select, value, held, ref(owner), takes))
        return value

    @Slot()
    def flush(self) -> None:
        """Tell who watches, before the next thing is done."""
        while self._stale and not self._held:  # who is told may update the state
            self._stale = False
            gone = [each for each in tuple(self._watchers) if not each.notice(self.state)]
            if gone:
                self._watchers = [each for each in self._watchers if each not in gone]
