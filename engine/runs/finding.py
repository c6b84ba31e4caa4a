"""Which of some runs a word means."""

from collections.abc import Sequence

from engine.errors import RunError
from engine.runs.run_folder import Run
from engine.text.letters import one_line
from engine.text.words import count

_LISTED = 10  # ids in a sentence


def only_called(runs: Sequence[Run], word: str) -> Run | None:
    """Return the only run that a word means by its title, else its short one, else as a begun id.

    None if it means none.

    Raises RunError if it means several.
    """
    called_so = [run for run in runs if one_line(word) == run.title]
    numbered_so = [run for run in runs if one_line(word) == run.short_title]
    begin_so = [run for run in runs if word and run.id.startswith(word)]
    for found, how in (
        (called_so, "are called"),
        (numbered_so, "are called"),
        (begin_so, "begin with"),
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = _listed([run.id for run in found])
            raise RunError(f"{count(len(found), 'run')} {how} {word}: {ids}. Give the id of one.")
    return None


def _listed(ids: Sequence[str]) -> str:
    """Write ids, the first few of many."""
    more = len(ids) - _LISTED
    return f"{', '.join(ids[:_LISTED])}{f' and {more:,} more' if more > 0 else ''}"
