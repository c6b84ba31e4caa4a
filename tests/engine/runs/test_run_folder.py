"""Run folders: what is whole in them is read, whoever wrote it; what is not is passed over."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import RunError
from engine.runs.following import Follower
from engine.runs.run_folder import is_run_folder, open_run, read_run
from tests.approved import assert_approved
from tests.engine.runs.folders import (
    LINE,
    STACK,
    describe,
    description,
    weights_after,
    write_lines,
    write_run,
    write_weights,
)
from tests.engine.training_runs import same


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
    assert same(project.weights, weights_after(2))


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
    write_lines(folder, {field: value}, {})
    assert [line.epoch for line in read_run(folder).metrics] == [2]


def test_the_best_epoch_is_the_first_of_the_highest_test_accuracy_and_lowest_loss_of_it(
    folder: Path,
) -> None:
    tested = [(0.75, 0.1), (0.875, 0.4), (0.875, 0.3), (0.875, 0.3), (0.5, 0.2)]
    write_lines(
        folder,
        *({"test_accuracy": accuracy, "test_loss": loss} for accuracy, loss in tested),
    )
    assert read_run(folder).best_epoch == 3


def test_a_run_without_metrics_or_weights_can_be_read(folder: Path) -> None:
    (folder / "metrics.jsonl").unlink()
    for path in (folder / "weights").iterdir():
        path.unlink()
    run = read_run(folder)
    assert run.metrics == ()
    assert run.kept_epochs == ()
    (folder / "weights").rmdir()
    assert read_run(folder).kept_epochs == ()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_no_link_leads_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.safetensors"
    newest = folder / "weights" / "epoch-0002.safetensors"
    newest.rename(outside)
    newest.symlink_to(outside)
    assert read_run(folder).kept_epochs == (0, 1)
    (folder / "run.json").rename(tmp_path / "other.json")
    (folder / "run.json").symlink_to(tmp_path / "other.json")
    with pytest.raises(RunError, match="is a link"):
        open_run(folder)


# What is refused, whether it is opened or followed: each in one sentence, in one approved file.


def without_weights(folder: Path) -> None:
    shutil.rmtree(folder / "weights")


def with_block(folder: Path, place: int, **changes: object) -> None:
    stack = description()["stack"]
    stack["slots"][place]["block"] |= changes
    describe(folder, stack=stack)


def ended_without_weights(folder: Path) -> None:
    describe(folder, state="finished")
    without_weights(folder)


def as_a_folder(folder: Path) -> None:
    (folder / "run.json").unlink()
    (folder / "run.json").mkdir()


def as_a_pipe(folder: Path) -> None:
    (folder / "metrics.jsonl").unlink()
    os.mkfifo(folder / "metrics.jsonl")


def with_more_settings(folder: Path) -> None:
    describe(folder, settings={**description()["settings"], "telepathy": True})


DAMAGES: dict[str, Callable[[Path], object]] = {
    "it is not there": shutil.rmtree,
    "it has no run.json": lambda folder: (folder / "run.json").unlink(),
    "its run.json is a folder": as_a_folder,
    "its run.json says nothing": lambda folder: (folder / "run.json").write_text("{}"),
    "its run.json is no JSON": lambda folder: (folder / "run.json").write_bytes(b"[" * 3_000_000),
    "it has settings that are not known here": with_more_settings,
    "its network does not fit": lambda folder: with_block(folder, 2, units=3),
    "its weights are of another network": lambda folder: with_block(folder, 0, depth=3),
    "it trains and has no weights": without_weights,
    "it has ended without weights": ended_without_weights,
    "it has many lines": lambda folder: (folder / "metrics.jsonl").write_bytes(b"\n" * 200_001),
    "it has long ones": lambda folder: (folder / "metrics.jsonl").write_bytes(b"\n" * 40_000_001),
    "its metrics are a pipe": as_a_pipe,
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_what_is_refused(tmp_path: Path) -> None:
    said = []
    for name, damage in DAMAGES.items():
        folder = tmp_path / name
        write_run(folder)
        damage(folder)
        said.append(name)
        for way, read in ("opened", open_run), ("followed", lambda at: Follower(at).look()):
            try:
                read(folder)
                words = "not refused"
            except RunError as refused:
                words = str(refused).replace(str(tmp_path), "")
            assert "\n" not in words
            said.append(f"    {way}: {words}")
    assert_approved("refused_runs.txt", "\n".join(said) + "\n")
