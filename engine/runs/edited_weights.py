"""Whether the weights that a run begins with were edited since the epoch that it goes on from."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from engine.array_types import Array
from engine.errors import LayerscopeError
from engine.files.weights_file import load_weights
from engine.model.project import Project
from engine.model.weights import Weights
from engine.runs.moment_files import WEIGHTS, epoch_file
from engine.runs.run_folder import read_run


def were_edited(begun: Project, folder: Path) -> bool:
    """Return whether a run of a folder begins with other weights than are kept of its origin.

    Blocks that are not the same in both are told of by what differs in them. False where it cannot
    be known: the origin is not kept, does not lie beside the folder or is damaged, or there were
    steps since.
    """
    return any(
        _differ(arrays, begun.weights[slot_id])
        for slot_id, arrays in _kept_of_origin(begun, folder).items()
        if arrays
    )


def _differ(before: Mapping[str, Array], now: Mapping[str, Array]) -> bool:
    """Return whether arrays of a block differ; where shapes do, it has begun anew."""
    has_begun_anew = any(array.shape != now[name].shape for name, array in before.items())
    return not has_begun_anew and not all(
        np.array_equal(array, now[name]) for name, array in before.items()
    )


def _kept_of_origin(begun: Project, folder: Path) -> Weights:
    """Return what is kept of the epoch that a project goes on from, of the blocks that it has too.

    That is nothing if its weights are not those of the epoch anyway.
    """
    origin = begun.origin
    if origin is None or begun.trained_part:
        return {}
    try:
        parent = read_run(folder.with_name(origin.run))
        if parent.age(origin.epoch) != begun.trained_epochs:
            return {}
        report = parent.description.project.check()
        kept = load_weights(parent.folder / WEIGHTS / epoch_file(origin.epoch), report)
    except (LayerscopeError, ValueError):  # a name that no folder has
        return {}
    before = {row.slot.id: row.slot.block for row in report.rows}
    return {slot.id: kept[slot.id] for slot in begun.stack if before.get(slot.id) == slot.block}
