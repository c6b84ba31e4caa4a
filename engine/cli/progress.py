"""What `train` prints while it runs: lines for people, or JSON for programs."""

import json
import sys
import time
from typing import Protocol

from engine.cli.progress_line import PassingLine
from engine.cli.say import say
from engine.text import words
from engine.training.evaluation import Evaluation
from engine.training.events import BatchDone, EpochDone, Event, Finished

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


class ProgressPrinter(Protocol):
    """Whoever is told the events of a training."""

    def show(self, event: Event) -> None:
        """Print an event, if it is one to print."""
        ...

    def end(self) -> None:
        """Leave the terminal at the start of an empty line."""
        ...


class JsonProgress:
    """One JSON object per epoch; why the run ended early goes to stderr."""

    def show(self, event: Event) -> None:
        """Print the end of an epoch, or the reason of an early end."""
        if isinstance(event, EpochDone):
            line = {name: getattr(event, name) for name in _JSON_FIELDS}
            if event.validation is not None:
                line["validation_loss"] = event.validation_loss
                line["validation_accuracy"] = event.validation_accuracy
            print(json.dumps(line), flush=True)
        elif isinstance(event, Finished) and event.reason:
            say(event.reason, aside=True)

    def end(self) -> None:
        """Do nothing: every line was whole."""


class TextProgress:
    """One line per epoch; on a terminal also how far the present epoch is."""

    def __init__(self, first_epoch: int, epochs: int) -> None:
        self._first, self._last = first_epoch, first_epoch + epochs
        self._started = time.monotonic()
        self._passing = PassingLine(sys.stdout)

    def show(self, event: Event) -> None:
        """Print the end of an epoch, the reason of an early end, or a passing line."""
        if isinstance(event, EpochDone):
            self._passing.clear()
            say(self._line(event), flush=True)
        elif isinstance(event, Finished) and event.reason:
            self._passing.clear()
            say(event.reason, flush=True)
        elif isinstance(event, BatchDone):
            share = event.step / event.steps
            self._passing.show(
                f"epoch {event.epoch} of {self._last}: {share:.0%}, loss {event.loss:.4f}"
            )

    def end(self) -> None:
        """Take the passing line away."""
        self._passing.clear()

    def _line(self, event: EpochDone) -> str:
        elapsed = time.monotonic() - self._started
        done = event.epoch - self._first
        line = (
            f"epoch {event.epoch:>{len(str(event.epochs))}} of {event.epochs}   "
            f"loss {event.loss:.4f}  accuracy {words.percent(event.accuracy)}   "
            f"{_measured('validation', event.validation) if event.validation else ''}"
            f"{_measured('test', event.test)}"
            f"{event.samples_per_second:,.0f} samples/s   {words.duration(elapsed)}"
        )
        left = event.epochs - event.epoch
        return line + (f", about {words.duration(elapsed / done * left)} left" if left else "")


def _measured(name: str, found: Evaluation) -> str:
    return f"{name}: loss {found.loss:.4f}  accuracy {words.percent(found.accuracy)}   "
