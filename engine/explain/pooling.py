"""Pooling: the window or the whole map, its winner or its mean, and where the gradient goes."""

import numpy as np

from engine.blocks import MaxPool
from engine.blocks.pooling import Pooling
from engine.explain.explanation import Explanation, Number, Table
from engine.explain.float64_arrays import frozen
from engine.explain.indices import Index, all_indices, index_words
from engine.explain.sliding_window import Window
from engine.explain.training_step import TracedBlock


def window_of(block: TracedBlock, index: Index) -> Window:
    """Say where the window of an output (map, row, column) lies in its map."""
    size, stride = _sizes(block)
    return Window(index[1] * stride, index[2] * stride, size, size)


def pool_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one pooled value: the largest, or the mean, of its window."""
    top, left, size, _ = window_of(block, index)
    values = block.inputs[index[0], top : top + size, left : left + size].reshape(-1)
    rows, columns = np.divmod(np.arange(size * size), size)
    indices = np.stack([np.full(size * size, index[0]), rows + top, columns + left], axis=1)
    largest = isinstance(block.slot.block, MaxPool)
    winner = int(values.argmax()) if largest else None
    table = Table(("x",), frozen(values[:, np.newaxis]), indices, chosen=winner, sums=not largest)
    numbers: tuple[Number, ...] = ()
    if not largest:
        numbers = (Number("Σ x", float(values.sum())), Number("size²", float(size**2)))
    ties = "" if winner is None or (values == values[winner]).sum() == 1 else _TIE
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation="y = max of the window" if largest else "y = Σ x / size²",
        numbers=numbers,
        result=Number("y", float(values.max() if largest else values.sum() / size**2)),
        table=table,
        note=ties,
    )


def pool_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x of one input: from every window that it is in, its share of the gradient."""
    size, stride = _sizes(block)
    channel, row, column = index
    shares, indices = [], []
    largest = isinstance(block.slot.block, MaxPool)
    for r in _windows_over(row, size, stride, block.outputs.shape[1]):
        for c in _windows_over(column, size, stride, block.outputs.shape[2]):
            top, left = r * stride, c * stride
            gradient = float(block.gradient[channel, r, c])
            part = 1 / size**2
            if largest:
                values = block.inputs[channel, top : top + size, left : left + size]
                own = (row - top) * size + column - left
                part = float(int(values.argmax()) == own)
            shares.append([gradient, part, gradient * part])
            indices.append([channel, r, c])
    table = Table(
        ("∂E/∂y", "won" if largest else "1/size²", "share"),
        frozen(np.reshape(shares, (-1, 3))),
        np.reshape(indices, (-1, 3)).astype(np.intp),
        sums=True,
    )
    note = "" if shares else "No window covers this value, so it has no gradient."
    if largest and shares and not any(share[1] for share in shares):
        note = "It was not the largest of any window, so no gradient comes to it."
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation="∂E/∂x = Σ ∂E/∂y of the windows whose largest value it was"
        if largest
        else "∂E/∂x = Σ ∂E/∂y / size² of the windows that it is in",
        numbers=(),
        result=Number("∂E/∂x", float(table.values[:, 2].sum())),
        table=table,
        note=note,
    )


def global_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain the mean of one whole map."""
    own = block.inputs[index[0]]
    total = float(own.sum())
    indices = all_indices(block.inputs.shape)
    return Explanation(
        title=f"{block.title}: {index_words(index)}",
        equation="y = Σ x / (height · width)",
        numbers=(Number("Σ x", total), Number("height · width", float(own.size))),
        result=Number("y", total / own.size),
        table=Table(
            ("x",), frozen(own.reshape(-1, 1)), indices[indices[:, 0] == index[0]], sums=True
        ),
        note="Where in the map a value stands does not matter.",
    )


def global_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x of one input: an equal share of the gradient of its map's mean."""
    gradient, area = float(block.gradient[index[0]]), block.inputs[index[0]].size
    return Explanation(
        title=f"{block.title}: ∂E/∂x, {index_words(index)}",
        equation="∂E/∂x = ∂E/∂y / (height · width)",
        numbers=(Number("∂E/∂y", gradient), Number("height · width", float(area))),
        result=Number("∂E/∂x", gradient / area),
        table=Table(("∂E/∂y",), frozen([[gradient]]), np.array([index[:1]])),
        note="Every value of the map has the same share.",
    )


_TIE = "Several values are the largest; the first of them, row by row, takes the whole gradient."


def _sizes(block: TracedBlock) -> tuple[int, int]:
    pool = block.slot.block
    assert isinstance(pool, Pooling)
    return pool.size, pool.step


def _windows_over(index: int, size: int, stride: int, outputs: int) -> range:
    """List the windows along one axis that cover an index."""
    first = max(0, -(-(index - size + 1) // stride))
    return range(first, min(index // stride, outputs - 1) + 1)
