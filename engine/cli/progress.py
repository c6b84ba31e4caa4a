"""What `train` prints while it runs: lines for people, or JSON for programs."""

import json
import sys
import time
from typing import Protocol

from engine.cli import words
from engine.training import BatchDone, EpochDone, Event

_REDRAW_SECONDS = 0.1
_JSON_FIELDS = (
    "epoch",
    "epochs",
    "loss",
    "accuracy",
    "test_loss",
    "test_accuracy",
    "samples_per_second",
    "seconds",
)


class Progress(Protocol):
    """Whoever is told the events of a training."""

    def show(self, event: Event) -> None:
        """Print an event, if it is one to print."""
        ...

    def end(self) -> None:
        """Leave the terminal at the start of an empty line."""
        ...


class JsonProgress:
    """One JSON object per epoch."""

    def show(self, event: Event) -> None:
        """Print the end of an epoch."""
        if isinstance(event, EpochDone):
            print(json.dumps({name: getattr(event, name) for name in _JSON_FIELDS}), flush=True)

    def end(self) -> None:
        """Do nothing: every line was whole."""


class TextProgress:
    """One line per epoch; on a terminal also how far the present epoch is."""

    def __init__(self, first_epoch: int, epochs: int) -> None:
        self._first, self._last = first_epoch, first_epoch + epochs
        self._started = self._drawn = time.monotonic()
        self._live = sys.stdout.isatty()

    def show(self, event: Event) -> None:
        """Print the end of an epoch, or a passing line."""
        if isinstance(event, EpochDone):
            print(self._clear() + self._line(event), flush=True)
        elif self._live and isinstance(event, BatchDone):
            now = time.monotonic()
            if now - self._drawn >= _REDRAW_SECONDS:
                self._drawn = now
                share = event.step / event.steps
                text = f"epoch {event.epoch} of {self._last}: {share:.0%}, loss {event.loss:.4f}"
                print(self._clear() + text, end="", flush=True)

    def end(self) -> None:
        """Take the passing line away."""
        print(self._clear(), end="", flush=True)

    def _line(self, event: EpochDone) -> str:
        elapsed = time.monotonic() - self._started
        done = event.epoch - self._first
        line = (
            f"epoch {event.epoch:>{len(str(event.epochs))}} of {event.epochs}   "
            f"loss {event.loss:.4f}  accuracy {words.percent(event.accuracy)}   "
            f"test: loss {event.test_loss:.4f}  accuracy {words.percent(event.test_accuracy)}   "
            f"{event.samples_per_second:,.0f} samples/s   {words.duration(elapsed)}"
        )
        left = event.epochs - event.epoch
        return line + (f", about {words.duration(elapsed / done * left)} left" if left else "")

    def _clear(self) -> str:
        return "\r\x1b[K" if self._live else ""
