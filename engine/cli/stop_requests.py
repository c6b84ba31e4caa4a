"""StopRequests: what signals that end a program do while it trains and writes what it learned."""

import signal
import threading
from typing import Any

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl+C, a polite kill, a closed terminal


class StopRequests:
    """Sets `stop` at the first signal; the second ends the program as usual, while it trains.

    From `hold` on no signal ends it: what came then acts when the block is left.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._before: dict[int, Any] = {}
        self._came: list[int] = []

    def __enter__(self) -> "StopRequests":
        self._before = {number: signal.signal(number, self._ask) for number in _caught()}
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()
        for number in self._came[:1]:
            signal.raise_signal(number)

    def hold(self) -> None:
        """Let no signal end the program until the block is left."""
        for number in self._before:
            signal.signal(number, lambda number, _: self._came.append(number))

    def _ask(self, *_: object) -> None:
        self.stop.set()
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _caught() -> list[int]:
    """List the signals that end a program, as far as this thread and platform have them."""
    if threading.current_thread() is not threading.main_thread():
        return []
    known = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]  # not Windows
    # Under nohup, say, a signal is ignored and shall stay so.
    return [number for number in known if signal.getsignal(number) not in (signal.SIG_IGN, None)]
