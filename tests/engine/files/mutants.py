"""Project files damaged at random, under a seed."""

import random
from pathlib import Path

from engine.errors import ProjectError
from engine.files.project_file import open_project, save_project
from engine.project import Project
from tests.engine.files.networks import members_of, write_members

EXAMPLE = Path(__file__).parent / "examples" / "format-1.layerscope"
RUN_EXAMPLE = EXAMPLE.with_name("format-1-run.layerscope")


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


def open_mutant(path: Path, number: int, example: Path = EXAMPLE) -> Project | None:
    """Damage the example at random and open it; None if it is refused by the one error type."""
    path.write_bytes(damage(example.read_bytes(), random.Random(number)))
    return _open(path)


def open_inner_mutant(path: Path, number: int, example: Path = EXAMPLE) -> Project | None:
    """Damage one member of the example, in a zip that is sound.

    What opens may be another project then; it must be one that can be saved and opened again.
    """
    dice, members = random.Random(number), members_of(example)
    name = dice.choice(sorted(members))
    members[name] = damage(members[name], dice)
    write_members(path, members)
    opened = _open(path)
    if opened is not None:
        save_project(opened, path)
        assert open_project(path).stack == opened.stack
    return opened


def _open(path: Path) -> Project | None:
    try:
        return open_project(path)
    except ProjectError as refusal:
        said = str(refusal)
    assert said.startswith(str(path))
    assert "\n" not in said
    return None
