"""`data get`: download a data set that has a name."""

import argparse
import json
import sys
import time

from engine.cli.output import PassingLine, say
from engine.cli.shared import Command, add_json
from engine.cli.stop_requests import StopRequests
from engine.data.known.known_sets import KNOWN_SETS, KnownSet, megabytes
from engine.text import words

_JSON_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("name", metavar="NAME", choices=KNOWN_SETS, help=", ".join(KNOWN_SETS))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Download the set, saying before what it is and meanwhile how far it is."""
    get(KNOWN_SETS[options.name], options.json)
    return 0


def get(known: KnownSet, as_json: bool) -> None:
    """Download a set, unless it is here.

    Raises DataError if that fails, and KeyboardInterrupt when a signal ends it.
    """
    from engine.data.known.download import addresses_of, download, shown

    if known.is_here:
        _say_where(known, as_json, "is here already")
        return
    addresses = [shown(address) for address in addresses_of(known)]
    if as_json:
        about = {"name": known.name, "bytes": known.size, "licence": known.licence}
        print(json.dumps({**about, "addresses": addresses}), flush=True)
    else:
        say(f"{known.title}: {megabytes(known.size)} to download, licence: {known.licence}.")
        say(f"From {', else from '.join(addresses)}", flush=True)
    with StopRequests() as requests:
        progress = _Progress(requests, as_json)
        try:
            download(known, progress.show)
        finally:
            progress.end()
    _say_where(known, as_json, "is here")


class _Progress:
    """How far a download is: a passing line on a terminal, or an object now and then."""

    def __init__(self, requests: StopRequests, as_json: bool) -> None:
        self._requests, self._as_json = requests, as_json
        self._line = PassingLine(sys.stdout)
        self._started = time.monotonic()
        self._written = 0.0

    def show(self, done: int, total: int) -> None:
        """Show the bytes that are here; raise KeyboardInterrupt if a signal has come."""
        if self._requests.stop.is_set():
            raise KeyboardInterrupt
        now = time.monotonic()
        if not self._as_json:
            seconds = (now - self._started) / done * (total - done) if done else 0.0
            left = f", about {words.duration(seconds)} left" if done else ""
            self._line.show(f"{megabytes(done)} of {megabytes(total)}, {done / total:.0%}{left}")
        elif now - self._written >= _JSON_SECONDS:
            self._written = now
            print(json.dumps({"bytes": done, "of": total}), flush=True)

    def end(self) -> None:
        """Take the passing line away."""
        if not self._as_json:
            self._line.clear()


def _say_where(known: KnownSet, as_json: bool, what: str) -> None:
    folder = known.find()
    if as_json:
        print(json.dumps({"name": known.name, "folder": str(folder)}))
    else:
        say(f"{known.title} {what}, in {folder}. Use it with --data {known.name}.")


COMMAND = Command("download a data set that has a name", add_arguments, run)
