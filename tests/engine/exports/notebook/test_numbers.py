"""A notebook gives the engine's numbers: outputs, gradients, losses and whole trainings."""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from engine import blocks as kinds
from engine.compute.pass_context import PassContext
from engine.exports.trained_network import TrainedNetwork
from engine.model.losses import LOSSES
from engine.model.network import ParameterKey
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.training.events import EpochDone
from engine.training.executor import Executor
from engine.training.run import Training
from tests.engine.closeness import relative_error
from tests.engine.explain.stacks import CLASSES, SHAPE, stacks
from tests.engine.exports.notebook.written import (
    Names,
    in_float64,
    opened,
    take_the_masks_of_the_engine,
    trained,
)
from tests.engine.marks import deaf_to_openblas
from tests.engine.networks import (
    BLOCKS,
    MODERN,
    RESIDUAL,
    ArrayBatch,
    dataset,
    fitting,
    locking,
    summed,
)

pytestmark = deaf_to_openblas

# What a notebook calls the arrays that learn, by the axes of the weights.
NAMES = {
    (4, "weight"): "kernels",
    (4, "bias"): "biases",
    (2, "weight"): "weights",
    (2, "bias"): "bias",
    (1, "weight"): "gamma",
    (1, "bias"): "beta",
}
THREE = Settings(classes=tuple(range(CLASSES)))
few = examples(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(stacks(), st.integers(0, 1000))
@few
def test_outputs_and_gradients_of_random_stacks(made: tuple[ShapeReport, str], seed: int) -> None:
    check_outputs_and_gradients(*made, seed)


def check_outputs_and_gradients(report: ShapeReport, loss: str, seed: int) -> None:
    """Compare each block's outputs, and what one step of a batch finds for what learns."""
    exported = trained(report, THREE.with_changes(loss=loss, seed=seed))
    right = in_float64(exported)
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, (5, *SHAPE))
    y = np.eye(CLASSES)[rng.integers(0, CLASSES, 5)]
    with opened(exported) as names:
        found = names["run"](names["network"], x)
        for mine, its in zip(found, right.activations(x), strict=True):
            assert relative_error(mine.reshape(its.shape), its) <= 1e-9
        take_the_masks_of_the_engine(names, exported)
        said = io.StringIO()
        with redirect_stdout(said):
            names["train"](names["network"], x, y[:, :, None], 1, 5, 1e-9)
        order = names["stream"](names["ORDER"], epoch=1).permutation(5)
    executor = Executor(right, loss, threads=1)
    run = PassContext(seed=seed, counters=np.array([1, 1]))
    result = executor.gradients(ArrayBatch(x[order], y[order]), run)
    executor.close()
    assert float(said.getvalue().split("error=")[1]) == pytest.approx(result.loss_sum / 5, rel=1e-9)
    gradients = summed(result)
    # In front of a BatchNorm gradients cancel until only rounding is left.
    least = 1e-3 * max(float(np.abs(gradient).max()) for gradient in gradients.values())
    for layer, row in zip(names["network"], report.rows, strict=True):
        shapes = row.slot.block.parameter_shapes(row.input_shape or ())
        for parameter in shapes:
            its = gradients[ParameterKey(row.slot.id, parameter)]
            mine = layer.gradients[NAMES[len(shapes["weight"]), parameter]].reshape(its.shape)
            assert np.abs(mine - its).max() <= 1e-8 * max(np.abs(its).max(), least), row.slot.label


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_the_loss_of_outputs_at_their_ends(loss: str) -> None:
    end = kinds.Softmax() if loss == "cross_entropy" else kinds.Sigmoid()
    report = fitting((kinds.GlobalAvgPool(), kinds.Dense(units=3), end), loss=loss)
    outputs = np.array([[0.0, 1.0, 0.5], [0.25, 1e-60, 0.75]])
    targets = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    right = LOSSES[loss].values(outputs, targets).mean()
    with opened(trained(report, THREE.with_changes(loss=loss))) as names:
        name = {"bce": "binary_cross_entropy"}.get(loss, loss)
        found = names[name](targets[:, :, None], outputs[:, :, None])
    assert found == pytest.approx(right, rel=1e-12)


# Whole trainings, from the first random weights on

TRAININGS = {
    "plain": Settings(batch_size=1),
    "glorot": Settings(batch_size=7, initializer="glorot", validation_split=20.0),
    "normal": Settings(batch_size=7, initializer="normal"),
    "momentum": Settings(batch_size=7, momentum=0.9, schedule="cosine"),
    "nesterov": Settings(momentum=0.5, nesterov=True, weight_decay=0.01, batch_size=4),
    "decay": Settings(weight_decay=0.1, batch_size=7),
    "adam": Settings(optimizer="adam", learning_rate=0.01, batch_size=7, weight_decay=0.01),
    "adamw": Settings(
        optimizer="adamw",
        learning_rate=0.01,
        batch_size=7,
        weight_decay=0.1,
        schedule="step",
        step_epochs=1,
    ),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_is_that_of_the_program(name: str) -> None:
    settings = TRAININGS[name].with_changes(classes=(0, 1, 2), epochs=2, seed=5)
    train_both(trained(fitting(BLOCKS), settings, dataset(20), dataset(6, seed=3)))


@pytest.mark.parametrize("stack", [MODERN, RESIDUAL], ids=["modern", "residual"])
def test_a_training_of_the_other_blocks_is_that_of_the_program(
    stack: tuple[kinds.KnownBlock, ...],
) -> None:
    blocks = [block for block in stack if not isinstance(block, kinds.Dropout)]
    settings = Settings(
        loss="cross_entropy", classes=(0, 1, 2), epochs=2, batch_size=10, learning_rate=0.05
    )
    report = fitting(blocks, loss="cross_entropy")
    train_both(trained(report, settings, dataset(30), dataset(6, seed=3)))


def test_what_is_locked_stays() -> None:
    report = locking(fitting(BLOCKS), (6,), {1: (0, 2)})
    settings = Settings(classes=(0, 1, 2), epochs=2, batch_size=4, weight_decay=0.01, momentum=0.5)
    names = train_both(trained(report, settings, dataset(20), dataset(6, seed=3)))
    first, fresh = names["build"](), names["fresh"]
    assert np.array_equal(first[0].kernels[[0, 2]], fresh[0].kernels[[0, 2]])
    assert not np.array_equal(first[0].kernels[1], fresh[0].kernels[1])
    assert np.array_equal(first[5].weights, fresh[5].weights)
    assert not np.array_equal(first[7].weights, fresh[7].weights)


def test_a_locked_batch_norm_does_in_training_what_it_does_when_asked() -> None:
    blocks = [block for block in MODERN if not isinstance(block, kinds.Dropout)]
    report = fitting(blocks, loss="cross_entropy")
    norms = tuple(row.slot.id for row in report.rows if row.slot.block.kind == "batch_norm")
    settings = Settings(loss="cross_entropy", classes=(0, 1, 2), epochs=2, batch_size=10)
    exported = trained(locking(report, norms), settings, dataset(30), dataset(6, seed=3))
    fresh = train_both(exported)["fresh"]
    assert (fresh[1].gamma == 1).all()
    assert (fresh[1].running_mean == 0).all()


def train_both(exported: TrainedNetwork) -> Names:
    """Train in the notebook and in the program; compare the losses and the weights."""
    assert exported.training is not None
    assert exported.test is not None
    with opened(exported) as names:
        settings = exported.settings
        fresh = names["fresh"] = names["build"]()
        said = io.StringIO()
        with redirect_stdout(said):
            names["train"](
                fresh,
                names["x_train"],
                names["y_train"],
                settings.epochs,
                settings.batch_size,
                settings.learning_rate,
            )
    training = Training(exported.report, settings, exported.training, exported.test, threads=1)
    losses = [event.loss for event in training.run() if isinstance(event, EpochDone)]
    weights = training.weights()
    training.close()
    errors = [float(line.split("error=")[1]) for line in said.getvalue().splitlines()]
    assert errors == pytest.approx(losses, rel=1e-4)
    for layer, row in zip(fresh, exported.report.rows, strict=True):
        arrays = weights.get(row.slot.id, {})
        for parameter, its in arrays.items():
            name = NAMES.get((arrays["weight"].ndim, parameter), parameter)
            mine = getattr(layer, name).reshape(its.shape)
            assert np.abs(mine - its).max() <= 1e-4 * max(1.0, np.abs(its).max())
    return names
