"""What the program says, in text files that are read as a whole when a sentence changes."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import LayerscopeError
from engine.files.untrusted_read import DamagedError
from tests.paths import ROOT

SAID = ROOT / "tests" / "said"
OF_OTHERS = re.compile(r"(damaged|on) \(.*?\)(?=\. )")  # what a library says of a file


def assert_approved(name: str, text: str) -> None:
    """Compare with the approved text of a file; with `APPROVE=1` in the environment, rewrite it."""
    path = SAID / name
    if os.environ.get("APPROVE"):
        path.write_text(text, "utf-8", newline="\n")
    same = text == path.read_text("utf-8")
    assert same, f"read the difference; `APPROVE=1` writes tests/said/{name} anew"


def refusal(read: Callable[[], object], folder: Path) -> str:
    """Return the line in which a file of a folder is refused, but for what others say in it."""
    with pytest.raises((LayerscopeError, DamagedError)) as caught:
        read()
    assert "\n" not in str(caught.value)
    return OF_OTHERS.sub(r"\1 (…)", f"{caught.value}\n".replace(str(folder), "FOLDER"))
