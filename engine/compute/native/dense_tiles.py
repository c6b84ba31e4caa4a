"""Matrix products of Dense layers whose results stay in registers while they are added up.

Of many shapes BLAS copies a factor anew for each piece of the product. These read both factors
where they lie: for few columns of one, as many as a few vectors hold, all rows of the other.
"""

from engine.array_types import Array
from engine.compute.native.compiled import compiled
from engine.compute.native.register_tiles import dot_tile, multiply_run
from engine.compute.native.transpose import Places
from engine.compute.native.vector_code import RESULTS, VECTOR_BYTES

MOST_TERMS = 4096  # of a sum: those of a few columns must stay in the second cache
LEAST_SAMPLES, LEAST_COLUMNS = 9, 64  # of outputs that are faster in tiles
MOST_UNITS = 64  # that are, too, where some columns fill no vector: BLAS is slow with few
BLOCK_BYTES = 400_000  # of the weights that all samples are multiplied with: they stay there, too
_ROWS, _VECTORS = (6, 4) if RESULTS == 24 else (4, 3)
_SAMPLES, _UNITS = (4, 5) if RESULTS == 24 else (3, 4)


def suit(out: Array, terms: int, parts: int) -> bool:
    """Return whether products, sums of so many terms, can be written in tiles by their columns."""
    return terms <= MOST_TERMS and out.shape[1] * out.itemsize >= parts * VECTOR_BYTES


def suit_outputs(samples: int, weights: Array) -> bool:
    """Return whether tiles make outputs faster: what fills no vector is done number by number."""
    units, columns = weights.shape
    rest = columns * weights.itemsize % VECTOR_BYTES
    return (
        samples >= LEAST_SAMPLES and columns >= LEAST_COLUMNS and (not rest or units < MOST_UNITS)
    )


@compiled
def multiply(
    left: Array, right: Array, out: Array, first: int, left_places: Places, right_places: Places
) -> None:
    """Write leftᵀ right. Of left, the columns from `first` on are taken, as many as out has rows.

    The places (n,) say where the rows of left and right begin.
    """
    _write_columns(right, right_places, left, first, 1, left_places, out, 0, out.shape[1])


@compiled
def multiply_back(
    left: Array, right: Array, out: Array, places: Places, units: Places, part: int, parts: int
) -> None:
    """Write left right for a part of the columns of right and out.

    The places (units,) say where the rows of right begin; the units are 0, 1, 2 and so on.
    """
    columns, lanes = out.shape[1], VECTOR_BYTES // out.itemsize
    start = columns * part // parts // lanes * lanes
    end = columns if part + 1 == parts else columns * (part + 1) // parts // lanes * lanes
    _write_columns(right, places, left, 0, left.shape[1], units, out, start, end)


@compiled
def _write_columns(
    vectors: Array,
    begins: Places,
    factors: Array,
    first: int,
    pitch: int,
    places: Places,
    out: Array,
    start: int,
    end: int,
) -> None:
    """Write Y_m = Σ_e w_em X_e for some columns, a vector of them at least, of all rows m of out.

    X_e begins at vectors[begins[e]], and w_em is factors[first + m · pitch + places[e]].
    """
    rows, columns = out.shape
    lanes, terms = VECTOR_BYTES // out.itemsize, len(begins)
    x, w, y = vectors.reshape(-1), factors.reshape(-1), out.reshape(-1)
    at = start
    while at < end:
        count = min(_VECTORS, (end - at) // lanes)
        if count == 0:  # the last vector overlaps the one before
            at, count = end - lanes, 1
        for m in range(0, rows, _ROWS):
            multiply_run(
                *(x, at, begins, 0, 1, 0, terms),
                *(w, first + m * pitch, pitch, places),
                *(y, m * columns + at, columns, min(_ROWS, rows - m), count),
            )
        at += count * lanes


@compiled
def outputs(
    weights: Array,
    inputs: Array,
    bias: Array,
    out: Array,
    places: Places,
    by_units: int,
    part: int,
    parts: int,
) -> None:
    """Write y = W x + b for a part of the units or of the samples; out (n, units).

    The places (units,) say where the rows of the weights begin.
    """
    (samples, columns), units = inputs.shape, len(bias)
    first, end, start, stop = 0, samples, 0, units
    if by_units:
        start, stop = units * part // parts, units * (part + 1) // parts
    else:
        first, end = samples * part // parts, samples * (part + 1) // parts
    vectors = columns // (VECTOR_BYTES // out.itemsize)
    _write_rest(weights, inputs, bias, out, vectors, first, end, start, stop)
    x, w, y = inputs.reshape(-1), weights.reshape(-1), out.reshape(-1)
    block = max(1, BLOCK_BYTES // (columns * out.itemsize * _UNITS)) * _UNITS
    for b in range(start, stop, block):
        for s in range(first, end, _SAMPLES):
            for u in range(b, min(b + block, stop), _UNITS):
                dot_tile(
                    *(x, s * columns, columns, 0, w, 0, places, u, 0, 1, vectors),
                    *(y, s * units + u, units, min(_SAMPLES, end - s)),
                    min(_UNITS, min(b + block, stop) - u),
                )


@compiled
def _write_rest(
    weights: Array,
    inputs: Array,
    bias: Array,
    out: Array,
    vectors: int,
    first: int,
    end: int,
    start: int,
    stop: int,
) -> None:
    """Write b, and of W x what comes of the columns that fill no vector."""
    columns = inputs.shape[1]
    whole = vectors * (VECTOR_BYTES // out.itemsize)
    for s in range(first, end):
        for u in range(start, stop):
            total = bias[u]
            for i in range(whole, columns):
                total += weights[u, i] * inputs[s, i]
            out[s, u] = total
