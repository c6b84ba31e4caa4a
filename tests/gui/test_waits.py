"""No wait in the window's thread is without an end.

Found are calls that wait for another thread and name no limit. What waits in a thread beside the
window may do so, and is listed.
"""

import ast
from pathlib import Path

from tests.paths import ROOT

WAITS = {"join", "wait", "acquire", "result", "communicate", "waitForDone"}
BESIDE_THE_WINDOW = {
    ("gui/background/mailbox.py", "self._ready.wait()"),  # the worker, for something to do
    ("gui/storage/preferences.py", "before.join()"),  # what writes the next change
}


def waits(path: Path) -> set[tuple[str, str]]:
    """Find the calls of a file that wait without a limit."""
    text = path.read_text("utf-8")
    if not any(f"{name}(" in text for name in WAITS):
        return set()  # to parse all files takes long
    return {
        (path.relative_to(ROOT).as_posix(), ast.unparse(call))
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in WAITS
        and not call.args
        and not call.keywords
    }


def test_only_threads_beside_the_window_wait_without_a_limit() -> None:
    found = set().union(*map(waits, sorted((ROOT / "gui").rglob("*.py"))))
    assert found == BESIDE_THE_WINDOW
