"""Tell runs from data to train with, for whoever gives the one for the other, by names alone."""

import itertools
import os
from pathlib import Path

from engine.data.image_files.listing import is_image_name
from engine.data.reading import opened_archive
from engine.data.sources import ARCHIVE, NAMES
from engine.errors import DataError
from engine.runs.run_folder import DESCRIPTION, is_run_folder

_LOOKED_AT = 20  # folders


def why_runs(data: str) -> str:
    """Return what to do with runs in place of training with them; empty if it is something else."""
    if data in NAMES:
        return ""
    path = Path(os.path.expanduser(data))
    if data.lower().endswith(ARCHIVE):
        unpack = "is an exported run, and no data. Unpack it, and drop its folder on the window."
        return f"{path} {unpack}" if _holds_run(path) else ""
    if not os.path.isdir(path):
        return ""
    if is_run_folder(path):
        return f"{path} is the folder of a run, and no data. Drop it on the window, to follow it."
    if _holds_runs(path):
        return f"{path} is a folder of runs, and no data. Drop one of them on the window."
    return ""


def _holds_runs(folder: Path) -> bool:
    """Return whether most folders in one are those of runs, by the first few."""
    try:
        with os.scandir(folder) as entries:
            shown = (each for each in entries if not each.name.startswith("."))
            inner = (Path(each.path) for each in shown if each.is_dir())
            are_runs = [is_run_folder(each) for each in itertools.islice(inner, _LOOKED_AT)]
    except OSError:
        return False
    return 2 * sum(are_runs) > len(are_runs)


def _holds_run(path: Path) -> bool:
    """Return whether an archive is that of a run, at its top or in a folder there."""
    try:
        with opened_archive(path, "", "") as archive:
            names = archive.namelist()
    except DataError:  # which the reading will tell of
        return False
    described = any(
        name.count("/") < 2 and name.rpartition("/")[2] == DESCRIPTION for name in names
    )
    return described and not any(map(is_image_name, names))
