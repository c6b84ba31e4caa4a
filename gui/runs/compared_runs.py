"""The runs that are compared, each with its colour and a name that no other one has."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.runs.repeats import has_own_images, one_of_each_seed, repeats, seed_of
from engine.runs.run_folder import Run

_SEED = re.compile("(,| ·) seed [0-9]+$")  # as a series names its runs


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """A run that is compared: `colour` as `#rrggbb`, of which others may have other shades."""

    run: Run
    colour: str
    shade: int
    name: str


@dataclass(frozen=True, eq=False)
class RunGroup:
    """Runs that have a mean together, or one by itself."""

    runs: tuple[ComparedRun, ...]

    @property
    def has_mean(self) -> bool:
        """Whether there are several runs."""
        return len(self.runs) > 1

    @property
    def name(self) -> str:
        """What the mean is called."""
        own = has_own_images([each.run for each in self.runs])
        tested = ", each tested on images of its own" if own else ""
        series = _SEED.sub("", self.runs[0].run.short_title)
        return f"{series}: mean of {len(self.runs)} seeds{tested}"


def compared(runs: Sequence[tuple[Run, str]]) -> tuple[ComparedRun, ...]:
    """Return runs, each given with its colour, as they are told apart.

    Of one colour, the runs of lower numbers are nearer to the colour itself, in whichever order
    they come.
    """
    names, before, shades = names_of([run for run, _ in runs]), Counter[str](), {}
    for run, colour in sorted(runs, key=lambda each: _number(each[0])):
        shades[run.key] = before[colour]
        before[colour] += 1
    return tuple(
        ComparedRun(run, colour, shades[run.key], name)
        for (run, colour), name in zip(runs, names, strict=True)
    )


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
        found.append(RunGroup(tuple(by_key[run.key] for run in chosen)))
        found += [RunGroup((by_key[run.key],)) for run in group if run not in chosen]
    return sorted(found, key=lambda group: places[group.runs[0].run.key])


def names_of(runs: Sequence[Run]) -> list[str]:
    """Return the short titles of runs; equal ones have their seed, too, or else a number."""
    seeds: dict[str, set[int]] = {}
    for run in runs:
        seeds.setdefault(run.short_title, set()).add(seed_of(run))
    names = [
        f"{run.short_title}, seed {seed_of(run)}"
        if len(seeds[run.short_title]) > 1
        else run.short_title
        for run in runs
    ]
    counts, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if counts[name] > 1 else name)
    return found


def _number(run: Run) -> tuple[int, str]:
    return run.description.number, run.key
