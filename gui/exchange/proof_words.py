"""What the checks of an export have found, in sentences."""

from collections.abc import Sequence

from engine.proof.verdict import Verdict, WayName
from gui.widgets.number_words import short

_NAMES: dict[WayName, str] = {"torch": "PyTorch", "keras": "Keras", "kernel": "a notebook kernel"}


def headline(verdicts: Sequence[Verdict]) -> str:
    """Say in one sentence how far all that ran agrees: the least agreement, the largest difference.

    Empty if nothing ran.
    """
    ran = [verdict for verdict in verdicts if verdict.ran]
    if not ran:
        return ""
    least = min(ran, key=lambda verdict: verdict.agree)
    largest = max(verdict.largest for verdict in ran)
    programs = ", ".join(dict.fromkeys(verdict.program for verdict in ran))
    return (
        f"{least.agree:,} of {least.samples:,} {least.images} get the same answer; largest "
        f"difference {short(largest, 1)} ({programs})."
    )


def problems(verdicts: Sequence[Verdict]) -> list[str]:
    """Say of each way that does not hold why."""
    return [verdict.text for verdict in verdicts if not verdict.holds and not verdict.missing]


def notes(verdicts: Sequence[Verdict]) -> str:
    """Say what would check more, and on what it was checked if not on test images."""
    said = [more_checks(verdict.way, verdict.missing) for verdict in verdicts if verdict.missing]
    if any(verdict.ran and verdict.images == "images of noise" for verdict in verdicts):
        said.append("There are no test images that fit, so images of noise were compared.")
    return " ".join(said)


def more_checks(way: WayName, packages: Sequence[str]) -> str:
    """Say which packages would check it in one more way."""
    return f"For a check by {_NAMES.get(way, way)} too, install {joined(packages)}."


def joined(words: Sequence[str]) -> str:
    """List words in a sentence: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
