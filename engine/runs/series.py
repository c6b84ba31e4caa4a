"""Series: runs that differ in their seed or in one setting, trained one after the other.

Each begins with untrained weights and is, bit for bit, the run that Train gives with its settings
after a reset. Nothing here touches a network that is open elsewhere.
"""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from engine.data.dataset import Dataset
from engine.data.parts import Parts
from engine.data.reading import Report, unheard
from engine.data.sources import choose, read
from engine.errors import LayerscopeError, SettingsError, in_one_line
from engine.model.project import Project
from engine.model.settings import Settings
from engine.runs.recorder import RunRecorder
from engine.struct_fields import Field, field_of, fields_of
from engine.text import words
from engine.training.events import BatchDone, EpochDone, Exploded, Finished
from engine.training.run import Training
from engine.training.samples import DataKey, data_key, digest_of_data, names_to_keep, source_of

Value = int | float | bool | str

MOST_RUNS = 100
_GLANCE = 0.1  # s between two accounts of how far a series is
_NOT_TRIED = ("dataset", "classes", "seed")  # other data, another network, and what Repeat does
_FACTORS = (0.3, 1.0, 3.0)
_OF_COUNTS = (0.5, 1.0, 2.0)
_OF_SIZES = (0.25, 1.0, 4.0)  # where one step doubles
# Where 0 stands for off or for all, nothing is a multiple of it; shares end at 1.
_USUAL: dict[str, tuple[Value, ...]] = {
    "momentum": (0.0, 0.5, 0.9),
    "weight_decay": (0.0, 0.0001, 0.001),
    "limit": (0, 10, 100),
    "image_size": (0, 16, 32),
    "shift": (0.0, 1.0, 2.0),
    "rotate": (0.0, 5.0, 15.0),
    "zoom": (0.0, 5.0, 15.0),
    "noise": (0.0, 0.05, 0.1),
    "validation_split": (0.0, 10.0, 20.0),
    "early_stopping": (0, 3, 10),
    "target_accuracy": (0.0, 90.0, 99.0),
    "step_factor": (0.1, 0.5, 1.0),
}


@dataclass(frozen=True)
class Series:
    """What is trained: a project, once with each of some settings; `name` is that of all the runs.

    The project's own weights are not trained on.
    """

    project: Project
    settings: tuple[Settings, ...]
    name: str
    field: Field  # in which they differ, beside the seed

    def name_of(self, settings: Settings) -> str:
        """Return what tells a run from the others: `learning rate 0.03, seed 2`."""
        seed = f"seed {settings.seed}"
        if self.field.name == "seed":
            return seed
        told = in_words(self.field, getattr(settings, self.field.name))
        several = len({each.seed for each in self.settings}) > 1
        return f"{told}, {seed}" if several else told


@dataclass(frozen=True)
class SeriesProgress:
    """How far a series is: in which run, from 0, and which share of all the runs is done."""

    run: int
    fraction: float


@dataclass(frozen=True)
class RunEnded:
    """A run of a series has come to its end; `problem` says why it is not what was wanted."""

    run: int
    settings: Settings
    problem: str = ""


Keep = Callable[[Project, Training], RunRecorder]


def repeated(project: Project, runs: int) -> Series:
    """Return a series of a project with so many seeds, from its own upwards.

    Raises SettingsError if there are too many runs, or no seeds are left.
    """
    field = field_of(Settings, "seed")
    _require_few(runs)
    name = f"{words.count(runs, 'seed')} of the same"
    return Series(project, tuple(_with_seeds(project.settings, runs)), name, field)


def tried(project: Project, name: str, values: Sequence[Value], seeds: int = 1) -> Series:
    """Return a series of a project with each of some values of a setting, each with some seeds.

    Raises SettingsError if a value is outside its limits or named twice, there are too many runs,
    or the network does not fit one.
    """
    field = field_of(Settings, name)
    if len(set(values)) < len(values):
        raise SettingsError(f"{field.title}: a value is named twice.")
    if len(values) < 2:
        raise SettingsError(f"{field.title}: give at least two values to compare.")
    _require_few(len(values) * seeds)
    chosen: list[Settings] = []
    for value in values:
        settings = project.settings.with_changes(**{name: value})
        problem = replace(project, settings=settings).check().problem
        if problem is not None:
            raise SettingsError(f"{in_words(field, value)}: {problem.text}")
        chosen += _with_seeds(settings, seeds)
    return Series(project, tuple(chosen), f"{len(values)} values of {field.title.lower()}", field)


def in_words(field: Field, value: Value) -> str:
    """Return a value of a setting with its title: `learning rate 0.03`, `flip on`."""
    return f"{field.title.lower()} {field.in_words(value)}"


def train_series(
    series: Series,
    keep: Keep,
    *,
    report: Report = unheard,
    threads: int | None = None,
) -> Generator[SeriesProgress | RunEnded, None, None]:
    """Train the runs of a series one after the other; yield how far it is, and what ended.

    Not pulling is a pause. Closing the generator ends the run that is going on, as stopped; those
    before it stay. A run that fails is told of, and the next begins. `report` hears of the reading.
    """
    samples = _Samples(report)
    runs = len(series.settings)
    for number, settings in enumerate(series.settings):
        problem = ""
        try:
            with closing(_train(series.project, settings, samples, keep, threads)) as shares:
                for share in shares:
                    yield SeriesProgress(number, (number + share) / runs)
        except LayerscopeError as fault:
            problem = str(fault)
        yield RunEnded(number, settings, problem)


class _ExplodedError(LayerscopeError):
    """A run came to values that are not finite."""


def _train(
    project: Project, settings: Settings, samples: "_Samples", keep: Keep, threads: int | None
) -> Generator[float, None, None]:
    """Train one run; yield now and then which share of it is done.

    Raises LayerscopeError if it cannot begin, or ends in a fault.
    """
    train, test, digest = samples.of(settings)
    begun = Project(
        replace(project.stack, input_shape=train.input_shape),
        settings,
        scaling=train.scaling,
        data_digest=digest,
        class_names=names_to_keep(train),
    )
    training = Training(begun.check(), settings, train, test, threads=threads)
    with closing(training):
        keeper = keep(begun, training)
        try:
            yield from _pull(training, keeper)
        except GeneratorExit:  # it was closed
            keeper.end("stopped")
            raise
        except Exception as fault:
            known = isinstance(fault, LayerscopeError)
            keeper.end("failed", str(fault) if known else in_one_line(fault))
            raise


def _pull(training: Training, keeper: RunRecorder) -> Iterator[float]:
    due = 0.0  # s on the clock
    for event in training.run():
        if isinstance(event, EpochDone):
            keeper.after_epoch(event)
        elif isinstance(event, Exploded):
            raise _ExplodedError(event.fault)
        elif isinstance(event, Finished):
            keeper.end("finished", event.reason)
        now = time.perf_counter()
        if isinstance(event, BatchDone) and now >= due:
            due = now + _GLANCE
            yield training.position / training.last_epoch


class _Samples:
    """The samples of settings; what is read serves all settings that choose of it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._parts: tuple[object, Parts] | None = None
        self._chosen: tuple[DataKey, tuple[Dataset, Dataset, str]] | None = None

    def of(self, settings: Settings) -> tuple[Dataset, Dataset, str]:
        """Return the training and the test samples, and their fingerprint.

        Raises DataError if there is no such data.
        """
        key = data_key(settings)
        if self._chosen is None or self._chosen[0] != key:
            source = source_of(key)
            if self._parts is None or self._parts[0] != source:
                self._parts = source, read(*source, report=self._report)
            chosen = key.classes, key.limit, key.test_split, key.seed
            rest = key.scaling, key.copies, key.drawings, key.validation_split
            training, test = choose(self._parts[1], key.data, *chosen, *rest)
            self._chosen = key, (training, test, digest_of_data(key.data, training, test))
        return self._chosen[1]


def _with_seeds(settings: Settings, count: int) -> Iterator[Settings]:
    for more in range(count):
        yield settings.with_changes(seed=settings.seed + more)


def _require_few(runs: int) -> None:
    """Raise SettingsError for a series of too many runs."""
    if not 1 <= runs <= MOST_RUNS:
        raise SettingsError(f"A series has 1 to {MOST_RUNS} runs, not {runs}. Choose fewer.")


def fields_to_try() -> tuple[Field, ...]:
    """Return the settings of which several values can be tried with the same network and data."""
    return tuple(field for field in fields_of(Settings) if field.name not in _NOT_TRIED)


def suggested_values(settings: Settings, name: str) -> tuple[Value, ...]:
    """Return a few values of a setting, ascending, that in use among them.

    Of a choice they are all, in the order of the form.
    """
    field, now = field_of(Settings, name), getattr(settings, name)
    if field.kind == "choice":
        return field.choices
    if field.kind == "bool":
        return (False, True)
    usual = _USUAL.get(name)
    found = usual or [_multiple(field, now, factor) for factor in _factors(field)]
    return tuple(sorted({*found, now}))


def _factors(field: Field) -> tuple[float, ...]:
    if field.kind == "float":
        return _FACTORS
    return _OF_SIZES if field.scale == "log" else _OF_COUNTS


def _multiple(field: Field, now: float, factor: float) -> float:
    """Return a multiple with two digits, inside the limits; of 1 it is the value itself."""
    if factor == 1.0:
        return now
    value = float(f"{now * factor:.2g}")
    if field.kind == "int":
        value = round(value)
    if field.minimum is not None:
        value = max(value, type(value)(field.minimum))
    if field.maximum is not None:
        value = min(value, type(value)(field.maximum))
    return value
