"""RunStore: the runs of this machine, a folder each: they are listed, found, changed, deleted."""

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.data.names import listed
from engine.errors import RunError
from engine.files.atomic import aside_name, in_words, sweep, write_atomically
from engine.files.network_form import DRAWINGS, Count
from engine.machine.file_lock import FileLock, is_locked
from engine.paths import home, read_preferences
from engine.runs.checkpoint_files import WEIGHTS
from engine.runs.file_reading import (
    Stamp,
    entries_of,
    faults_in_words,
    is_settled,
    read_as,
    read_in,
    stamp_of,
)
from engine.runs.run_folder import (
    DESCRIPTION,
    DESCRIPTION_BYTES,
    INTERRUPTED,
    METRICS,
    RECORDING,
    TRAINING,
    Run,
    is_run_folder,
    newest_first,
    read_run,
)
from engine.runs.run_form import LONGEST_TEXT, RunForm
from engine.text.letters import encodable, one_line
from engine.text.words import count, joined
from engine.version import PROGRAM

EDITABLE = frozenset({"name", "note", "pinned", "bookmarks"})

_CHANGING = (DESCRIPTION, METRICS, WEIGHTS, DRAWINGS)  # what of a run may be written later
_EDITING = ".editing"
_PATIENCE = 5.0  # s for another program that is changing the same description
_ABANDONED = 3600.0  # s, for a lock that another machine holds may not be seen from here
_MOST_TRIES = 1_000  # for a name that is not taken
_DELETED = ".deleted"  # the folder of runs that wait to be restored
_LISTED = 10  # ids in a sentence
_NAMED = 3  # runs that a sentence names all
_evicting = threading.Lock()  # else two count the same excess, and delete twice as much


@dataclass(frozen=True, eq=False)
class _Known:
    """A run that was read, and when its files had been written; `settled` if long before that."""

    run: Run
    stamp: Stamp
    settled: bool


class _Numbered(msgspec.Struct):
    """As much of a description as says the number of a run."""

    number: Count = 0


@dataclass(frozen=True)
class Deleted:
    """A run that was deleted: where it lay, and where it waits to be restored."""

    id: str
    folder: Path
    kept_in: Path


class DeletedRuns:
    """The deleted runs of a folder of runs, until their room is needed; several programs use it."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self.folder = runs / _DELETED

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
            _remove(Path(entry.path))  # nobody shall restore a half of it


class RunStore:
    """The folder of the runs of this machine. Several programs may use it at the same time.

    `damaged` says of each that could not be read when the runs were read last why. A folder that is
    as it was then is not read again.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path(os.path.abspath(home() / "runs" if folder is None else folder))
        self.deleted = DeletedRuns(self.folder)
        self.damaged: tuple[str, ...] = ()
        self._known: dict[Path, _Known] = {}

    def runs(self) -> tuple[Run, ...]:
        """Read all runs, newest first. Folders that are damaged are in `damaged` afterwards."""
        found, damaged = dict[Path, _Known](), []
        for folder in _run_folders(self.folder):
            try:
                found[folder] = self._read(folder)
            except RunError as fault:
                if is_run_folder(folder):  # else it was deleted meanwhile
                    damaged.append(str(fault))
        self.damaged, self._known = tuple(damaged), found
        return newest_first(found[folder].run for folder in sorted(found, reverse=True))

    def _read(self, folder: Path) -> "_Known":
        """Read a run, if anything of it was written since, or may have been."""
        stamp = stamp_of(folder, _CHANGING)
        known = self._known.get(folder)
        if known is not None and known.settled and known.stamp == stamp:
            return known
        settled = is_settled(stamp)
        run = read_run(folder)
        return _Known(run, stamp, settled and run.description.state != TRAINING)

    def of_id(self, run_id: str) -> Run:
        """Read the run of an id, by which a file of others may name any path: it is not looked at.

        Raises RunError if there is none.
        """
        if not _is_name(run_id):
            raise RunError(f"There is no run {run_id!r}: an id is the name of a folder, no path.")
        return read_run(self.folder / run_id)

    def find(self, word: str) -> Run:
        """Read the run of an id or its beginning, of a name or number, or in a folder of that path.

        Raises RunError if there is none, or if several have that name or ids that begin so.
        """
        if _is_name(word) and is_run_folder(self.folder / word):
            return read_run(self.folder / word)
        with contextlib.suppress(ValueError):  # a NUL in the path
            path = Path(os.path.abspath(os.path.expanduser(word)))  # whose name is the run's id
            if word and is_run_folder(path):
                return read_run(path)
        found = only_called(self.runs(), word)
        if found is not None:
            return found
        self.require_readable()
        raise RunError(
            f"There is no run {word!r}. Give its id, as `{PROGRAM} runs list` says it, its name, "
            "its number, as in 'Run 7', or the path of its folder."
        )

    def require_readable(self) -> None:
        """Raise RunError if there may be runs that cannot be listed."""
        try:
            os.scandir(self.folder).close()
        except FileNotFoundError:
            return
        except OSError as error:
            raise RunError(
                f"{self.folder}, where the runs are, cannot be read: {error.strerror}. Check its "
                "rights and its disk."
            ) from error

    def is_beginning(self, run_id: str) -> bool:
        """Return whether a run has its folder, but nothing in it yet that could be read."""
        folder = self.folder / run_id
        return _is_name(run_id) and os.path.isdir(folder) and not is_run_folder(folder)

    def new_folder(self, wished_id: str) -> Path:
        """Make the folder of a new run, of an id that no run has: the wished one, or numbered.

        Raises RunError if that is not possible.
        """
        wished = self.folder / wished_id
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for number in range(1, _MOST_TRIES):
                folder = wished if number == 1 else wished.with_name(f"{wished_id}-{number}")
                if os.path.lexists(self.deleted.folder / folder.name):
                    continue  # it could not be restored beside another
                with contextlib.suppress(FileExistsError):
                    folder.mkdir()
                    return folder
        except OSError as error:
            raise RunError(in_words(error, wished)) from error
        raise RunError(f"{wished} and many more exist already. Try again.")

    def edit(self, run: Run, **changes: object) -> Run:
        """Change what a user says of a run: name, note, pinned, bookmarks.

        Raises RunError if it is no run of this folder, a text is too long, or it cannot be written.
        """
        if strange := changes.keys() - EDITABLE:
            raise ValueError(f"{sorted(strange)} are not for users to change")
        self._require_own(run, "Change")
        texts = {key: encodable(said) for key, said in changes.items() if isinstance(said, str)}
        if any(len(text) > LONGEST_TEXT for text in texts.values()):
            raise RunError(
                f"The run {run.title} was not changed: a name or a note has at most "
                f"{LONGEST_TEXT:,} letters. Shorten it."
            )
        change_description(run.folder, **changes | texts)
        return read_run(run.folder)

    def delete(self, run: Run) -> Deleted:
        """Put a run away; until it is emptied it can be restored.

        Raises RunError if it is being recorded, is no run of this folder, or cannot be moved.
        """
        self._require_own(run, "Delete")
        if is_locked(run.folder / RECORDING):
            raise RunError(
                f"The run {run.title} is being recorded. Stop its training, then delete."
            )
        try:
            return self.deleted.put(run.folder)
        except OSError as error:
            raise RunError(
                f"The run {run.title} was not deleted: {error.strerror}. Close what uses "
                f"{run.folder}, and see whether it may be written."
            ) from error

    def next_number(self) -> int:
        """Return the number that the next run gets: one more than the largest.

        Those that were deleted and can be restored count, too.
        """
        numbers = [0]
        for folder in (*_run_folders(self.folder), *_run_folders(self.deleted.folder)):
            with contextlib.suppress(RunError):
                numbered = read_as(folder, DESCRIPTION, DESCRIPTION_BYTES, _Numbered)
                numbers.append(numbered.number)
        return 1 + max(numbers)

    def enforce_quota(self) -> dict[Run, Deleted]:
        """Delete the oldest runs until the others take no more than the quota; return those.

        Runs that are pinned or being recorded stay. If all take too much, what was deleted before
        is removed for good.
        """
        evicted: dict[Run, Deleted] = {}
        with _evicting:
            most = read_preferences().runs_megabytes * 1_000_000
            if self.total_bytes() > most:
                self.deleted.empty()
                excess = self.total_bytes() - bytes_of(self.deleted.folder) - most
                for run in filter(lambda run: not run.pinned, reversed(self.runs())):
                    if excess <= 0:
                        break
                    with contextlib.suppress(RunError):
                        size = bytes_of(run.folder)
                        evicted[run] = self.delete(run)
                        excess -= size
        return evicted

    def remove_empty_runs(self) -> None:
        """Remove runs that were killed before their first epoch was done."""
        sweep(self.folder)
        for entry in entries_of(self.folder):
            folder = Path(entry.path)
            if not entry.name.startswith(".") and _is_empty(folder):
                _remove(folder)

    def total_bytes(self) -> int:
        """Return how many bytes all runs take, with those that were deleted and can be restored."""
        return bytes_of(self.folder)

    def _require_own(self, run: Run, do: str) -> None:
        if os.path.realpath(run.folder.parent) != os.path.realpath(self.folder):
            raise RunError(f"{run.folder} is not among the runs of this machine. {do} it there.")


def _remove(folder: Path) -> None:
    """Remove a run, out of sight at once."""
    with contextlib.suppress(OSError):
        aside = folder.with_name(aside_name())
        os.rename(folder, aside)
        shutil.rmtree(aside, ignore_errors=True)


def _run_folders(folder: Path) -> list[Path]:
    return [
        Path(entry.path)
        for entry in entries_of(folder)
        if not entry.name.startswith(".") and is_run_folder(Path(entry.path))
    ]


def change_description(folder: Path, **changes: object) -> None:
    """Change fields of the `run.json` of a folder; what this program does not know of it stays.

    Raises RunError if it cannot be read or written.
    """
    path = folder / DESCRIPTION
    lock = FileLock(folder / _EDITING)
    try:
        if not lock.take(_PATIENCE):
            raise RunError(f"{path} was not changed: another program is changing it. Try again.")
        try:
            content = _changed(read_in(folder, DESCRIPTION, DESCRIPTION_BYTES), folder, changes)
            write_atomically(path, content)
        finally:
            lock.give_back()
    except OSError as error:
        raise RunError(in_words(error, path)) from error


def bytes_of(folder: Path) -> int:
    """Return how many bytes the files in a folder take, and in those in it."""
    total = 0
    for entry in entries_of(folder):
        with contextlib.suppress(OSError):  # it was deleted meanwhile
            is_folder = entry.is_dir(follow_symlinks=False)
            total += (
                bytes_of(Path(entry.path))
                if is_folder
                else entry.stat(follow_symlinks=False).st_size
            )
    return total


def _is_empty(folder: Path) -> bool:
    """Return whether nothing came of a run for long, which nobody writes."""
    lock = folder / RECORDING  # others' folders have none
    with contextlib.suppress(OSError, RunError):
        is_old = time.time() - os.lstat(lock).st_mtime > _ABANDONED
        if not is_old or os.path.lexists(folder / METRICS):
            return False
        if not is_run_folder(folder):
            return not is_locked(lock)
        return read_run(folder).state == INTERRUPTED
    return False


def _changed(content: bytes, folder: Path, changes: dict[str, Any]) -> bytes:
    with faults_in_words(folder):
        described = msgspec.json.decode(content, type=dict[str, Any])
        described.update(msgspec.to_builtins(changes))
        msgspec.convert(described, RunForm)  # else it could not be read again
        return msgspec.json.format(msgspec.json.encode(described), indent=1)


def _is_name(word: str) -> bool:
    """Return whether a word can be the name of a folder, and is no path to another one."""
    return Path(word).name == word and word not in ("", "..")


def only_called(runs: Sequence[Run], word: str) -> Run | None:
    """Return the only run that a word means by its title, else its short one, else as a begun id.

    None if it means none.

    Raises RunError if it means several.
    """
    for found, how in (
        ([run for run in runs if one_line(word) == run.title], "are called"),
        ([run for run in runs if one_line(word) == run.short_title], "are called"),
        ([run for run in runs if word and run.id.startswith(word)], "begin with"),
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = listed([run.id for run in found], _LISTED)
            raise RunError(f"{count(len(found), 'run')} {how} {word}: {ids}. Give the id of one.")
    return None


def eviction_text(runs: Sequence[Run]) -> str:
    """Say which runs were deleted for the quota, and what keeps others."""
    names = [f"“{run.short_title}”" for run in runs]
    if len(names) > _NAMED:
        names = [names[0], f"{len(names) - 1:,} more"]
    were = "were" if names[1:] else "was"
    return f"{joined(names)} {were} deleted to make room for newer runs. Pin runs that are to stay."
