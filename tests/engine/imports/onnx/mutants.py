"""ONNX files damaged at random, under a seed: their bytes, or what their parts say."""

import random
from pathlib import Path
from typing import Any

import onnx

from engine.errors import NetworkFileError
from engine.imports.onnx.imported_network import ImportedNetwork
from tests.engine.files.mutants import damage
from tests.engine.imports.onnx.graphs import read_here

NUMBERS = (-1, 0, 1, 2, 3, 7, 1000, 2**20, 2**31, 2**40, 2**63 - 1, -(2**63))


def read_mutant(path: Path, number: int, original: bytes) -> ImportedNetwork | None:
    """Damage some bytes and import the file; None if it is refused by the one error type."""
    path.write_bytes(damage(original, random.Random(number)))
    return _read(path)


def read_inner_mutant(path: Path, number: int, original: bytes) -> ImportedNetwork | None:
    """Change some numbers and names in a file that stays sound protobuf, and import it."""
    dice = random.Random(number)
    model = onnx.load_from_string(original)
    for _ in range(dice.randint(1, 3)):
        _change(model.graph, dice)
    path.write_bytes(model.SerializeToString())
    return _read(path)


def _change(graph: Any, dice: random.Random) -> None:
    match dice.randrange(6):
        case 0:
            sizes = dice.choice([*graph.initializer]).dims
            if sizes:
                sizes[dice.randrange(len(sizes))] = dice.choice(NUMBERS)
        case 1:
            size = dice.choice([*graph.input[0].type.tensor_type.shape.dim])
            size.dim_value = dice.choice(NUMBERS)
        case 2:
            attributes = [each for node in graph.node for each in node.attribute]
            chosen = dice.choice(attributes)
            if chosen.ints:
                chosen.ints[dice.randrange(len(chosen.ints))] = dice.choice(NUMBERS)
            else:
                chosen.i, chosen.f = dice.choice(NUMBERS), dice.choice((0.0, -1.0, 1e38))
        case 3:
            one, other = (dice.choice([*graph.node]) for _ in range(2))
            one.input[0], other.input[-1] = other.input[-1], one.input[0]
        case 4:
            tensor = dice.choice([*graph.initializer])
            tensor.data_type = dice.randrange(24)
        case 5:
            one, other = (dice.choice([*graph.node]) for _ in range(2))
            one.op_type = other.op_type


def _read(path: Path) -> ImportedNetwork | None:
    try:
        return read_here(path)
    except NetworkFileError as refusal:
        said = str(refusal)
    assert said.startswith(str(path.parent))
    assert "\n" not in said
    return None
