"""What the program says, in text files that are read as a whole when a sentence changes."""

import os

from tests.paths import ROOT

SAID = ROOT / "tests" / "said"


def assert_approved(name: str, text: str) -> None:
    """Compare with the approved text of a file; with `APPROVE=1` in the environment, rewrite it."""
    path = SAID / name
    if os.environ.get("APPROVE"):
        path.write_text(text, "utf-8", newline="\n")
    assert text == path.read_text("utf-8")
