"""Export a run: its folder whole, a moment of it as a project, or its metrics for others."""

import contextlib
import csv
import io
import os
import stat
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, get_args

import msgspec

from engine.errors import ExportError, RunError
from engine.files.atomic import ProgressReport, no_report
from engine.files.project_file import PROJECT_ENDING, encode_project
from engine.files.staging import Staging, require_place, staged
from engine.files.untrusted_read import open_unwaiting
from engine.runs.run_folder import RECORDING, EpochMetrics, Run, is_run_folder, open_run, read_run
from engine.text.letters import encodable

RunFormat = Literal["folder", "zip", "csv", "project"]
RUN_FORMATS: tuple[RunFormat, ...] = get_args(RunFormat)

_ENDINGS = {**{each: f".{each}" for each in RUN_FORMATS}, "project": PROJECT_ENDING}
_CHUNK = 4_000_000  # bytes between two reports of how far it is
_PACKED = dict.fromkeys((".json", ".jsonl", ".bin"), zipfile.ZIP_DEFLATED)  # becomes smaller
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that an archive can say


@dataclass(frozen=True)
class _File:
    """A file of a run folder: its name from there on, with slashes, its size, when it changed."""

    path: Path
    name: str
    size: int
    changed: tuple[int, int, int, int, int, int]


def run_format(path: Path, name: str | None = None) -> RunFormat:
    """Return the format of a name, or without one that of a path: a folder if it has no ending.

    Raises ExportError if the two do not go together, or there is no such format.
    """
    ending = path.suffix.lower()
    of_ending = next((each for each in RUN_FORMATS if ending == _ENDINGS[each]), None)
    if name is None and of_ending is None and ending[1:].isalpha():
        raise ExportError(
            f"{path} ends in {ending}, which is no format of runs. End it in .zip, .csv or "
            f"{PROJECT_ENDING}, or choose the format folder."
        )
    if name is None:
        return of_ending or "folder"
    kind = next((each for each in RUN_FORMATS if each == name), None)
    if kind is None:
        formats = ", ".join(RUN_FORMATS)
        raise ExportError(f"{name!r} is no format of runs. Choose one of {formats}.")
    if kind != "folder" and of_ending != kind:
        raise ExportError(
            f"{path} must end in {_ENDINGS[kind]} for the format {kind}. Choose another name."
        )
    return kind


def export_run(
    run: Run,
    path: Path,
    kind: RunFormat,
    *,
    epoch: int | None = None,
    overwrite: bool = False,
    report: ProgressReport = no_report,
) -> None:
    """Write a run to a path, whole or not at all.

    A project is that after an epoch that is kept, without one the last whose weights are whole.
    A file of that name is replaced; a folder must be new or empty, unless it is to be overwritten,
    and then must hold no other run. Of a run that grows, what is there now is written. `report` is
    called with the fraction done; what it raises ends the work.
    Raises ExportError if it cannot be written or read, RunError if there are no such weights.
    """
    own = Path(os.path.realpath(run.folder))
    if Path(os.path.realpath(path)).is_relative_to(own):
        raise ExportError(f"{path} is the run itself, or in its folder. Choose another folder.")
    is_folder = kind == "folder"
    require_place(path, ExportError, is_folder=is_folder, overwrite=overwrite)
    if is_folder:
        _require_no_other(run, path)
    with staged(path, ExportError, is_folder=is_folder) as stage:
        if kind == "project":
            project = open_run(run.folder) if epoch is None else run.project_after(epoch)
            stage.write({"": encode_project(project, path)}, report)
        else:
            _WRITERS[kind](run, stage, report)
        stage.put()


def _require_no_other(run: Run, path: Path) -> None:
    """Raise ExportError if another run is in a folder: weights of both would lie side by side."""
    if not is_run_folder(path):
        return
    with contextlib.suppress(RunError):
        if _begun(read_run(path)) == _begun(run):
            return
    raise ExportError(f"{path} was not written: it holds another run. Choose another folder.")


def _begun(run: Run) -> tuple[object, ...]:
    """Return what stays as it is while a run grows, and hardly any two have in common."""
    about = run.description
    return about.started, about.number, about.project.stack, about.project.settings


def _copy(run: Run, stage: Staging, report: ProgressReport) -> None:
    for file, source, progress in _opened(run, report):
        with stage.open(file.name) as target:
            _copy_content(file, source, target, progress)


def _pack(run: Run, stage: Staging, report: ProgressReport) -> None:
    with stage.open() as whole, zipfile.ZipFile(whole, "w") as archive:
        for file, source, progress in _opened(run, report):
            info = zipfile.ZipInfo(encodable(f"{run.id}/{file.name}"), file.changed)
            info.file_size = file.size  # large ones need another form
            info.compress_type = _PACKED.get(file.path.suffix, zipfile.ZIP_STORED)
            with archive.open(info, "w") as target:
                _copy_content(file, source, target, progress)


def _write_table(run: Run, stage: Staging, report: ProgressReport) -> None:
    """Write a row for each epoch, with its metrics, counted as `train --json` does."""
    table = io.StringIO(newline="")
    names = EpochMetrics.__struct_fields__
    writer = csv.writer(table)
    writer.writerow(names)
    for each in run.aged_metrics():
        highest, lowest = run.rate_of(each), each.lowest_rate
        rates = {"learning_rate": highest, "lowest_rate": highest if lowest is None else lowest}
        rated = msgspec.structs.replace(each, **rates)
        writer.writerow(msgspec.structs.astuple(rated))
    stage.write({"": table.getvalue().encode()}, report)


_WRITERS = {"folder": _copy, "zip": _pack, "csv": _write_table}


class _Progress:
    """Counts the bytes that were copied, and reports the share of all."""

    def __init__(self, total: int, report: ProgressReport) -> None:
        self._total, self._report = max(total, 1), report
        self._done = 0

    def add(self, count: int) -> None:
        """Count so many bytes more."""
        self._done += count
        self._report(min(1.0, self._done / self._total))


def _opened(run: Run, report: ProgressReport) -> Iterator[tuple[_File, IO[bytes], _Progress]]:
    """Open the files of a run folder one after the other; some may have been thinned out."""
    files = list(_files_of(run.folder))
    progress = _Progress(sum(file.size for file in files), report)
    for file in files:
        with contextlib.suppress(FileNotFoundError), open_unwaiting(file.path) as source:
            yield file, source, progress


def _copy_content(file: _File, source: IO[bytes], target: IO[bytes], progress: _Progress) -> None:
    """Copy what a file held when it was listed; it may have grown."""
    left = file.size
    while left and (chunk := source.read(min(_CHUNK, left))):
        target.write(chunk)
        left -= len(chunk)
        progress.add(len(chunk))


def _files_of(run_folder: Path) -> Iterator[_File]:
    """List the files of a run folder: no links, nothing hidden but the sign of a recording."""
    for folder, folders, names in os.walk(run_folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") and name != RECORDING:
                continue
            with contextlib.suppress(FileNotFoundError):
                found = path.lstat()
                if stat.S_ISREG(found.st_mode):
                    inner = path.relative_to(run_folder).as_posix()
                    changed = max(time.localtime(found.st_mtime)[:6], _EARLIEST)
                    yield _File(path, inner, found.st_size, changed)
