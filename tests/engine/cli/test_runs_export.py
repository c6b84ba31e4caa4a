"""`runs export`: a run is written into folders and files."""

import json
import os
from pathlib import Path

import pytest

from engine.files import open_project
from engine.runs.run_folder import read_run
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep
from tests.engine.cli.said import content
from tests.engine.runs.folders import LINE
from tests.engine.training_runs import same


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
    metrics = (folder / "metrics.jsonl").read_text().splitlines()
    (folder / "metrics.jsonl").write_text(
        "\n".join([*metrics, json.dumps(LINE | {"epoch": 3}), ""])
    )
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
