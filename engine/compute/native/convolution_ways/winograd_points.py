"""Winograd's transforms of six numbers in one dimension, for many sixes at the same time.

y_k = Σ_j d_(k+j) K_j with m outputs and r kernel values, m + r = 7, is Aᵀ [(G K) ⊙ (Bᵀ d)]: the
product of two polynomials, taken at the points 0, a, -a, b, -b and ∞. Rows of A and G hold powers
of the points; each row of Bᵀ holds the polynomial that has its zeros at all the other points. With
a = 3/4 and b = 3/2 all of Aᵀ and Bᵀ is exact in float32, and the rounding errors are about a third
of those with the usual 1 and 2.

All arrays are flat. The values of point p begin `pitch` after those of point p - 1. Slices are made
here, since one that is handed to another function costs a reference count.
"""

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.machine_code.transpose import Places

A, B = 0.75, 1.5


@compiled
def to_points(
    size: int, source: Array, start: int, steps: Places, target: Array, to: int, pitch: int
) -> None:
    """Write v = Bᵀ d of `size` sixes; their k-th numbers begin at source[start + steps[k]]."""
    number = source.dtype.type
    a, b, a2, b2 = number(A), number(B), number(A * A), number(B * B)
    both, product = a2 + b2, a2 * b2
    d0, d1, d2 = source[start:], source[start + steps[1] :], source[start + steps[2] :]
    d3, d4 = source[start + steps[3] :], source[start + steps[4] :]
    d5 = source[start + steps[5] :]
    v0, v1, v2 = target[to:], target[to + pitch :], target[to + 2 * pitch :]
    v3, v4, v5 = target[to + 3 * pitch :], target[to + 4 * pitch :], target[to + 5 * pitch :]
    for e in range(size):
        x0, x1, x2, x3, x4, x5 = d0[e], d1[e], d2[e], d3[e], d4[e], d5[e]
        even_a, odd_a = x4 - b2 * x2, a * (x3 - b2 * x1)
        even_b, odd_b = x4 - a2 * x2, b * (x3 - a2 * x1)
        v0[e] = x4 - both * x2 + product * x0
        v1[e] = even_a + odd_a
        v2[e] = even_a - odd_a
        v3[e] = even_b + odd_b
        v4[e] = even_b - odd_b
        v5[e] = x5 - both * x3 + product * x1


@compiled
def to_points_adjoint(
    size: int, source: Array, start: int, pitch: int, target: Array, to: int, steps: Places
) -> None:
    """Add d = B v of `size` sixes to where `to_points` takes them from.

    Numbers that lie side by side are added one pair of k after the other, since those of several
    sixes may share a place.
    """
    number = source.dtype.type
    a, b, a2, b2 = number(A), number(B), number(A * A), number(B * B)
    both, product = a2 + b2, a2 * b2
    v0, v1, v2 = source[start:], source[start + pitch :], source[start + 2 * pitch :]
    v3, v4 = source[start + 3 * pitch :], source[start + 4 * pitch :]
    v5 = source[start + 5 * pitch :]
    d0, d1 = target[to + steps[0] :], target[to + steps[1] :]
    for e in range(size):
        odd_a, odd_b = a * (v1[e] - v2[e]), b * (v3[e] - v4[e])
        d0[e] += product * v0[e]
        d1[e] += product * v5[e] - b2 * odd_a - a2 * odd_b
    d2, d3 = target[to + steps[2] :], target[to + steps[3] :]
    for e in range(size):
        x1, x2, x3, x4 = v1[e], v2[e], v3[e], v4[e]
        d2[e] -= both * v0[e] + b2 * (x1 + x2) + a2 * (x3 + x4)
        d3[e] += a * (x1 - x2) + b * (x3 - x4) - both * v5[e]
    d4, d5 = target[to + steps[4] :], target[to + steps[5] :]
    for e in range(size):
        d4[e] += v0[e] + (v1[e] + v2[e]) + (v3[e] + v4[e])
        d5[e] += v5[e]


@compiled
def from_points(
    size: int,
    step: int,
    source: Array,
    start: int,
    pitch: int,
    target: Array,
    to: int,
    spacing: int,
) -> None:
    """Write the `step` (2 or 4) numbers y = Aᵀ p of `size` sixes, `spacing` apart."""
    number = source.dtype.type
    a, b, a2, b2 = number(A), number(B), number(A * A), number(B * B)
    a3, b3 = a2 * a, b2 * b
    p0, p1, p2 = source[start:], source[start + pitch :], source[start + 2 * pitch :]
    p3, p4 = source[start + 3 * pitch :], source[start + 4 * pitch :]
    p5 = source[start + 5 * pitch :]
    y0, y1 = target[to:], target[to + spacing :]
    if step == 2:
        for e in range(size):
            x1, x2, x3, x4 = p1[e], p2[e], p3[e], p4[e]
            y0[e] = p0[e] + (x1 + x2) + (x3 + x4)
            y1[e] = a * (x1 - x2) + b * (x3 - x4) + p5[e]
        return
    y2, y3 = target[to + 2 * spacing :], target[to + 3 * spacing :]
    for e in range(size):
        x0, x1, x2, x3, x4, x5 = p0[e], p1[e], p2[e], p3[e], p4[e], p5[e]
        even_a, odd_a = x1 + x2, x1 - x2
        even_b, odd_b = x3 + x4, x3 - x4
        y0[e] = x0 + even_a + even_b
        y1[e] = a * odd_a + b * odd_b
        y2[e] = a2 * even_a + b2 * even_b
        y3[e] = a3 * odd_a + b3 * odd_b + x5


@compiled
def from_points_adjoint(
    size: int,
    step: int,
    source: Array,
    start: int,
    spacing: int,
    target: Array,
    to: int,
    pitch: int,
) -> None:
    """Write p = A g of the `step` (2 or 4) numbers of `size` gradients, `spacing` apart."""
    number = source.dtype.type
    a, b, a2, b2 = number(A), number(B), number(A * A), number(B * B)
    a3, b3 = a2 * a, b2 * b
    g0, g1 = source[start:], source[start + spacing :]
    p0, p1, p2 = target[to:], target[to + pitch :], target[to + 2 * pitch :]
    p3, p4, p5 = target[to + 3 * pitch :], target[to + 4 * pitch :], target[to + 5 * pitch :]
    if step == 2:
        for e in range(size):
            x0, x1 = g0[e], g1[e]
            p0[e] = x0
            p1[e] = x0 + a * x1
            p2[e] = x0 - a * x1
            p3[e] = x0 + b * x1
            p4[e] = x0 - b * x1
            p5[e] = x1
        return
    g2, g3 = source[start + 2 * spacing :], source[start + 3 * spacing :]
    for e in range(size):
        x0, x1, x2, x3 = g0[e], g1[e], g2[e], g3[e]
        even_a, odd_a = x0 + a2 * x2, a * x1 + a3 * x3
        even_b, odd_b = x0 + b2 * x2, b * x1 + b3 * x3
        p0[e] = x0
        p1[e] = even_a + odd_a
        p2[e] = even_a - odd_a
        p3[e] = even_b + odd_b
        p4[e] = even_b - odd_b
        p5[e] = x3
