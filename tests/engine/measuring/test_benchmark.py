import time

import pytest

from engine.blocks import Conv, Dense, Reshape
from engine.measuring.benchmark import (
    Measurement,
    conv_stack,
    gemm_gflops,
    make_training,
    step_operations,
    steps_per_second,
    vgg_stack,
)
from engine.model.stack import Stack


def test_operations_are_those_of_a_hand_count() -> None:
    stack = Stack(input_shape=(1, 3, 3)).appended(
        Conv(depth=2, kernel_size=2), Reshape(), Dense(units=3)
    )
    # Conv: 2 maps of 2×2 with 4 multiplications each = 32. Dense: 3 · 8 = 24.
    forward, weight_gradients = 32 + 24, 32 + 24
    input_gradients = 24  # nobody wants that of the image
    products = forward + weight_gradients + input_gradients
    assert step_operations(stack.check(3, "mse")) == 2 * products


def test_the_nets_are_convolutions_and_two_dense_layers() -> None:
    report = conv_stack((8, 16)).check(10, "bce")
    shapes = [row.output_shape for row in report.rows if row.parameters]
    assert report.problem is None
    assert shapes == [(8, 26, 26), (16, 24, 24), (100,), (10,)]


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_vgg_like_net_keeps_its_maps_and_halves_them_twice(batch_norm: bool) -> None:
    report = vgg_stack(batch_norm=batch_norm).check(10, "cross_entropy")
    shapes = [row.output_shape for row in report.rows if row.slot.block.kind == "conv"]
    assert report.problem is None
    assert shapes == [(16, 28, 28), (16, 28, 28), (32, 14, 14), (32, 14, 14)]
    normal = sum(row.slot.block.kind == "batch_norm" for row in report.rows)
    assert normal == (4 if batch_norm else 0)
    whole = vgg_stack(batch_norm=batch_norm, pooling=False).check(10, "cross_entropy")
    assert (32, 28, 28) in [row.output_shape for row in whole.rows]


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


def test_the_matrix_product_has_a_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.measuring.benchmark.GEMM_SIZE", 64)
    assert gemm_gflops(threads=2, repeats=3) > 0


def test_a_cell_knows_its_step() -> None:
    cell = Measurement("conv5", 10, samples_per_second=20.0, gflops=6.0, gemm_gflops=100.0)
    assert cell.step_seconds == 0.5
    assert cell.step_gigaflop == 3.0
