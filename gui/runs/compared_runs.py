"""The runs that are compared, each with its colour and names that no other one has."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.names import listed
from engine.runs.repeats import (
    has_own_images,
    one_of_each_seed,
    repeats,
    seed_of,
    seeds_trained_again,
)
from engine.runs.run_folder import Run

_SEED = re.compile("(,| ·) seed [0-9]+$")  # as a series names its runs
_BETWEEN = " · "  # parts of a name


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """A run that is compared: `colour` as `#rrggbb`, of which others may have other shades.

    `name` tells it from the others, as does `brief`, without what all of them have in common.
    """

    run: Run
    colour: str
    shade: int
    name: str
    brief: str


@dataclass(frozen=True, eq=False)
class RunGroup:
    """Runs that have a mean together, or one by itself.

    Of the seeds `again` there are other runs, which the mean leaves out.
    """

    runs: tuple[ComparedRun, ...]
    again: tuple[int, ...] = ()

    @property
    def has_mean(self) -> bool:
        """Whether there are several runs."""
        return len(self.runs) > 1

    @property
    def first(self) -> ComparedRun:
        """The run of the lowest number, whose colour the mean has."""
        return min(self.runs, key=lambda each: _number(each.run))


def compared(runs: Sequence[tuple[Run, str]]) -> tuple[ComparedRun, ...]:
    """Return runs, each given with its colour, as they are told apart."""
    names = names_of([run for run, _ in runs])
    titles = [run.short_title for run, _ in runs]
    short = [
        title if titles.count(title) == 1 else name
        for title, name in zip(titles, names, strict=True)
    ]
    briefs = _without_common(short if len(set(short)) == len(short) else names)
    shades = _shades(runs)
    return tuple(
        ComparedRun(run, colour, shade, name, brief)
        for (run, colour), shade, name, brief in zip(runs, shades, names, briefs, strict=True)
    )


def _shades(runs: Sequence[tuple[Run, str]]) -> list[int]:
    """Return a shade for each run, other ones where colours are the same.

    The runs of lower numbers are nearer to the colour itself, in whichever order they come.
    """
    before, found = Counter[str](), [0] * len(runs)
    for place in sorted(range(len(runs)), key=lambda place: _number(runs[place][0])):
        colour = runs[place][1]
        found[place] = before[colour]
        before[colour] += 1
    return found


def _without_common(names: Sequence[str]) -> list[str]:
    """Leave out the first part of names, up to a dot between words, if all of them have it."""
    parts = [name.partition(_BETWEEN) for name in names]
    is_common = len(names) > 1 and len({first for first, _, _ in parts}) == 1
    return [rest for *_, rest in parts] if is_common and all(p[2] for p in parts) else list(names)


def groups_of(runs: Sequence[ComparedRun]) -> list[RunGroup]:
    """Sort runs into those that have a mean together, in the order of the first of each.

    They differ in their seed alone, and each has another one. One that ended, or is, before half
    the epochs of the longest is by itself: it would cut the mean short.
    """
    by_key = {each.run.key: each for each in runs}
    places = {each.run.key: place for place, each in enumerate(runs)}
    found: list[RunGroup] = []
    for group in repeats([each.run for each in runs]):
        half = max(run.epochs for run in group) / 2
        chosen = [run for run in one_of_each_seed(group) if run.epochs >= half]
        again = set(seeds_trained_again(group)) & set(map(seed_of, chosen))
        found.append(RunGroup(tuple(by_key[run.key] for run in chosen), tuple(sorted(again))))
        found += [RunGroup((by_key[run.key],)) for run in group if run not in chosen]
    return sorted(found, key=lambda group: places[group.runs[0].run.key])


def mean_name(group: RunGroup) -> str:
    """Return what the mean of repeated runs is called."""
    runs = [each.run for each in group.runs]
    tested = ", each tested on images of its own" if has_own_images(runs) else ""
    return f"{common_title(runs)}: {of_seeds(group)}{tested}"


def of_seeds(group: RunGroup) -> str:
    """Say of how many seeds a mean is, and which were trained more than once."""
    again = listed([str(seed) for seed in group.again])
    once = f" (seed {again} counts once)" if len(group.again) == 1 else ""
    once = f" (seeds {again} count once)" if len(group.again) > 1 else once
    return f"mean of {len(group.runs)} seeds{once}"


def mean_label(group: RunGroup) -> str:
    """Return what their mean is called in few words, beside its curve."""
    briefs = {_SEED.sub("", each.brief) for each in group.runs}
    return briefs.pop() if len(briefs) == 1 else common_title([each.run for each in group.runs])


def common_title(runs: Sequence[Run]) -> str:
    """Return what the titles of repeated runs have in common, without their seeds."""
    titles = {_SEED.sub("", run.title) for run in runs}
    return titles.pop() if len(titles) == 1 else runs[0].title


def names_of(runs: Sequence[Run]) -> list[str]:
    """Return the titles of runs; those with the same one also have their seed, or when they began.

    What is still the same is numbered.
    """
    names = [run.title for run in runs]
    names = _told_apart(names, [f"seed {seed_of(run)}" for run in runs])
    names = _told_apart(names, [_began(run) for run in runs])
    counts, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if counts[name] > 1 else name)
    return found


def _told_apart(names: list[str], more: list[str]) -> list[str]:
    """Add something to the names that are the same where it is not."""
    said: dict[str, set[str]] = {}
    for name, text in zip(names, more, strict=True):
        said.setdefault(name, set()).add(text)
    counts = Counter(names)
    return [
        f"{name}, {text}" if text and counts[name] > 1 and len(said[name]) > 1 else name
        for name, text in zip(names, more, strict=True)
    ]


def _number(run: Run) -> tuple[int, str]:
    return run.description.number, run.key


def _began(run: Run) -> str:
    return "" if run.started is None else run.started.strftime("%d %b, %H:%M:%S")
