"""`data`: a group of commands, for the known data sets and for what is in data."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator

from engine.array_types import format_shape
from engine.cli.output import PassingLine, print_object, print_rows, say
from engine.cli.shared import Command, Group, add_json, add_settings
from engine.cli.stop_requests import StopRequests
from engine.data.doctor import HEALTHY, Examination, Finding, examine, file_findings
from engine.data.known.known_sets import KNOWN_SETS, KnownSet, megabytes
from engine.data.sources import choose, read
from engine.errors import DataError
from engine.model.settings import Settings
from engine.text import words
from engine.training.samples import image_form

_JSON_SECONDS = 1.0  # between two objects that say how far a download is
_SETTINGS = ("test_split", "seed", "copies", "image_size", "colour", "fit", "background")
_MOST = 100  # samples and files of a finding that are listed for programs


def list_sets(options: argparse.Namespace) -> int:
    """Print a row per data set that has a name."""
    rows = (
        {
            "name": known.name,
            "title": known.title,
            "training_samples": known.training,
            "test_samples": known.test,
            "images": known.images,
            "bytes": known.size,
            "licence": known.licence,
            "addresses": known.mirrors,
            "here": known.is_here,
        }
        for known in KNOWN_SETS.values()
    )
    print_rows(rows, options.json, _table_of_sets)
    return 0


def _table_of_sets() -> Iterator[str]:
    cells = [["name", "data set", "training", "test", "images", "download", "here", "licence"]]
    for known in KNOWN_SETS.values():
        counts = f"{known.training:,}", f"{known.test:,}"
        here = "yes" if known.is_here else "no"
        about = known.images, megabytes(known.size), here, known.licence
        cells.append([known.name, known.title, *counts, *about])
    yield from words.table(cells, "<<>><><<")
    yield "The sample of MNIST (mnist) and the scenes in colour (scenes) need no download."


def add_get_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `data get`."""
    parser.add_argument("name", metavar="NAME", choices=KNOWN_SETS, help=", ".join(KNOWN_SETS))
    add_json(parser)


def run_get(options: argparse.Namespace) -> int:
    """Download the set, saying before what it is and meanwhile how far it is."""
    get(KNOWN_SETS[options.name], options.json)
    return 0


def get(known: KnownSet, as_json: bool) -> None:
    """Download a set, unless it is here.

    Raises DataError if that fails or what is here is damaged, and KeyboardInterrupt when a signal
    ends it.
    """
    from engine.data.known.download import addresses_of, download, shown
    from engine.data.sources import read_known

    if known.is_here:
        read_known(known)
        _say_where(known, as_json, "is here already")
        return
    addresses = [shown(address) for address in addresses_of(known)]
    if as_json:
        about = {"name": known.name, "bytes": known.size, "licence": known.licence}
        print_object({**about, "addresses": addresses})
    else:
        say(f"{known.title}: {megabytes(known.size)} to download, licence: {known.licence}.")
        say(f"From {', else from '.join(addresses)}", flush=True)
    started = written = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal written
        if requests.stop.is_set():
            raise KeyboardInterrupt
        now = time.monotonic()
        if not as_json:
            seconds = (now - started) / done * (total - done) if done else 0.0
            left = f", about {words.duration(seconds)} left" if done else ""
            line.show(f"{megabytes(done)} of {megabytes(total)}, {done / total:.0%}{left}")
        elif now - written >= _JSON_SECONDS:
            written = now
            print_object({"bytes": done, "of": total})

    with StopRequests() as requests, PassingLine(sys.stdout) as line:
        download(known, report)
    _say_where(known, as_json, "is here")


def _say_where(known: KnownSet, as_json: bool, what: str) -> None:
    folder = known.find()
    if as_json:
        print_object({"name": known.name, "folder": str(folder)})
    else:
        say(f"{known.title} {what}, in {folder}. Use it with --data {known.name}.")


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `data check`."""
    parser.add_argument(
        "data", metavar="DATA", help="what --data of train takes: a name, a folder or a file"
    )
    add_json(parser)
    add_settings(parser, _SETTINGS, "the same as those of train")
    parser.epilog = (
        "Duplicates are the images beyond the first of each group of equal ones in a part; data "
        "without a test part counts as one part. Leaks are the test images that are also in the "
        "training part. Equal are images whose pixels are, in the size and colours that they are "
        "brought to."
    )


def check(options: argparse.Namespace) -> int:
    """Print what is wrong with some data, and the numbers that it comes from."""
    given = {name: getattr(options, name) for name in _SETTINGS}
    settings = Settings().with_changes(
        **{name: value for name, value in given.items() if value is not None}
    )
    with PassingLine() as line:
        report = _examined(options, settings, line)
    if options.json:
        print_rows([*map(_finding, report.findings), _numbers(report)], True, list)
    else:
        say("\n".join(_counts(options.data, report)))
        say("\n".join(_paragraphs(report.findings)))
        if not report.findings:
            say(HEALTHY)
    return 0


def _examined(options: argparse.Namespace, settings: Settings, line: PassingLine) -> Examination:
    """Read the data and examine it; say meanwhile how far that is."""
    parts = read(options.data, image_form(settings), line.show_reading)
    split, seed, copies = settings.test_split, settings.seed, settings.copies
    try:
        both = choose(parts, options.data, test_split=split, seed=seed, copies=copies)
    except DataError:
        line.clear()
        found = tuple(file_findings(parts))  # which may be why
        if found:
            print_rows(map(_finding, found), options.json, lambda: _paragraphs(found))
        raise
    return examine(parts, *both, report=lambda done: line.show(f"examining: {done:.0%}"))


def _numbers(report: Examination) -> dict[str, object]:
    return {
        "samples": report.training_samples,
        "test_samples": report.test_samples,
        "shape": report.shape,
        "classes": [
            {"name": each.name, "train": each.training, "test": each.test}
            for each in report.classes
        ],
        "refused": [{"file": each.file, "reason": each.reason} for each in report.refused],
        "duplicates": report.duplicates,
        "leaks": report.leaks,
    }


def _finding(each: Finding) -> dict[str, object]:
    return {
        "finding": each.kind,
        "severity": each.severity,
        "found": each.found,
        "advice": each.advice,
        "training": each.training[:_MOST].tolist(),
        "test": each.test[:_MOST].tolist(),
        "files": each.files[:_MOST],
        "leave_out_classes": each.without_classes,
        "leave_out_copies": each.without_copies,
    }


def _counts(data: str, report: Examination) -> Iterator[str]:
    yield (
        f"{data}: {words.count(report.training_samples, 'training sample')} and "
        f"{words.count(report.test_samples, 'test sample')}, images of "
        f"{format_shape(report.shape)}"
    )
    yield ""
    rows = [["class", "training", "test"]]
    rows += [[each.name, f"{each.training:,}", f"{each.test:,}"] for each in report.classes]
    yield from words.table(rows, "<>>")
    if report.refused:
        yield ""
        yield "Files that could not be read:"
        yield from (f"  {each.file}: {each.reason}" for each in report.refused)


def _paragraphs(findings: Iterable[Finding]) -> Iterator[str]:
    for each in findings:
        yield ""
        first = f"{each.severity.capitalize()}: "
        option = "Option of train: --copies leave_out" if each.without_copies else ""
        for text, start in ((each.found, first), (each.advice, "  "), (option, "  ")):
            if text:
                yield start + text


COMMAND = Group(
    "list the known data sets, download one, or say what is wrong with some data",
    {
        "list": Command("list the data sets that have a name", add_json, list_sets),
        "get": Command("download a data set that has a name", add_get_arguments, run_get),
        "check": Command(
            "say what is in some data, and what is wrong with it", add_check_arguments, check
        ),
    },
)
