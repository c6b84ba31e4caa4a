"""Which parts of neighbouring blocks are connected, and how strongly: the lines of the drawing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.array_types import Array
from engine.blocks import Conv, Dense
from engine.inspection.snapshot import BlockSnapshot, Snapshot
from gui.network_drawing.layout import DrawingLayout, DrawnStage

_EACH = 2  # lines at most to a map; of a Dense block to a unit
_TO_UNIT = 6
_MOST = 160  # lines to a block
_FAN = 5  # lines of what is connected with all, where the weights are not known
_ALIKE = 12  # lines between strips whose values belong together one by one,
_FEW = 32  # but for so few, which have one each
_BESIDE = 0.35  # of the strength of lines to what is not the answer


@dataclass(frozen=True)
class Link:
    """A line from a tile of one stage to a tile of the next; the strength is from −1 to 1.

    It is told apart in tenths, so that a small step of training draws no line anew.
    """

    source: int
    target: int
    strength: float


def links_of(layout: DrawingLayout, snapshot: Snapshot | None) -> list[list[Link]]:
    """Return the lines that lead to each stage, the weakest first; none to the first of a row."""
    blocks = {} if snapshot is None else {block.slot: block for block in snapshot.blocks}
    winner, found = _winner(snapshot), list[list[Link]]()
    before: DrawnStage | None = None
    for stage in layout.stages:
        links: list[Link] = []
        if before is not None and not stage.fold and before.tiles and stage.tiles:
            block = None if stage.row is None else blocks.get(stage.row.slot.id)
            links = list(_between(before, stage, block))
            if winner is not None and stage.shape == winner[1:]:
                links = [_beside(link) if link.target != winner[0] else link for link in links]
            links.sort(key=lambda link: abs(link.strength))
        found.append(links[-_MOST:])
        before = stage
    return found


def _winner(snapshot: Snapshot | None) -> tuple[int, int] | None:
    """Return which output is the largest, and of how many; None if there is no answer."""
    if snapshot is None or snapshot.outputs is None or snapshot.predicted is None:
        return None
    return snapshot.classes.index(snapshot.predicted), len(snapshot.outputs)


def _beside(link: Link) -> Link:
    """Return a line to an output that is not the answer, paler."""
    return replace(link, strength=_BESIDE * link.strength)


def _between(before: DrawnStage, stage: DrawnStage, block: BlockSnapshot | None) -> Iterator[Link]:
    assert stage.row is not None
    kind = stage.row.slot.block
    if isinstance(kind, Conv):
        kernels = None if block is None else block.kernels
        if kernels is not None and kernels.shape[:1] == (stage.shape or ())[:1]:
            yield from _of_kernels(kernels, before.tiles, stage.tiles)
        else:
            yield from _fan(before.tiles, stage.tiles)
    elif isinstance(kind, Dense):
        weights = None if block is None else block.weights
        joined = any(each.grid is not None and each.grid.joined > 1 for each in (before, stage))
        if weights is None or joined:  # no line is that of one weight
            yield from _fan(before.tiles, stage.tiles)
        else:
            yield from _strongest(weights.astype(float), _TO_UNIT)
    else:
        alike = before.shape is not None and before.shape[:1] == (stage.shape or ())[:1]
        fewer = min(before.tiles, stage.tiles)
        yield from _one_by_one(*((fewer, fewer) if alike else (before.tiles, stage.tiles)))


def _of_kernels(kernels: Array, sources: int, targets: int) -> Iterator[Link]:
    """Connect maps by the norms of their kernels (depth, channels, k, k)."""
    norms = np.sqrt((kernels.astype(float) ** 2).sum(axis=(2, 3)))
    if sources == 1:  # the colours of an image, too, are one picture
        norms = np.sqrt((norms**2).sum(axis=1, keepdims=True))
    yield from _strongest(norms[:targets, :sources], _EACH)


def _strongest(values: Array, each: int) -> Iterator[Link]:
    """Connect each row with its columns of the largest values."""
    largest = float(np.abs(values).max(initial=0.0))
    if not (np.isfinite(largest) and largest > 0):
        return
    for target, row in enumerate(values):
        for source in np.argsort(-np.abs(row))[:each]:
            yield Link(int(source), target, round(float(row[source]) / largest, 1))


def _fan(sources: int, targets: int) -> Iterator[Link]:
    """Connect all with all, of many some."""
    for target in _spread(targets, _FAN):
        for source in _spread(sources, _FAN):
            yield Link(source, target, 0.0)


def _one_by_one(sources: int, targets: int) -> Iterator[Link]:
    """Connect what belongs together, in order; of many some."""
    lines = max(sources, targets)
    for place in _spread(lines, lines if lines <= _FEW else _ALIKE):
        yield Link(place * sources // lines, place * targets // lines, 0.0)


def _spread(count: int, most: int) -> Sequence[int]:
    """Return the places from 0 to `count`, of many some that lie evenly, with both ends."""
    if count <= most:
        return range(count)
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
