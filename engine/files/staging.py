"""Write a file with others beside it, or a folder of files, never half old and half new.

All of it is written to a hidden folder beside its place, where it can be looked at, and then put
there by renaming.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from engine.errors import LayerscopeError
from engine.files.atomic import (
    ProgressReport,
    aside_name,
    in_words,
    no_report,
    replace_patiently,
    replaceable_mode,
    require_writable,
    sweep,
    sync_folder,
    write_whole,
)

_BINARY = getattr(os, "O_BINARY", 0)


class Staging:
    """What was written so far. `path` is where the file or folder stands until it is put."""

    def __init__(self, folder: Path, target: Path, *, is_folder: bool) -> None:
        self.path = folder / target.name
        self._target, self._is_folder = target, is_folder
        self._written: set[str] = set()

    def write(self, files: Mapping[str, bytes], report: ProgressReport = no_report) -> None:
        """Write files, or write them anew: their contents by their names, with `/` between folders.

        Of a folder they are in it; else the name "" is that of the file, others are beside it.
        `report` is called with the fraction done; what it raises ends the work.
        """
        total, done = sum(map(len, files.values())) or 1, 0
        for name, data in files.items():
            place = self._place(self.path, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(place, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | _BINARY, 0o666)
            part = partial(_report_part, report, done / total, len(data) / total)
            write_whole(descriptor, data, part)
            self._written.add(name)
            done += len(data)

    @contextmanager
    def open(self, name: str = "") -> Iterator[BinaryIO]:
        """Open a file to be written piece by piece; at the end it is safe on the disk."""
        place = self._place(self.path, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        self._written.add(name)

    def put(self) -> None:
        """Give everything its place. Files of the same names are replaced, no others touched.

        Of several, the old ones go away first: where the program is killed meanwhile, some are
        missing, but no new one stands beside an old one. Raises OSError, and then all is as it was.
        """
        if self._is_folder and not os.path.exists(self._target):
            os.rename(self.path, self._target)
        else:
            places = {name: self._place(self._target, name) for name in self._written}
            moves: list[tuple[Path, Path]] = []
            replaced = self.path.parent / aside_name()
            for name in sorted(places, reverse=True):  # the file itself, "", comes last
                place, aside = places[name], self._place(self.path, name)
                if (mode := replaceable_mode(place)) is not None:
                    os.chmod(aside, mode)
                    if len(places) > 1:
                        moves.insert(0, (place, replaced / str(len(moves))))
                moves.append((aside, place))
            _move_all(moves)
        sync_folder(self._target.parent)

    def _place(self, path: Path, name: str) -> Path:
        parts = PurePosixPath(name).parts
        if ".." in parts or name.startswith("/"):
            raise ValueError(f"{name!r} is outside the export")
        if self._is_folder:
            return path.joinpath(*parts)
        return path.parent.joinpath(*parts) if name else path


def _move_all(moves: Sequence[tuple[Path, Path]]) -> None:
    """Rename files in order, or none of them."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_patiently(source, target)
            done.append((source, target))
    except BaseException:
        for source, target in reversed(done):
            replace_patiently(target, source)
        raise


def _report_part(report: ProgressReport, start: float, share: float, fraction: float) -> None:
    report(start + share * fraction)


@contextmanager
def staged(path: Path, fault: type[LayerscopeError], *, is_folder: bool) -> Iterator[Staging]:
    """Give a stage for a file or folder, and take away at the end what was not put in its place.

    A symbolic link stays one. Raises `fault` with words for a user if something cannot be written.
    """
    try:
        target = Path(os.path.realpath(path))
        folder = target.parent / aside_name()
        sweep(folder.parent)
        folder.mkdir()
    except (OSError, ValueError) as error:
        raise fault(in_words(error, path)) from error
    try:
        yield Staging(folder, target, is_folder=is_folder)
    except OSError as error:
        raise fault(in_words(error, path)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_filled(path: Path) -> bool:
    """Return whether there is something in a folder; one that may not be read is refused later."""
    try:
        return os.path.isdir(path) and bool(os.listdir(path))
    except OSError:
        return False


def require_place(
    path: Path, fault: type[LayerscopeError], *, is_folder: bool, overwrite: bool
) -> None:
    """Raise `fault` if a file or a folder cannot be written now. Ask before the work.

    A folder may be there if it is empty, or if it is to be overwritten.
    """
    if not is_folder:
        require_writable(path, fault)
        return
    try:
        if os.path.isdir(path):
            if os.listdir(path) and not overwrite:
                raise fault(
                    f"{path} was not written: there is a folder of that name. Choose another "
                    "name, or have it overwritten."
                )
        elif os.path.lexists(path):
            raise fault(
                f"{path} was not written: there is a file of that name. Choose another name."
            )
        probe = Path(os.path.realpath(path)).parent / aside_name()
        probe.mkdir()
        probe.rmdir()
    except (OSError, ValueError) as error:
        raise fault(in_words(error, path)) from error
