"""`data check`: what is in some data, and what is wrong with it."""

import argparse
import json
import textwrap
from collections.abc import Iterable, Iterator

from engine.array_types import format_shape
from engine.cli.output import PassingLine, say
from engine.cli.shared import Command, add_json, add_settings
from engine.data.doctor import (
    HEALTHY,
    Examination,
    Finding,
    examine,
    file_findings,
)
from engine.data.sources import choose, read
from engine.errors import DataError
from engine.model.settings import Settings
from engine.text import words
from engine.training.samples import image_form

_SETTINGS = ("test_split", "seed", "copies", "image_size", "colour", "fit", "background")
_MOST = 100  # samples and files of a finding that are listed for programs
_WIDTH = 96  # columns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
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


def run(options: argparse.Namespace) -> int:
    """Print the findings, and the numbers that they come from."""
    given = {name: getattr(options, name) for name in _SETTINGS}
    settings = Settings().with_changes(
        **{name: value for name, value in given.items() if value is not None}
    )
    line = PassingLine()
    try:
        report = _examined(options, settings, line)
    finally:
        line.clear()
    if options.json:
        _print_json(report.findings)
        print(json.dumps(_as_json(report)))
    else:
        say("\n".join(_counts(options.data, report)))
        _print_words(report.findings)
        if not report.findings:
            say("\n" + textwrap.fill(HEALTHY, _WIDTH))
    return 0


def _examined(options: argparse.Namespace, settings: Settings, line: PassingLine) -> Examination:
    """Read the data and examine it; say meanwhile how far that is."""
    parts = read(options.data, image_form(settings), line.show_reading)
    try:
        both = choose(
            *(parts, options.data),
            test_split=settings.test_split,
            seed=settings.seed,
            copies=settings.copies,
        )
    except DataError:
        line.clear()
        show = _print_json if options.json else _print_words
        show(file_findings(parts))  # which may be why
        raise
    return examine(parts, *both, report=lambda done: line.show(f"examining: {done:.0%}"))


def _as_json(report: Examination) -> dict[str, object]:
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


def _print_json(findings: Iterable[Finding]) -> None:
    for each in findings:
        line = {
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
        print(json.dumps(line))


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


def _print_words(findings: Iterable[Finding]) -> None:
    for each in findings:
        say()
        first = f"{each.severity.capitalize()}: "
        option = "Option of train: --copies leave_out" if each.without_copies else ""
        for text, start in ((each.found, first), (each.advice, "  "), (option, "  ")):
            if text:
                say(textwrap.fill(text, _WIDTH, initial_indent=start, subsequent_indent="  "))


COMMAND = Command("say what is in some data, and what is wrong with it", add_arguments, run)
