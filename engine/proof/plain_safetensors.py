"""The safetensors format, taken apart without the library that writes it."""

import json
import struct

import numpy as np

from engine.array_types import Array


def parse_safetensors(data: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the float32 arrays and the metadata of the bytes of a file that is trusted.

    They are a length in 8 bytes, a header in JSON, and the values one after the other.
    """
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    values = memoryview(data)[8 + size :]
    arrays = {
        name: np.frombuffer(values[slice(*told["data_offsets"])], "<f4").reshape(told["shape"])
        for name, told in header.items()
    }
    return arrays, metadata
