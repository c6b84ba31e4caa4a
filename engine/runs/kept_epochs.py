"""Which epochs of a run stay where there is no room for all: important ones, others thinned."""

from collections.abc import Collection, Iterable, Iterator, Sequence


def is_power_of_two(epoch: int) -> bool:
    """Return whether an epoch is 1, 2, 4, 8, ..."""
    return epoch > 0 and epoch & (epoch - 1) == 0


def epochs_to_keep(
    epochs: Collection[int], most: int, *, best: int | None, bookmarks: Collection[int] = ()
) -> frozenset[int]:
    """Choose at most so many epochs of those that there are, at least the last one.

    In this order: the last, the best, the bookmarked, the first, the powers of two from the largest
    down. The others are thinned by halves: of stretches of 1, 2, 4, ... epochs, as long as there
    are too many, the first stays. So what was thinned once is never missed later.
    """
    ordered, most = sorted(set(epochs)), max(most, 1)
    important: list[int] = []
    for epoch in _important(ordered, best, bookmarks):
        if epoch in epochs and epoch not in important:
            important.append(epoch)
    important = important[:most]
    kept, stretch = set(ordered), 1
    while len(kept) > most:
        stretch *= 2
        kept = {*important, *_firsts(ordered, stretch)} if stretch <= ordered[-1] else {*important}
    return frozenset(kept)


def _important(
    ordered: Sequence[int], best: int | None, bookmarks: Collection[int]
) -> Iterator[int]:
    yield from ordered[-1:]
    if best is not None:
        yield best
    yield from sorted(bookmarks, reverse=True)
    yield from ordered[:1]
    yield from filter(is_power_of_two, reversed(ordered))


def _firsts(ordered: Sequence[int], stretch: int) -> Iterable[int]:
    """Return the first epochs that there are in each stretch of so many."""
    return {epoch // stretch: epoch for epoch in reversed(ordered)}.values()
