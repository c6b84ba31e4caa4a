import pytest

from engine.compute.threads import default_threads
from engine.measuring.benchmark import conv_stack, step_operations
from engine.measuring.scaling_laws import GROWING, grown, over_threads


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.measuring.benchmark.GEMM_SIZE", 64)
    monkeypatch.setattr(
        "engine.measuring.benchmark.steps_per_second",
        lambda training, *_: training.close() or 1,
    )


@pytest.mark.parametrize("name", GROWING)
def test_every_network_of_a_series_fits(name: str) -> None:
    operations = []
    for _, _, stack, batch_size in GROWING[name]():
        report = stack.check(10, "bce")
        assert report.problem is None
        operations.append(batch_size * step_operations(report))
    assert operations == sorted(operations)


def test_the_memory_of_a_shard_is_that_of_its_samples() -> None:
    stack = conv_stack((2,))
    values = 2 * (2 * 26 * 26) + 2 * 26 * 26 + 2 * 100 + 2 * 10  # Conv, Sigmoid, Reshape, Dense
    alone, two = grown([(1, "tiny", stack, 16), (2, "tiny", stack, 32)], 0.1, threads=2)
    assert alone.shard_bytes == 8 * 2 * 4 * values
    assert two.shard_bytes == 2 * alone.shard_bytes
    assert (two.x, two.measurement.batch_size) == (2, 32)


def test_there_is_a_point_for_each_number_of_threads() -> None:
    assert [point.x for point in over_threads(0.1)] == list(range(1, default_threads() + 1))
