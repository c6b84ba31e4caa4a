import math
import os
from functools import cache, partial

import pytest

from engine.data.sources import load
from engine.measuring.benchmark import NETS, conv_stack, step_operations
from engine.training.random_stacks import random_stack
from main import main
from tests.engine.cli.console import Console

read_once = cache(load)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the digits once, and measure the machine's own rate on matrices that take no time."""
    monkeypatch.setattr("engine.measuring.benchmark.load", read_once)
    monkeypatch.setattr("engine.measuring.benchmark.GEMM_SIZE", 64)


def test_a_net_is_named_after_its_depths() -> None:
    assert list(NETS) == ["conv5", "conv8-16", "conv16-32-32"]
    for net, depths in NETS.items():
        assert net == "conv" + "-".join(str(depth) for depth in depths)


def test_json_has_every_net_at_every_batch_size(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    shallow = {net: tuple(range(1, len(depths) + 1)) for net, depths in NETS.items()}
    monkeypatch.setattr("engine.measuring.benchmark.NETS", shallow)
    answer = console.run("bench", "--json", "--seconds", 0.05)
    assert (answer.code, answer.err) == (0, "")
    assert [(each["net"], each["batch_size"]) for each in answer.objects] == [
        (net, batch_size)
        for net in ("conv5", "conv8-16", "conv16-32-32")
        for batch_size in (1, 32, 128, 512)
    ]
    for each in answer.objects:
        assert set(each) == {"net", "batch_size", "samples_per_second", "gflops", "gemm_gflops"}
        numbers = [each[name] for name in ("samples_per_second", "gflops", "gemm_gflops")]
        assert all(math.isfinite(number) and number > 0 for number in numbers)
        operations = step_operations(conv_stack(shallow[each["net"]]).check(10, "bce"))
        assert each["gflops"] == pytest.approx(each["samples_per_second"] * operations / 1e9)


def test_people_get_a_table(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.measuring.benchmark.NETS", {"conv5": (5,)})
    monkeypatch.setattr("engine.measuring.benchmark.BATCH_SIZES", (1, 32))
    heading, *rows = console.run("bench", "--seconds", 0.05, "--threads", 1).out.splitlines()
    assert heading.split() == ["net", "batch", "samples/s", "GFLOP/s", "of", "matrix", "product"]
    assert [row.split()[:2] for row in rows] == [["conv5", "1"], ["conv5", "32"]]
    assert all(float(row.split()[2].replace(",", "")) > 0 for row in rows)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "long", "1_0"])
def test_a_time_that_makes_no_sense_is_wrong_usage(console: Console, seconds: str) -> None:
    answer = console.run("bench", "--seconds", seconds)
    assert answer.code == 2
    assert "no number of seconds from 0.05 to 3600" in answer.err


@pytest.mark.parametrize("threads", ["0", "-1", "two"])
def test_threads_that_make_no_sense_are_wrong_usage(console: Console, threads: str) -> None:
    answer = console.run("bench", "--threads", threads)
    assert answer.code == 2
    assert "no number of threads from 1 to 64" in answer.err


def test_random_stacks_are_measured_at_their_batch_sizes(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = partial(random_stack, most_side=8, most_multiply_adds=100_000)
    monkeypatch.setattr("engine.measuring.benchmark.random_stack", small)
    answer = console.run("bench", "--random", 2, "--seed", 7, "--seconds", 0.05, "--json")
    assert (answer.code, answer.err) == (0, "")
    drawn = [small(7, number) for number in range(2)]
    assert [(each["net"], each["stack"], each["batch_size"]) for each in answer.objects] == [
        (each.name, each.words, batch_size) for each in drawn for batch_size in (1, 16, 64, 256)
    ]
    for each in answer.objects:
        operations = step_operations(drawn[int(each["net"][-1])].report)
        assert each["gflops"] == pytest.approx(each["samples_per_second"] * operations / 1e9)
    monkeypatch.setattr("engine.measuring.benchmark.steps_per_second", lambda *_: 10.0)
    lines = console.run("bench", "--random", 2, "--seed", 7).out.splitlines()
    assert [line for line in lines if "; " in line] == [each.words for each in drawn]
    assert [line.split()[:2] for line in lines if line.startswith("7.1")] == [
        ["7.1", str(batch_size)] for batch_size in (1, 16, 64, 256)
    ]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--random", "0", "no number of stacks from 1 to 10,000"),
        ("--random", "many", "no number of stacks from 1 to 10,000"),
        ("--seed", "-1", "no seed from 0 to 2,147,483,647"),
        ("--seed", "2147483648", "no seed from 0 to 2,147,483,647"),
        *((each, "9" * 5000, "is no ") for each in ("--seed", "--random", "--threads")),
    ],
)
def test_random_stacks_that_make_no_sense_are_wrong_usage(
    console: Console, option: str, value: str, words: str
) -> None:
    answer = console.run("bench", option, value)
    assert answer.code == 2
    assert words in answer.err


def test_nothing_is_measured_where_nobody_sees_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(os.devnull, "w") as nowhere, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", nowhere)  # as the program has it where a shell has closed it
        assert main(["bench"]) == 1
    assert capsys.readouterr().err.startswith("main.py: Nobody would see the measurements: stdout")
