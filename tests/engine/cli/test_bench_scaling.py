import pytest

from engine.measuring.benchmark import conv_stack, step_operations
from engine.measuring.process_scaling import SharedPoint
from engine.measuring.scaling_laws import AXES, GROWING
from tests.engine.cli.console import Console


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train tiny networks of which each step takes a tenth of a second, whatever its size."""
    monkeypatch.setattr("engine.measuring.benchmark.GEMM_SIZE", 64)
    monkeypatch.setattr("engine.measuring.benchmark.steps_per_second", lambda *_: 10.0)
    for name in GROWING:
        monkeypatch.setitem(
            GROWING, name, lambda: [(n, "tiny", conv_stack((1,)), n) for n in (1, 2, 4, 8)]
        )


@pytest.fixture
def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say of processes what could be measured where each has an overhead."""

    def shared(processes: int, seconds: float) -> SharedPoint:
        return SharedPoint(processes, 256 // processes, 1e-4 * processes**0.1, 20_000)

    monkeypatch.setattr("engine.cli.bench_scaling.over_processes", shared)


def test_a_series_ends_with_its_law(console: Console) -> None:
    said = console.run("bench", "--scaling", "samples", "--seconds", 0.05).out.splitlines()
    rows = [line.split() for line in said if " tiny " in line]
    assert [row[0] for row in rows] == ["1", "2", "4", "8"]
    assert {row[3] for row in rows} == {"100.00"}  # ms
    operations = step_operations(conv_stack((1,)).check(10, "bce"))
    assert float(rows[3][4]) == pytest.approx(8 * operations / 1e9, abs=0.0006)
    assert said[-1].split() == [
        *("time", "~", "samples^0.00", "from", "1", "to", "8,", "±", "0", "%;"),
        *("arithmetic", "~", "samples^1.00"),
    ]


@pytest.mark.usefixtures("shares")
def test_processes_show_what_dividing_costs(console: Console) -> None:
    said = console.run("bench", "--scaling", "processes").out.splitlines()
    assert [line.split()[:3] for line in said if "20,000" in line] == [
        ["1", "256", "100.0"],
        ["2", "128", "107.2"],
        ["4", "64", "114.9"],
        ["8", "32", "123.1"],
        ["16", "16", "132.0"],
    ]
    assert "processor time ~ processes^0.10 from 1 to 16" in said[-1]


@pytest.mark.usefixtures("shares")
def test_programs_get_every_series_and_its_law(console: Console) -> None:
    objects = console.run("bench", "--scaling", "--json", "--seconds", 0.05, "--threads", 1).objects
    assert list(dict.fromkeys(each["axis"] for each in objects)) == list(AXES)
    for axis in GROWING:
        points = [each for each in objects if each["axis"] == axis and "x" in each]
        assert [point["x"] for point in points] == [1, 2, 4, 8]
        assert [point["batch_size"] for point in points] == [1, 2, 4, 8]
        (law,) = (each for each in objects if each["axis"] == axis and "exponent" in each)
        assert law["exponent"] == pytest.approx(0, abs=1e-9)
        assert law["arithmetic_exponent"] == pytest.approx(1)


def test_what_cannot_grow_is_wrong_usage(console: Console) -> None:
    answer = console.run("bench", "--scaling", "colour")
    assert answer.code == 2
    assert "samples" in answer.err
