"""What changes of kept runs are called, to be undone: `Pin “Run 3”`."""

from collections.abc import Mapping, Sequence

from engine.runs.run_folder import Run
from engine.text.words import count


def run_words(runs: Sequence[Run]) -> str:
    """Name one run, or count several."""
    return f"“{runs[0].title}”" if len(runs) == 1 else count(len(runs), "run")


def edit_words(runs: Sequence[Run], changes: Mapping[str, object]) -> str:
    """Name an edit of some runs, as they were called before, by what is said of them now."""
    which = run_words(runs)
    match changes:
        case {"name": str(name)}:
            return f"Rename {which} to “{name}”" if name else f"Remove name of {which}"
        case {"pinned": pinned}:
            return f"{'Pin' if pinned else 'Unpin'} {which}"
        case _:
            return f"Change {' and '.join(changes)} of {which}"


def bookmark_words(run: Run, epoch: int, on: bool) -> str:
    """Name that an epoch of a run is bookmarked, or no longer."""
    what = f"epoch {run.age(epoch):,} of {run_words([run])}"
    return f"Bookmark {what}" if on else f"Remove bookmark of {what}"
