"""`runs`: what all its commands do with the word for a run, and with runs of strangers."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from engine.files import open_project
from engine.runs.run_folder import read_run
from engine.runs.store import RunStore, change_description
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep, say
from tests.engine.cli.said import content
from tests.engine.runs.folders import add_line
from tests.engine.training_runs import same


@pytest.mark.parametrize(
    "command",
    [("list",), ("show", "2026-a"), ("compare", "2026-a", "2026-b"), ("show", "x\x1b[2J")],
)
def test_a_run_of_a_stranger_does_not_steer_the_terminal(
    console: Console, home: Path, command: tuple[str, ...]
) -> None:
    evil = "\x1b]0;mine\x07\x9b2Jname"
    classes = {"name": evil, "classes": [f"{evil}1", f"{evil}2"]}
    about: dict[str, Any] = {"name": evil, "note": f"a\n{evil}", "state": evil, "reason": evil}
    folder = keep(home, "a", **about, versions={evil: evil}, data=classes)
    say(folder, {1})
    say(keep(home, "b", 0.3, **about, data=classes), {2})
    change_description(folder, settings={"dataset": evil, "classes": [0, 1]})
    (keep(home, "c") / "run.json").write_text(json.dumps({"settings": evil}))
    answer = console.run("runs", *command)
    shown = answer.out + answer.err
    assert "name" in shown
    assert [letter for letter in shown if not letter.isprintable() and letter != "\n"] == []


# `runs delete`: a run is put away, and no other by mistake.


def test_runs_are_deleted(console: Console, home: Path) -> None:
    folder = keep(home, "one")
    answer = console.run("runs", "delete", "one")
    assert answer.code == 0
    assert answer.out.startswith("Deleted the run one (2026-one) of 2 epochs")
    assert not folder.exists()
    assert RunStore().runs() == ()
    for word in ("two", "three", "four"):
        keep(home, word)
    rows = console.run("runs", "delete", "two", "three", "2026-two", "--json").objects
    assert [(row["run"], Path(row["kept_in"]).is_dir()) for row in rows] == [
        *(("2026-two", True), ("2026-three", True))
    ]
    assert [run.id for run in RunStore().runs()] == ["2026-four"]


# `runs export`: a run is written into folders and files.


def test_a_run_is_exported(console: Console, home: Path, tmp_path: Path) -> None:
    keep(home, "one")
    assert "Wrote the run one" in console.run("runs", "export", "one", tmp_path / "out").out
    assert read_run(tmp_path / "out").epochs == 2
    answer = console.run("runs", "export", tmp_path / "out", tmp_path / "a.csv", "--json")
    assert answer.objects == [{"run": "out", "format": "csv", "path": str(tmp_path / "a.csv")}]


@pytest.mark.parametrize("name", ["a.csv", "a.zip", "folder"])
def test_what_is_there_is_replaced_only_if_that_is_asked_for(
    console: Console, home: Path, tmp_path: Path, name: str
) -> None:
    folder, path = keep(home, "one"), tmp_path / name
    console.run("runs", "export", "one", path)
    before = content(path)
    add_line(folder, 3)
    refused = console.refused("runs", "export", "one", path)
    assert f"{path} exists already. Choose another name, or give --overwrite." in refused
    assert content(path) == before
    assert console.run("runs", "export", "one", path, "--overwrite").code == 0
    assert content(path) != before
    assert os.listdir(tmp_path) == [name]


def test_a_project_goes_on_as_the_run_did(console: Console, project: Path, tmp_path: Path) -> None:
    console.run("train", project, "--run", "first", "--epochs", 4)
    path = tmp_path / "again.layerscope"
    assert "Wrote the run first" in console.run("runs", "export", "first", path, "--epoch", 1).out
    assert open_project(path).trained_epochs == 1
    assert console.run("train", path, "--resume", "--run", "second").code == 0
    (said,) = console.run("runs", "show", "second", "--json").objects
    assert (said["parent_epoch"], said["epochs"]) == (1, 3)
    assert said["parent"] in console.run("runs", "show", "first").out
    one, other = open_project(path), open_project(project)
    assert one.trained_epochs == other.trained_epochs == 4
    assert same(one.weights, other.weights)
