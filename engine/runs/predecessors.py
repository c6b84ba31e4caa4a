"""Which run each of a list is compared with: the one that it continues, or the last one like it."""

from collections.abc import Hashable, Sequence

from engine.data.sources import name_of
from engine.runs.run_folder import Run, newest_first

_ABSENT = "a run that is not here"


def predecessors(runs: Sequence[Run], others: Sequence[Run] = ()) -> list[Run | None]:
    """Return for each of some runs the one to say its differences from, of them and of `others`.

    That is its parent, and None if that is not among them. Without a parent it is the last one that
    began before it of the same series, or else of the same project file, or else with the same data
    and classes; None if there is none: several programs train at the same time, each its own.
    """
    in_order = newest_first([*runs, *others])[::-1]
    by_id = {run.id: run for run in in_order}
    last: dict[Hashable, Run] = {}
    found: dict[Run, Run | None] = {}
    for run in in_order:
        likenesses = _likenesses(run)
        before = (last[each] for each in likenesses if each in last)
        found[run] = next(before, None) if run.parent is None else by_id.get(run.parent.run)
        last |= dict.fromkeys(likenesses, run)
    return [found[run] for run in runs]


def continues(run: Run, parent: Run | None) -> str:
    """Return in words which run another continues, and from where; empty if it continues none."""
    if run.parent is None:
        return ""
    return f"continues {_ABSENT if parent is None else parent.short_title} from {run.begun}"


def _likenesses(run: Run) -> list[Hashable]:
    """Return what a run shares with those that it may be compared with, what says most first.

    Networks that were never saved are of one project if they have the same data: there is no file
    to tell them apart.
    """
    about = run.description
    settings, names = about.project.settings, about.project.class_names
    data = "data", name_of(settings.dataset), settings.classes, names
    project = "project", about.file_name or data
    series = ("series", about.group, project)
    return [series, project, data] if about.group else [project, data]
