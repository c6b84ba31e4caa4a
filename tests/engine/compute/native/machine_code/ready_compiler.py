"""The compiler after a first loop, for which it loads the most: programs are forked from it."""

from numba import njit

njit(lambda number: number + 1)(1)
