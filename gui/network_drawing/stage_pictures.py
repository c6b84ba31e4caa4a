"""What the cards of the drawing are filled with: the pinned sample's own maps, vectors, outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from engine.array_types import Array
from engine.inspection.snapshot import BlockSnapshot, Snapshot
from gui.network_drawing.layout import DrawingLayout, DrawnStage, TileGrid
from gui.widgets.colour_bar import Levels, lookup_table
from gui.widgets.mosaic import range_of
from gui.widgets.number_words import short
from gui.widgets.sample_names import ClassOutput, outputs_of
from gui.widgets.vector_bars import range_with_zero

MAPS = "viridis"
Pixels = NDArray[np.uint32]  # 0xAARRGGBB
_BLANK = 256  # the place of a value that is not finite in the table of colours


@dataclass(frozen=True, eq=False)
class StagePicture:
    """What a card shows: values (n, h, w) or (n,) as an image, or outputs as bars.

    `pixels` holds the memory of the image. The scale is None for what is no colour map.
    """

    values: Array
    levels: Levels | None
    pixels: Pixels | None = None
    image: QImage | None = None
    outputs: tuple[ClassOutput, ...] = ()


def pictures_of(layout: DrawingLayout, snapshot: Snapshot | None) -> list[StagePicture | None]:
    """Make the picture of each stage; None where the snapshot has nothing that fits it."""
    if snapshot is None:
        return [None] * len(layout.stages)
    blocks = {block.slot: block for block in snapshot.blocks}
    found: list[StagePicture | None] = []
    for stage in layout.stages:
        if stage.row is None:
            found.append(_input_picture(stage, snapshot, layout.ratio))
            continue
        block = blocks.get(stage.row.slot.id)
        fits = block is not None and block.values.shape == stage.shape
        found.append(
            _picture(stage, block, snapshot, layout.ratio) if fits and block is not None else None
        )
    return found


def words_at(stage: DrawnStage, picture: StagePicture, x: float, y: float) -> str:
    """Say which value lies under a px of the picture, and how large it is; else its range.

    x and y are in device px from the corner of the picture.
    """
    grid, values = stage.grid, picture.values
    place = None if grid is None else grid.locate(x, y)
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
    red, green, blue = shown.astype(np.uint32)
    coloured: Pixels = 0xFF000000 | red << 16 | green << 8 | blue
    joined = stage.grid.joined
    coloured = coloured[np.newaxis, ::joined, ::joined]
    coloured = coloured[:, : stage.grid.height, : stage.grid.width]
    return _drawn(snapshot.inputs, None, _scaled(stage.grid, coloured), ratio)


def _picture(
    stage: DrawnStage, block: BlockSnapshot, snapshot: Snapshot, ratio: float
) -> StagePicture | None:
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
        cells = _joined_maps(values[: grid.shown], grid)
    return _drawn(values, levels, _scaled(grid, _coloured(cells, levels)), ratio)


def _outputs(snapshot: Snapshot) -> StagePicture | None:
    outputs, classes = snapshot.outputs, snapshot.class_names
    if outputs is None or len(outputs) != len(classes):
        return None
    rows = tuple(outputs_of(outputs, classes, snapshot.class_name))
    return StagePicture(outputs, None, outputs=rows)


def strongest(outputs: Sequence[ClassOutput], most: int) -> list[ClassOutput]:
    """Choose the outputs that are shown where not all have room: the largest, and the true one."""
    if len(outputs) <= most:
        return list(outputs)
    ordered = sorted(outputs, key=lambda output: -output.value)
    chosen = ordered[:most]
    true = [output for output in ordered[most:] if output.true and most > 1]
    return [*chosen[: most - len(true)], *true]


# --- pixels --------------------------------------------------------------------------------------


@cache
def _table() -> Pixels:
    """The colours of the 256 steps of a scale, and a clear one for what is not finite."""
    red, green, blue = lookup_table(MAPS).astype(np.uint32).T
    return np.append(0xFF000000 | red << 16 | green << 8 | blue, 0).astype(np.uint32)


def _coloured(values: Array, levels: Levels) -> Pixels:
    low, high = levels
    steps = (values - low) * (255 / (high - low or 1))
    finite = np.isfinite(steps)
    if finite.all():
        places = np.clip(steps, 0, 255).astype(np.intp)
    else:
        known = np.clip(np.where(finite, steps, 0), 0, 255).astype(np.intp)
        places = np.where(finite, known, _BLANK)
    coloured: Pixels = _table()[places]
    return coloured


def _joined_maps(maps: Array, grid: TileGrid) -> Array:
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


def _scaled(grid: TileGrid, tiles: Pixels) -> Pixels:
    """Put tiles (n, h, w) side by side, each cell as large as the grid says; gaps are clear."""
    count, high, wide = tiles.shape
    cell, (width, height) = grid.cell, grid.size
    cells = np.empty((count, high, cell, wide, cell), np.uint32)
    cells[...] = tiles[:, :, np.newaxis, :, np.newaxis]
    large = cells.reshape(count, high * cell, wide * cell)
    if grid.gap == 0:
        return _folded(large, grid)
    whole = np.zeros((height, width), np.uint32)
    for tile, pixels in enumerate(large):
        x, y = grid.corner(tile)
        whole[y : y + high * cell, x : x + wide * cell] = pixels
    return whole


def _folded(large: Pixels, grid: TileGrid) -> Pixels:
    """Fold the cells (n, cell, cell) of a vector into rows."""
    count, cell, _ = large.shape
    rows = -(-count // grid.columns)
    whole = np.zeros((rows * grid.columns, cell, cell), np.uint32)
    whole[:count] = large
    rowwise = whole.reshape(rows, grid.columns, cell, cell).swapaxes(1, 2)
    return rowwise.reshape(rows * cell, grid.columns * cell)


def _drawn(values: Array, levels: Levels | None, pixels: Pixels, ratio: float) -> StagePicture:
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return StagePicture(values, levels, pixels, image)
