"""What the cards of the drawing are filled with: the pinned sample's own maps, vectors, outputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from engine.array_types import Array
from engine.inspection.snapshot import BlockSnapshot, Snapshot
from gui.network_drawing.layout import DrawingLayout, DrawnStage, JoinedTiles
from gui.widgets.colour_scale import Levels, coloured, lookup_table, range_of
from gui.widgets.number_words import short
from gui.widgets.sample_names import ClassOutput, outputs_of
from gui.widgets.tiles import picture_of
from gui.widgets.vector_bars import range_with_zero

MAPS = "viridis"


@dataclass(frozen=True, eq=False)
class StagePicture:
    """What a card shows: values (n, h, w) or (n,) as an image, or outputs as bars."""

    values: Array
    image: QImage | None = None
    outputs: tuple[ClassOutput, ...] = ()


def pictures_of(layout: DrawingLayout, snapshot: Snapshot | None) -> list[StagePicture | None]:
    """Make the picture of each stage; None where the snapshot has nothing that fits it."""
    if snapshot is None:
        return [None] * len(layout.stages)
    blocks = {block.slot: block for block in snapshot.blocks}
    return [
        _input_picture(stage, snapshot, layout.ratio)
        if stage.row is None
        else _picture(stage, blocks.get(stage.row.slot.id), snapshot, layout.ratio)
        for stage in layout.stages
    ]


def words_at(stage: DrawnStage, picture: StagePicture, x: float, y: float) -> str:
    """Say which value lies under a px of the picture, and how large it is; else its range.

    x and y are in device px from the corner of the picture.
    """
    grid, values = stage.grid, picture.values
    place = None if grid is None else grid.find(QPointF(x, y))
    if grid is None or place is None or place[0] >= len(values):
        return range_words(picture)
    tile, row, column = place
    joined = grid.joined
    if values.ndim == 1:
        first, last = tile * joined, min(len(values), (tile + 1) * joined)
        many = f"values {first + 1:,} to {last:,}, mean"
        name = f"value {first + 1:,} of {len(values):,}" if last - first == 1 else many
        return f"{name}: {short(float(values[first:last].mean()))}"
    top, left = row * joined, column * joined
    if stage.row is None:  # colours of an image are told one by one
        said = " ".join(short(float(channel[top, left]), 3) for channel in values)
        return f"row {top + 1}, column {left + 1}: {said}"
    cells = values[tile, top : top + joined, left : left + joined]
    mean = "" if joined == 1 else f", mean of {cells.shape[0]}×{cells.shape[1]}"
    place_words = f"map {tile + 1} of {len(values)}, row {top + 1}, column {left + 1}{mean}"
    return f"{place_words}: {short(float(cells.mean()))}"


def range_words(picture: StagePicture) -> str:
    """Say from where to where the values go."""
    if picture.outputs:
        best = max(picture.outputs, key=lambda output: output.value)
        return f"largest output: {short(best.value)}, class {best.name}"
    low, high = range_of(picture.values)
    return f"values from {short(low, 3)} to {short(high, 3)}"


def _input_picture(stage: DrawnStage, snapshot: Snapshot, ratio: float) -> StagePicture | None:
    """Show the image as it is, grey or in colour; its values are what the network gets of it."""
    image = snapshot.sample.image
    if stage.grid is None or image.shape != stage.shape:
        return None
    shown = image if len(image) == 3 else np.repeat(image[:1], 3, axis=0)
    joined, high, wide = stage.grid.joined, stage.grid.height, stage.grid.width
    seen = np.moveaxis(shown, 0, -1)[np.newaxis, ::joined, ::joined][:, :high, :wide]
    return _drawn(snapshot.inputs, seen.astype(np.float32), (0, 255), stage.grid, ratio)


def _picture(
    stage: DrawnStage, block: BlockSnapshot | None, snapshot: Snapshot, ratio: float
) -> StagePicture | None:
    if block is None or block.values.shape != stage.shape:
        return None
    values, grid = block.values, stage.grid
    if stage.kind == "outputs":
        return _outputs(snapshot)
    if grid is None:
        return None
    if stage.kind == "vector":
        values = values.reshape(-1)
        unit = block.output_range in ("unit", "distribution")
        levels = (0.0, 1.0) if unit else range_with_zero(values)
        cells = _joined_values(values, grid.joined).reshape(-1, 1, 1)
    else:
        values = values.reshape(-1, *values.shape[-2:])
        levels = range_of(values)
        cells = _joined_maps(values[: grid.count], grid)
    return _drawn(values, cells, levels, grid, ratio)


def _outputs(snapshot: Snapshot) -> StagePicture | None:
    outputs, classes = snapshot.outputs, snapshot.class_names
    if outputs is None or len(outputs) != len(classes):
        return None
    rows = tuple(outputs_of(outputs, classes, snapshot.class_name))
    return StagePicture(outputs, outputs=rows)


def strongest(outputs: Sequence[ClassOutput], most: int) -> list[ClassOutput]:
    """Choose the outputs that are shown where not all have room: the largest, and the true one."""
    if len(outputs) <= most:
        return list(outputs)
    ordered = sorted(outputs, key=lambda output: -output.value)
    chosen = ordered[:most]
    true = [output for output in ordered[most:] if output.true and most > 1]
    return [*chosen[: most - len(true)], *true]


def _joined_maps(maps: Array, grid: JoinedTiles) -> Array:
    """Take the mean of neighbouring values where there is no room for all."""
    joined, high, wide = grid.joined, grid.height, grid.width
    if joined == 1:
        return maps
    cut = maps[:, : high * joined, : wide * joined]
    blocks = cut.reshape(len(cut), high, min(joined, cut.shape[1]), wide, -1)
    means: Array = blocks.mean(axis=(2, 4))
    return means


def _joined_values(values: Array, joined: int) -> Array:
    if joined == 1:
        return values
    starts = np.arange(0, len(values), joined)
    means: Array = np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values)))
    return means


def _drawn(
    values: Array, cells: Array, levels: Levels, grid: JoinedTiles, ratio: float
) -> StagePicture:
    image = picture_of(grid, coloured(cells, levels, lookup_table(MAPS)), 1)
    image.setDevicePixelRatio(ratio)
    return StagePicture(values, image)
