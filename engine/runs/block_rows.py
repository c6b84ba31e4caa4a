"""Stacks side by side: which block of one stands for which of another."""

from collections.abc import Sequence

from engine.model.stack import BlockSlot, Stack

BlockRow = tuple[BlockSlot | None, ...]  # for each stack, the slot that it has there, if any

# First as many blocks as can be stand beside one of their kind; among such ways the others decide.
_SAME_KIND, _SAME_GROUP, _SAME_SLOT, _EQUAL = 10_000, 1, 1, 3


def block_rows(stacks: Sequence[Stack]) -> list[BlockRow]:
    """Return rows in which the blocks of several stacks stand side by side, in their order.

    Blocks of one kind stand side by side, or of one group, such as two activations.
    """
    rows: list[BlockRow] = [(slot,) for slot in stacks[0]]
    for number, stack in enumerate(stacks[1:], 1):
        known = [next(slot for slot in reversed(row) if slot is not None) for row in rows]
        slots = list(stack)
        missing: BlockRow = (None,) * number
        rows = [
            (rows[old] if old is not None else missing) + (None if new is None else slots[new],)
            for old, new in _aligned(known, slots)
        ]
    return rows


def _aligned(
    one: Sequence[BlockSlot], other: Sequence[BlockSlot]
) -> list[tuple[int | None, int | None]]:
    """Return the places of two rows of slots side by side, so that most goes together."""
    start, ends = 0, (len(one), len(other))
    while start < min(ends) and one[start] == other[start]:
        start += 1
    while min(ends) > start and one[ends[0] - 1] == other[ends[1] - 1]:
        ends = ends[0] - 1, ends[1] - 1
    best = _best_sums(one[start : ends[0]], other[start : ends[1]])
    pairs: list[tuple[int | None, int | None]] = [(place, place) for place in range(start)]
    i = j = start
    while i < ends[0] or j < ends[1]:
        rest = best[i - start][j - start]
        if i < ends[0] and j < ends[1]:
            likeness = _likeness(one[i], other[j])
            if likeness and rest == likeness + best[i + 1 - start][j + 1 - start]:
                pairs.append((i, j))
                i, j = i + 1, j + 1
                continue
        if i < ends[0] and rest == best[i + 1 - start][j - start]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return pairs + list(zip(range(ends[0], len(one)), range(ends[1], len(other)), strict=True))


def _best_sums(one: Sequence[BlockSlot], other: Sequence[BlockSlot]) -> list[list[int]]:
    """Return how much the slots from i and from j on go together at best: sums[i][j]."""
    sums = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in reversed(range(len(one))):
        for j in reversed(range(len(other))):
            likeness = _likeness(one[i], other[j])
            together = likeness + sums[i + 1][j + 1] if likeness else 0
            sums[i][j] = max(together, sums[i + 1][j], sums[i][j + 1])
    return sums


def _likeness(one: BlockSlot, other: BlockSlot) -> int:
    """Return how much two slots go together; 0 if not at all."""
    if one.block.kind == other.block.kind:
        return _SAME_KIND + _SAME_SLOT * (one.id == other.id) + _EQUAL * (one.block == other.block)
    return _SAME_GROUP if one.block.group == other.block.group else 0
