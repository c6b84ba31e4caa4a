"""How the loops of pooling go through windows, over planes: the maps of all samples, in a row.

First come the values of each window below each other, then the results beside each other. Windows
that overlap little are gone through one by one down the rows. Else, and along the rows, a window of
any size is put together from smaller ones: of 5 values from two of 4, these from two of 2. This is
done for every place of some planes as one long row, also where no window begins: long rows fill the
processor's vectors, and what is of no use is left.
"""

from engine.compute.native.machine_code.compiled import compiled

TOGETHER = 4096  # values of the planes that are done together: they stay in the cache
_DIRECT = 1  # rows to go through for each doubling, so that this is faster
Sizes = tuple[int, int]
Window = tuple[int, int, int]


@compiled
def row_by_row(size: int, stride: int, height: int, down: int) -> bool:
    """Return whether rows are put together window by window, and not by twos, fours and so on."""
    doublings = 0
    while 1 << doublings < size:
        doublings += 1
    return size * down <= _DIRECT * max(1, doublings) * height
