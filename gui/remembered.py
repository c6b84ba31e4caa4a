"""What Layerscope remembers between starts in small files of its own folder.

None of it is work of the user's. So whatever is wrong with a file, a folder or a pipe in its
place, a value that nobody would choose, a nesting without end, costs what was remembered there
and nothing else.
"""

import json
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.errors import ProjectError
from engine.files.atomic import write_atomically
from engine.files.reading import read_file
from engine.folders import home

T = TypeVar("T")
D = TypeVar("D")
_MOST_BYTES = 1_000_000  # a layout of all panels takes 2,000


def recall(name: str, kind: type[T], default: D) -> T | D:
    """Return what a file of this name holds as a value of `kind`; `default` if it holds none."""
    try:
        held = json.loads(read_file(_file(name), _MOST_BYTES, ProjectError))
        return msgspec.convert(held, kind)
    except Exception:  # of the disk, of JSON, of a type, of a depth: the answer is the same
        return default


def remember(name: str, content: Any) -> bool:
    """Put a value into a file of this name for `recall`; return whether that was possible."""
    try:
        # Escapes keep what is not UTF-8 in the name of a file.
        data = json.dumps(msgspec.to_builtins(content), indent=1).encode()
        home().mkdir(parents=True, exist_ok=True)
        write_atomically(_file(name), data)
    except (OSError, ValueError, RuntimeError):  # the last: there is no home
        return False
    return True


def _file(name: str) -> Path:
    return home() / name
