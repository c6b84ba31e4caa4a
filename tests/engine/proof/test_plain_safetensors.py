"""The plain reader of safetensors against the library that writes them."""

import numpy as np
from safetensors.numpy import save

from engine.proof.plain_safetensors import parse_safetensors


def test_arrays_and_metadata_are_those_that_were_written() -> None:
    dice = np.random.default_rng(0)
    written = {
        "a": dice.normal(size=(3, 4)).astype(np.float32),
        "b.c": dice.normal(size=(7,)).astype(np.float32),
    }
    for metadata in (None, {"stack": "[1]", "ä": "ö"}):
        arrays, found = parse_safetensors(save(written, metadata))
        assert found == (metadata or {})
        assert arrays.keys() == written.keys()
        for name, array in written.items():
            np.testing.assert_array_equal(arrays[name], array)
