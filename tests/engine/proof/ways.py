"""Functions at the top of a module, to be run in a process of their own."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.array_types import Array
from engine.proof.verdict import BlockOutputs


def mean_and_process(path: Path, images: Array) -> BlockOutputs:
    """Show a mean, no second block, and that this is another process."""
    path.with_name("process").write_text(str(os.getpid()))
    print("whatever it prints is not taken for an answer")
    return [images.mean(axis=(2, 3)), None, images[:, 0, 0]]


def failing(path: Path, images: Array) -> BlockOutputs:
    """Fail with an error."""
    raise ValueError(f"{path.name} is not what it seems")


def dying(path: Path, images: Array) -> BlockOutputs:
    """End without a word, and leave something behind."""
    path.write_text(tempfile.mkdtemp())
    os._exit(3)


def sleeping_with_child(path: Path, images: Array) -> BlockOutputs:
    """Start a child, write its id, and sleep."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    path.write_text(str(child.pid))
    time.sleep(600)
    return []
