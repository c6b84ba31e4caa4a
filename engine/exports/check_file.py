"""The file `check.npz` of a folder: a few images, and what each block gives for them."""

import io
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.exports.trained_network import TrainedNetwork
from engine.files.naming import module_names
from engine.proof.prove import images_to_prove

_BYTES = 20_000_000  # of outputs that it holds
_IMAGES = 20


def check_file(network: TrainedNetwork, form: Callable[[Array], Array]) -> bytes:
    """Return images of values from 0 to 1, and the outputs of the blocks by their modules' names.

    They are fewer images, or outputs of the last block alone, where that would be too much. `form`
    brings outputs (n, ...) into the shape that they have in the other program.
    """
    rows = network.report.rows
    size = sum(4 * math.prod(row.output_shape or ()) for row in rows)
    count = max(1, min(_IMAGES, _BYTES // size))
    test = network.test.images if network.test is not None else None
    images = images_to_prove(network.network(), test).bytes[:count]
    outputs = network.network().activations(network.scaling.inputs(images))
    arrays: dict[str, NDArray[Any]] = {"images": images.astype(np.float32) / np.float32(255)}
    for place, name in enumerate(module_names(row.slot for row in rows), 1):
        if size <= _BYTES or place == len(rows):
            arrays[name] = form(outputs[place - 1])
    return write_arrays(arrays)


def write_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Encode arrays of any type in numpy's npz format, compressed."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()
