"""Calls that must come to an end."""

import threading
from collections.abc import Callable
from typing import Any

LOOKS, BETWEEN = 1_200, 0.05  # s; what the process is stopped meanwhile counts as one look at most


def outcome(call: Callable[[], Any]) -> Any:
    """Return the result of a call, or what it raised. One that never ends fails the test."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    for _ in range(LOOKS):
        if thread.is_alive():
            thread.join(BETWEEN)
    assert not thread.is_alive(), "it waits for ever"
    return found[0]
