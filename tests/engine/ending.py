"""Calls that must come to an end."""

import threading
from collections.abc import Callable
from typing import Any

SECONDS = 60.0


def outcome(call: Callable[[], Any]) -> Any:
    """Give the result of a call, or what it raised. One that never ends fails the test."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    assert not thread.is_alive(), "it waits for ever"
    return found[0]
