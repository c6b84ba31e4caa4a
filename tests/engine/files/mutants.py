"""Project files damaged at random, under a seed."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.errors import LayerscopeError, ProjectError
from engine.files.project_file import open_project, save_project
from engine.model.project import Project
from tests.engine.files.networks import members_of, write_members

EXAMPLE = Path(__file__).parent / "examples" / "format-1.layerscope"
RUN_EXAMPLE = EXAMPLE.with_name("format-1-run.layerscope")
T = TypeVar("T")


def damage(content: bytes, dice: random.Random) -> bytes:
    """Change, flip, cut, insert, repeat or swap some bytes."""
    result = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        at, size = dice.randrange(len(result) + 1), dice.choice((1, 1, 2, 4, 8, 100))
        match dice.randrange(6):
            case 0:
                result[at : at + 1] = dice.randbytes(1)
            case 1 if at < len(result):
                result[at] ^= 1 << dice.randrange(8)
            case 2:
                del result[at : at + size]
            case 3:
                result[at:at] = dice.choice((dice.randbytes(size), bytes(size), b"\xff" * size))
            case 4:
                result[at:at] = result[at : at + size]
            case 5:
                other = dice.randrange(len(result) + 1)
                result[at : at + size], result[other : other + size] = (
                    result[other : other + size],
                    result[at : at + size],
                )
    return bytes(result)


def tried(read: Callable[[Path], T], path: Path, kind: type[LayerscopeError]) -> T | None:
    """Read a file; None if it is refused by the one error type, in one line that names it."""
    try:
        return read(path)
    except kind as refusal:
        said = str(refusal)
    assert said.startswith(str(path.parent))
    assert "\n" not in said
    return None


def open_mutant(path: Path, number: int, example: Path = EXAMPLE) -> Project | None:
    """Damage the example at random and open it; None if it is refused by the one error type."""
    path.write_bytes(damage(example.read_bytes(), random.Random(number)))
    return tried(open_project, path, ProjectError)


def open_inner_mutant(path: Path, number: int, example: Path = EXAMPLE) -> Project | None:
    """Damage one member of the example, in a zip that is sound.

    What opens may be another project then; it must be one that can be saved and opened again.
    """
    dice, members = random.Random(number), members_of(example)
    name = dice.choice(sorted(members))
    members[name] = damage(members[name], dice)
    write_members(path, members)
    opened = tried(open_project, path, ProjectError)
    if opened is not None:
        save_project(opened, path)
        assert open_project(path).stack == opened.stack
    return opened
