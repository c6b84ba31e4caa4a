import math
import time

import pytest

from engine.blocks import Conv, Dense, Reshape
from engine.cli.bench import (
    BATCH_SIZES,
    NETS,
    conv_stack,
    make_training,
    step_operations,
    steps_per_second,
)
from engine.model.stack import Stack
from tests.engine.cli.console import Console


def test_every_net_at_every_batch_size_for_programs_and_for_people(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert NETS == {"conv5": (5,), "conv8-16": (8, 16), "conv16-32-32": (16, 32, 32)}
    assert BATCH_SIZES == (1, 32, 128, 512)
    shallow = {"conv5": (1,), "conv8-16": (1, 2)}
    monkeypatch.setattr("engine.cli.bench.NETS", shallow)
    monkeypatch.setattr("engine.cli.bench.BATCH_SIZES", (1, 8))
    monkeypatch.setattr("engine.cli.bench.GEMM_SIZE", 64)
    monkeypatch.setattr("engine.cli.bench.warm_up", lambda: None)  # of loops that others use
    answer = console.run("bench", "--json", "--seconds", 0.02)
    assert answer.code == 0
    found = [(each["net"], each["batch_size"]) for each in answer.objects]
    assert found == [(net, size) for net in shallow for size in (1, 8)]
    for each in answer.objects:
        assert set(each) == {"net", "batch_size", "samples_per_second", "gflops", "gemm_gflops"}
        numbers = [each[name] for name in ("samples_per_second", "gflops", "gemm_gflops")]
        assert all(math.isfinite(number) and number > 0 for number in numbers)
        operations = step_operations(conv_stack(shallow[each["net"]]).check(10, "bce"))
        assert each["gflops"] == pytest.approx(each["samples_per_second"] * operations / 1e9)
    heading, *rows = console.run("bench", "--seconds", 0.02, "--threads", 1).out.splitlines()
    assert heading.split() == ["net", "batch", "samples/s", "GFLOP/s", "of", "matrix", "product"]
    assert [tuple(row.split()[:2]) for row in rows] == [(net, str(size)) for net, size in found]
    assert all(float(row.split()[2].replace(",", "")) > 0 for row in rows)


def test_operations_are_those_of_a_hand_count() -> None:
    stack = Stack(input_shape=(1, 3, 3)).appended(
        Conv(depth=2, kernel_size=2), Reshape(), Dense(units=3)
    )
    # Conv: 2 maps of 2×2 with 4 multiplications each = 32. Dense: 3 · 8 = 24.
    forward, weight_gradients = 32 + 24, 32 + 24
    input_gradients = 24  # nobody wants that of the image
    products = forward + weight_gradients + input_gradients
    assert step_operations(stack.check(3, "mse")) == 2 * products


def test_every_step_takes_a_whole_batch_and_the_run_goes_on() -> None:
    training = make_training(conv_stack((1,)).check(10, "bce"), 3000, threads=1)
    assert len(training.train) == 9000
    assert training.last_epoch > 1000
    training.close()


@pytest.mark.timing
def test_the_rate_is_that_of_the_steps_in_the_time() -> None:
    training = make_training(conv_stack((1,)).check(10, "bce"), 32, threads=1)
    inner, calls = training.executor.gradients, []

    def slow(*arguments: object) -> object:
        calls.append(time.perf_counter())
        time.sleep(0.02)
        return inner(*arguments)  # type: ignore[arg-type]

    training.executor.gradients = slow  # type: ignore[method-assign, assignment]
    rate = steps_per_second(training, 0.2)
    assert rate < 50
    assert rate == pytest.approx((len(calls) - 1) / (calls[-1] - calls[0]), rel=0.5)
