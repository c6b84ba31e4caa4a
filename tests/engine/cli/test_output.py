"""What the command line prints cannot steer the terminal."""

import re

import pytest

from engine.cli.output import say
from tests.paths import ROOT

OTHER_WAYS = {"output.py"}  # which shows letters alone


def test_words_are_printed_as_letters(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[31m\nb")
    say("c\x9b", aside=True)
    assert capsys.readouterr() == ("a\ufffd[31m\nb\n", "c\ufffd\n")


def test_every_command_prints_its_words_so() -> None:
    files = [path for path in (ROOT / "engine/cli").glob("*.py") if path.name not in OTHER_WAYS]
    assert len(files) > 10
    for path in files:  # JSON has no letters but those of ASCII
        assert not re.search(r"\bprint\((?!json\.dumps\()", path.read_text("utf-8")), path
