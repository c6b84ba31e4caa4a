"""What is known of the program and the machine, for About and for reports."""

import os
import platform
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import qVersion

import engine
from engine.compute.numerics import numerics_in_words
from engine.version import version

_MEGABYTE = 1_000_000
_LIBRARIES = ("PySide6-Essentials", "numpy", "scipy", "pyqtgraph")


def program_facts() -> list[tuple[str, str]]:
    """Return names and values: versions, the system, the engine, and the memory in use."""
    return [
        ("Layerscope", version()),
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
        *((name, _library_version(name)) for name in _LIBRARIES),
        ("System", platform.platform()),
        ("Processor cores", str(os.cpu_count())),
        ("Engine", str(Path(engine.__file__).parent)),
        ("Computes with", numerics_in_words()),
        ("Memory in use", _memory()),
    ]


def facts_text() -> str:
    """Return the same as lines of text."""
    return "".join(f"{name}: {value}\n" for name, value in program_facts())


def _library_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # the program was packed in another way
        return "unknown"


def _memory() -> str:
    import psutil  # takes 15 ms

    return f"{psutil.Process().memory_info().rss / _MEGABYTE:,.0f} MB"
