"""DeletedRuns: the runs that were deleted, and can be restored until their room is needed."""

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import RunError
from engine.files.atomic import aside_name
from engine.runs.file_reading import entries_of
from engine.runs.run_folder import Run, only_called, read_run

_FOLDER = ".deleted"
_NAMED = 3  # runs that a sentence names all


@dataclass(frozen=True)
class Deleted:
    """A run that was deleted: where it lay, and where it waits to be restored."""

    id: str
    folder: Path
    kept_in: Path


class DeletedRuns:
    """Those of a folder of runs, in a folder in it that several programs may use at a time."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self.folder = runs / _FOLDER

    def runs(self) -> tuple[Run, ...]:
        """Read those that can be restored, the last deleted first."""
        found = []
        for entry in entries_of(self.folder):
            with contextlib.suppress(OSError, RunError):  # restored or emptied meanwhile
                if not entry.name.startswith("."):
                    deleted_at = entry.stat(follow_symlinks=False).st_mtime_ns
                    found.append((deleted_at, read_run(Path(entry.path))))
        return tuple(run for _, run in sorted(found, key=lambda each: each[0], reverse=True))

    def find(self, word: str | None) -> Deleted:
        """Find the run of an id, of the beginning of one, or of a name; None: the last deleted.

        Raises RunError if there is none, or if several have that name or ids that begin so.
        """
        runs = self.runs()
        named = [run for run in runs if run.id == word]
        found = next(iter(named if word is not None else runs), None)
        if found is None and word is not None:
            found = only_called(runs, word)
        if found is None:
            which = "run" if word is None else f"run {word!r}"
            raise RunError(
                f"There is no deleted {which} that could be restored. `main.py runs list "
                "--deleted` says which there are."
            )
        return Deleted(found.id, self._runs / found.id, found.folder)

    def put(self, folder: Path) -> Deleted:
        """Put the folder of a run away. Raises OSError if that is not possible."""
        self.folder.mkdir(exist_ok=True)
        kept_in = self.folder / folder.name
        while os.path.lexists(kept_in):
            kept_in = kept_in.with_name(f"{kept_in.name}-again")
        os.rename(folder, kept_in)
        os.utime(kept_in)  # when it was deleted
        return Deleted(folder.name, folder, kept_in)

    def restore(self, deleted: Deleted) -> Run:
        """Bring a run back. Raises RunError if it is gone, or cannot be moved."""
        try:
            if os.path.lexists(deleted.folder):
                raise FileExistsError(0, "there is another of that id")
            os.rename(deleted.kept_in, deleted.folder)
        except OSError as error:
            raise RunError(f"The run {deleted.id} is not restored: {error.strerror}.") from error
        return read_run(deleted.folder)

    def empty(self) -> None:
        """Remove for good what was deleted."""
        for entry in list(entries_of(self.folder)):
            with contextlib.suppress(OSError):
                aside = self.folder / aside_name()
                os.rename(entry.path, aside)  # nobody shall restore a half of it
                shutil.rmtree(aside, ignore_errors=True)


def eviction_text(runs: Sequence[Run]) -> str:
    """Say which runs were deleted for the quota, and what keeps others."""
    names = [f"“{run.short_title}”" for run in runs]
    if len(names) > _NAMED:
        names = [names[0], f"{len(names) - 1:,} more"]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    were = "were" if names[1:] else "was"
    return f"{listed} {were} deleted to make room for newer runs. Pin runs that are to stay."
