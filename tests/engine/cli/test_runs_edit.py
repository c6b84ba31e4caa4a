"""`runs edit`: what a user says of a run is written down, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.runs.run_folder import read_run
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep


def said(folder: Path) -> dict[str, Any]:
    """Return what the description of a run says."""
    found: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        (["--name", " the best\n of all"], {"name": "the best of all"}),
        (["--name", ""], {"name": ""}),
        (["--note", "two\nlines "], {"note": "two\nlines"}),
        (["--colour", "sky-blue"], {"colour": "#56B4E9"}),
        (["--pin"], {"pinned": True}),
        (["--bookmark", "5", "--bookmark", "6"], {"bookmarks": [1, 2]}),
        (
            ["--name", "x", "--pin", "--bookmark", "4"],
            {"name": "x", "pinned": True, "bookmarks": [0]},
        ),
    ],
)
def test_what_is_given_is_changed_and_nothing_else(
    console: Console, home: Path, options: list[str], changed: dict[str, Any]
) -> None:
    folder = keep(home, "one", pinned=False, colour="", bookmarks=[])
    before = said(folder)
    answer = console.run("runs", "edit", "one", *options)
    assert answer.code == 0
    assert answer.out.startswith("Changed the run ")
    assert said(folder) == before | changed


def test_what_was_chosen_is_taken_back(console: Console, home: Path) -> None:
    folder = keep(home, "one")
    before = said(folder)
    chosen = ["--note", "x", "--colour", "blue", "--pin", "--bookmark", "5"]
    console.run("runs", "edit", "one", *chosen)
    (folder / "weights" / "epoch-0001.safetensors").unlink()
    taken_back = ["--note", "", "--colour", "automatic", "--no-pin", "--no-bookmark", "5"]
    (answer,) = console.run("runs", "edit", "one", *taken_back, "--json").objects
    assert answer == {
        "run": "2026-one",
        "name": "one",
        "note": "",
        "colour": "",
        "pinned": False,
        "bookmarks": [],
    }
    assert said(folder) == before | {"pinned": False, "colour": "", "bookmarks": []}


def test_it_is_shown(console: Console, home: Path) -> None:
    keep(home, "one")
    console.run("runs", "edit", "one", "--note", "the better one", "--pin", "--bookmark", "5")
    out = console.run("runs", "show", "one").out
    for expected in ("pinned", "Note: the better one", "Bookmarked: 5."):
        assert expected in out


def test_what_cannot_be_is_refused_and_changes_nothing(
    console: Console, home: Path, tmp_path: Path
) -> None:
    folder = keep(home, "one")
    before = (folder / "run.json").read_bytes()
    refused = console.refused("runs", "edit", "one", "--name", "x", "--bookmark", "7")
    assert "no weights after epoch 7. The nearest are those after 6." in refused
    assert "at most 10,000 letters" in console.refused(
        "runs", "edit", "one", "--note", "x" * 10_001
    )
    for options in ([], ["--colour", "pink"], ["--bookmark", "five"]):
        assert console.run("runs", "edit", "one", *options).code == 2
    assert (folder / "run.json").read_bytes() == before
    console.run("runs", "export", "one", tmp_path / "copy")
    assert "not among the runs" in console.refused("runs", "edit", tmp_path / "copy", "--pin")
    assert not read_run(tmp_path / "copy").pinned
