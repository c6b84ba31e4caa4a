"""Find the four IDX files of a data set in a folder, under the names that are in use for them."""

import os
from pathlib import Path

from engine.errors import DataError

RANKS = {"images": "idx3", "labels": "idx1"}
PARTS = ("training", "test")
_PREFIXES = {"training": ("train",), "test": ("t10k", "test")}


def find_pair_of(folder: Path, part: str) -> tuple[Path, Path]:
    """Return the images and the labels file of a part, "training" or "test".

    Raises DataError if one is not there.
    """
    return _find(folder, part, "images"), _find(folder, part, "labels")


def why_incomplete(folder: Path) -> str:
    """Return which of the four files is not in a folder; empty if all are."""
    try:
        for part in PARTS:
            find_pair_of(folder, part)
    except DataError as error:
        return str(error)
    return ""


def has_idx_files(folder: Path) -> bool:
    """Return whether a folder has any of the four files, and so is meant to have all."""
    names = (name for part in PARTS for kind in RANKS for name in _names(part, kind))
    return any(os.path.isfile(folder / name) for name in names)


def _find(folder: Path, part: str, kind: str) -> Path:
    names = _names(part, kind)
    for name in names:
        if os.path.isfile(folder / name):
            return folder / name
    raise DataError(
        f"{folder} has no readable file of {part} {kind}: {names[0]} is expected, plain or gzipped."
    )


def _names(part: str, kind: str) -> list[str]:
    return [
        f"{prefix}-{kind}{separator}{RANKS[kind]}-ubyte{ending}"
        for prefix in _PREFIXES[part]
        for separator in "-."
        for ending in ("", ".gz")
    ]
