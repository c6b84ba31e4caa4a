"""Matrix products of Dense layers whose results stay in registers while they are added up.

Of many shapes BLAS copies a factor anew for each piece of the product. These read both factors
where they lie: for few columns of one, as many as a few vectors hold, all rows of the other. Only
the weights of many samples are turned first, so that the outputs of several units fill a vector:
sums over its lanes would take longer.
"""

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.machine_code.register_tiles import dot_tile, multiply_run
from engine.compute.native.machine_code.transpose import Places, turn
from engine.compute.native.machine_code.vector_code import RESULTS, VECTOR_BYTES

MOST_TERMS = 4096  # of a sum: those of a few columns must stay in the second cache
LEAST_SAMPLES, LEAST_COLUMNS = 9, 64  # of outputs that are faster in tiles
# The weights are turned for so many samples, of rows so long, if these are few times the units.
TURNED_SAMPLES, TURNED_COLUMNS, TURNED_UNITS = 64, 2048, 4
TURNED_VECTORS = 2  # of units at a time: more are no faster, and leave more units over
BLOCK_BYTES = 400_000  # of the weights that all samples are multiplied with: they stay there, too
# Of a product of few rows, so many terms at a time are added up over strips of so many bytes:
# each page of memory is gone through once, not once for each few columns.
FEW_ROWS, FEW_TERMS, STRIP_BYTES = 12, 64, 4096
_ROWS, _VECTORS = (6, 4) if RESULTS == 24 else (4, 3)
_SAMPLES, _UNITS = (4, 5) if RESULTS == 24 else (3, 4)


def suit(out: Array, terms: int, parts: int) -> bool:
    """Return whether products, sums of so many terms, can be written in tiles by their columns."""
    return terms <= MOST_TERMS and out.shape[1] * out.itemsize >= parts * VECTOR_BYTES


def suit_outputs(samples: int, columns: int) -> bool:
    """Return whether tiles make the outputs of samples with so many columns faster."""
    return samples >= LEAST_SAMPLES and columns >= LEAST_COLUMNS


def suit_turned(out: Array, columns: int, parts: int) -> bool:
    """Return whether outputs are made faster yet of weights that are turned first."""
    samples, units = out.shape
    few = columns <= TURNED_COLUMNS and columns <= TURNED_UNITS * units
    return samples >= TURNED_SAMPLES and few and suit(out, columns, parts)


@compiled
def multiply(
    left: Array, right: Array, out: Array, first: int, left_places: Places, right_places: Places
) -> None:
    """Write leftᵀ right. Of left, the columns from `first` on are taken, as many as out has rows.

    The places (n,) say where the rows of left and right begin.
    """
    given = right, right_places, left, first, 1, left_places, out
    (rows, columns), terms = out.shape, len(right_places)
    if rows > FEW_ROWS or terms <= FEW_TERMS:
        _write_columns(*given, 0, columns, 0, terms)
        return
    lanes = VECTOR_BYTES // out.itemsize
    whole, strip = columns // lanes * lanes, STRIP_BYTES // out.itemsize
    for start in range(0, whole, strip):
        for term in range(0, terms, FEW_TERMS):
            end = min(start + strip, whole), min(term + FEW_TERMS, terms)
            _write_columns(*given, start, end[0], term, end[1])
    if whole < columns:
        _write_columns(*given, columns - lanes, columns, 0, terms)


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
    given = right, places, left, 0, left.shape[1], units, out
    _write_columns(*given, start, end, 0, len(places))


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
    term: int,
    last_term: int,
) -> None:
    """Write Y_m = Σ_e w_em X_e for some columns, a vector of them at least, of all rows m of out.

    X_e begins at vectors[begins[e]], and w_em is factors[first + m · pitch + places[e]]. The terms
    e are those from `term` to before the last; what comes after the first ones is added to them.
    """
    rows, columns = out.shape
    lanes, terms = VECTOR_BYTES // out.itemsize, last_term - term
    x, w, y = vectors.reshape(-1), factors.reshape(-1), out.reshape(-1)
    at = start
    while at < end:
        count = min(_VECTORS, (end - at) // lanes)
        if count == 0:  # the last vector overlaps the one before
            at, count = end - lanes, 1
        for m in range(0, rows, _ROWS):
            multiply_run(
                *(x, at, begins, term, 1, 0, terms),
                *(w, first + m * pitch, pitch, places),
                *(y, m * columns + at, columns, min(_ROWS, rows - m), count, term),
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
    lanes = VECTOR_BYTES // out.itemsize
    vectors, rest = columns // lanes, columns % lanes
    for s in range(first, end):
        for u in range(start, stop):
            out[s, u] = bias[u]
    x, w, y = inputs.reshape(-1), weights.reshape(-1), out.reshape(-1)
    block = max(1, BLOCK_BYTES // (columns * out.itemsize * _UNITS)) * _UNITS
    for b in range(start, stop, block):
        for s in range(first, end, _SAMPLES):
            for u in range(b, min(b + block, stop), _UNITS):
                dot_tile(
                    *(x, s * columns, columns, 0, w, 0, places, u, 0, 1, vectors, rest),
                    *(y, s * units + u, units, min(_SAMPLES, end - s)),
                    min(_UNITS, min(b + block, stop) - u),
                )


@compiled
def turned_outputs(
    weights: Array,
    inputs: Array,
    bias: Array,
    out: Array,
    places: Places,
    panels: Array,
    order: Places,
    part: int,
    parts: int,
) -> None:
    """Do what `outputs` does by the units, a panel of the turned weights at a time.

    panels (parts, columns, width); the order is 0, 1, 2 and so on, up to the columns.
    """
    (samples, columns), units = inputs.shape, len(bias)
    lanes, width, panel = VECTOR_BYTES // out.itemsize, panels.shape[2], panels[part].reshape(-1)
    at = units * part // parts // lanes * lanes
    end = units if part + 1 == parts else units * (part + 1) // parts // lanes * lanes
    x, w, y, begins = inputs.reshape(-1), weights.reshape(-1), out.reshape(-1), order * width
    while at < end:
        count = min(width // lanes, (end - at) // lanes)
        if count == 0:  # the last vector overlaps the one before
            at, count = end - lanes, 1
        own = slice(at, at + count * lanes)
        turn(w, 0, places[own], panel, 0, begins)
        for s in range(0, samples, _ROWS):
            multiply_run(
                *(panel, 0, begins, 0, 1, 0, columns, x, s * columns, columns, order),
                *(y, s * units + at, units, min(_ROWS, samples - s), count, 0),
            )
        _add_bias(bias[own], out[:, own])
        at += count * lanes


@compiled
def _add_bias(bias: Array, out: Array) -> None:
    for s in range(len(out)):
        row = out[s]
        for u in range(len(bias)):
            row[u] += bias[u]
