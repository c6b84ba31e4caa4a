"""Run folders: what is whole in them is read, whoever wrote it; what is not is passed over."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunError
from engine.runs.run_folder import is_run_folder, open_run, read_run
from tests.engine.runs.folders import (
    LINE,
    STACK,
    description,
    weights_after,
    write_run,
    write_weights,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "run"
    write_run(made)
    return made


def refusal(folder: Path) -> str:
    with pytest.raises(RunError) as caught:
        open_run(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_run_is_read_whole(folder: Path) -> None:
    run = read_run(folder)
    assert is_run_folder(folder)
    assert not is_run_folder(folder / "weights")
    said = run.description
    assert (said.name, said.note, said.state) == ("first", "on another machine", "training")
    assert said.parent is not None
    assert (said.parent.run, said.parent.epoch) == ("older", 4)
    assert [(line.epoch, line.test_accuracy) for line in run.metrics] == [(1, 0.5), (2, 0.5)]
    assert run.metrics[0].validation_loss is None
    assert run.kept_epochs == (0, 1, 2)


def test_the_last_weights_open_as_a_project(folder: Path) -> None:
    project = open_run(folder)
    assert [slot.block for slot in project.stack] == [slot.block for slot in STACK]
    assert project.trained_epochs == 6
    assert project.class_names == ("red", "green")
    assert project.data_digest == "ab12"
    assert project.settings.dataset == "apples"
    for slot, arrays in weights_after(2).items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(project.weights[slot][name], array)


def test_weights_that_were_damaged_are_told_by_their_checksums(folder: Path) -> None:
    newest = folder / "weights" / "epoch-0002.safetensors"
    content = bytearray(newest.read_bytes())
    content[-2] ^= 1
    newest.write_bytes(content)
    with pytest.raises(RunError, match="not those that were written"):
        read_run(folder).project_after(2)
    assert open_run(folder).trained_epochs == 5  # those before


def test_a_kept_epoch_is_named_by_the_age_of_the_network(folder: Path) -> None:
    run = read_run(folder)
    assert [run.kept_at(age) for age in (4, 5, 6)] == [0, 1, 2]
    for age, near in ((3, "4"), (7, "6")):
        with pytest.raises(RunError, match=rf"after epoch {age}\. .* those after {near}\."):
            run.kept_at(age)
    (folder / "weights" / "epoch-0001.safetensors").unlink()
    with pytest.raises(RunError, match=r"after epoch 5\. The nearest are those after 4 and 6\."):
        read_run(folder).kept_at(5)
    shutil.rmtree(folder / "weights")
    with pytest.raises(RunError, match=r"It has none\."):
        read_run(folder).kept_at(5)


def test_a_folder_that_grows_is_read_up_to_what_is_whole(folder: Path) -> None:
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({**LINE, "epoch": 3})[:-5])  # the rest will come
    (folder / "weights" / "epoch-0003.safetensors").write_bytes(b"\x08\0\0")
    (folder / "weights" / "epoch-0003.safetensors.part").write_bytes(b"half")
    run = read_run(folder)
    assert [line.epoch for line in run.metrics] == [1, 2]
    assert open_run(folder).trained_epochs == 6
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({**LINE, "epoch": 3})[-5:] + "\n")
    write_weights(folder, 3)
    assert [line.epoch for line in read_run(folder).metrics] == [1, 2, 3]
    assert open_run(folder).trained_epochs == 7


def test_an_epoch_that_ends_while_the_metrics_are_read_comes_with_the_next_look(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, path = os.fstat, folder / "metrics.jsonl"

    def then_it_is_written(descriptor: int) -> os.stat_result:
        status = honest(descriptor)
        if os.path.samestat(status, path.stat()):
            monkeypatch.setattr(os, "fstat", honest)
            with path.open("a") as file:
                file.write(json.dumps({**LINE, "epoch": 3}) + "\n")
        return status

    monkeypatch.setattr(os, "fstat", then_it_is_written)
    assert [line.epoch for line in read_run(folder).metrics] == [1, 2]
    assert [line.epoch for line in read_run(folder).metrics] == [1, 2, 3]


def test_lines_that_say_nothing_are_passed_over(folder: Path) -> None:
    good = {**LINE, "epoch": 2, "loss": 0.25, "validation_loss": 0.125, "more": []}
    lines = ["", "not JSON", '{"epoch": 2}', json.dumps({**LINE, "epoch": 0}), "[]", "\xff"]
    content = "".join(line + "\n" for line in [*lines, json.dumps(good), "[" * 100_000])
    with (folder / "metrics.jsonl").open("a", encoding="latin-1") as file:
        file.write(content)
    run = read_run(folder)
    assert [(line.epoch, line.loss) for line in run.metrics] == [(1, 0.5), (2, 0.25)]
    assert run.metrics[1].validation_loss == 0.125


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epoch", 2**53 + 1),
        ("epochs", -1),
        ("loss", 1e39),  # no float32 holds it
        ("test_loss", -1e39),
        ("accuracy", 1.5),
        ("test_accuracy", 1e17),
        ("validation_accuracy", -0.25),
        ("seconds", 1e308),  # two of them are infinite
        ("samples_per_second", -1.0),
    ],
    ids=str,
)
def test_lines_that_say_what_cannot_be_are_passed_over(
    folder: Path, field: str, value: float
) -> None:
    lines = [{**LINE, field: value}, {**LINE, "epoch": 2}]
    (folder / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert [line.epoch for line in read_run(folder).metrics] == [2]


def test_the_best_epoch_is_the_first_of_the_highest_test_accuracy_and_lowest_loss_of_it(
    folder: Path,
) -> None:
    tested = [(0.75, 0.1), (0.875, 0.4), (0.875, 0.3), (0.875, 0.3), (0.5, 0.2)]
    lines = [
        LINE | {"epoch": epoch, "test_accuracy": accuracy, "test_loss": loss}
        for epoch, (accuracy, loss) in enumerate(tested, 1)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_run(folder).best_epoch == 3


def test_where_samples_are_held_out_the_best_epoch_is_the_best_with_these(folder: Path) -> None:
    measured = [(0.9, 0.5, 0.7), (0.6, 0.75, 0.8), (0.8, 0.75, 0.6), (0.7, 0.75, 0.6)]
    lines = [
        LINE
        | {"epoch": epoch, "test_accuracy": tested}
        | {"validation_accuracy": accuracy, "validation_loss": loss}
        for epoch, (tested, accuracy, loss) in enumerate(measured, 1)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_run(folder).best_epoch == 3


def test_a_run_without_metrics_or_weights_can_be_read(folder: Path) -> None:
    (folder / "metrics.jsonl").unlink()
    for path in (folder / "weights").iterdir():
        path.unlink()
    run = read_run(folder)
    assert run.metrics == ()
    assert run.kept_epochs == ()
    assert "no weights yet. Wait for its first epoch" in refusal(folder)
    (folder / "weights").rmdir()
    assert read_run(folder).kept_epochs == ()


def test_an_ended_run_without_weights_is_not_to_be_waited_for(folder: Path) -> None:
    for path in (folder / "weights").iterdir():
        path.unlink()
    told = json.loads((folder / "run.json").read_text()) | {"state": "finished"}
    (folder / "run.json").write_text(json.dumps(told))
    assert f"It has no weights: there are none in {folder / 'weights'}" in refusal(folder)
    assert "yet" not in refusal(folder)
    assert "Wait" not in refusal(folder)


def test_what_is_no_run_is_refused_in_words(tmp_path: Path) -> None:
    assert "no folder" in refusal(tmp_path / "missing")
    assert "is no run: it has no run.json" in refusal(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    assert "damaged" in refusal(tmp_path)
    (tmp_path / "run.json").unlink()
    (tmp_path / "run.json").mkdir()
    assert "is a folder" in refusal(tmp_path)


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    about = description()
    about["stack"]["slots"][2]["block"]["units"] = 3
    (folder / "run.json").write_text(json.dumps(about))
    assert "does not fit" in refusal(folder)
    about["stack"]["slots"][2]["block"]["units"] = 2
    about["stack"]["slots"][0]["block"]["depth"] = 3
    (folder / "run.json").write_text(json.dumps(about))
    assert "another network" in refusal(folder)


def test_a_newer_version_says_so(folder: Path) -> None:
    about = description()
    about["settings"]["telepathy"] = True
    (folder / "run.json").write_text(json.dumps(about))
    assert "newer version" in refusal(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_no_link_leads_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.safetensors"
    newest = folder / "weights" / "epoch-0002.safetensors"
    newest.rename(outside)
    newest.symlink_to(outside)
    assert read_run(folder).kept_epochs == (0, 1)
    (folder / "run.json").rename(tmp_path / "other.json")
    (folder / "run.json").symlink_to(tmp_path / "other.json")
    assert "is a link" in refusal(folder)


def test_what_is_too_much_is_not_read(folder: Path) -> None:
    (folder / "metrics.jsonl").write_bytes(b"\n" * 200_001)
    assert "more than 200,000 lines" in refusal(folder)
    (folder / "metrics.jsonl").write_bytes(b"\n" * 40_000_001)
    assert "larger than 40 MB" in refusal(folder)
    (folder / "metrics.jsonl").unlink()
    (folder / "run.json").write_bytes(b"[" * 3_000_000)
    assert "damaged" in refusal(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / "metrics.jsonl").unlink()
    os.mkfifo(folder / "metrics.jsonl")
    assert "not a regular file" in refusal(folder)
