from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import Conv, Dense, GlobalAvgPool, ReLU, Reshape, Sigmoid, Tanh
from engine.errors import ExportError
from engine.inputs.scaling import UNIT, Scaling
from engine.model.network import Network
from engine.model.weights import Weights
from engine.proof.prove import ProofImages, images_to_prove, prove
from engine.proof.verdict import TOLERANCE, BlockOutputs, Verdict, Way, WayName
from tests.engine.networks import fitting, network
from tests.engine.proof.ways import failing as failing_way
from tests.failing import failing

Change = Callable[[list[Array]], Sequence[Array | None]]

REPORT = fitting((Conv(depth=2), Reshape(), Dense(units=3), Sigmoid()))
SCALING = Scaling((0.3,), (0.7,))


def built() -> Network:
    return network(REPORT, np.float32)


def noise() -> ProofImages:
    return images_to_prove(built(), None)


def verdict_of(
    change: Change = lambda outputs: outputs,
    name: WayName = "numpy",
    images: ProofImages | None = None,
) -> Verdict:
    """Prove by a way that gives what the network gives, changed."""

    def outputs(path: Path, given: Array) -> BlockOutputs:
        assert given.dtype == np.float32
        assert 0 <= given.min() <= given.max() <= 1
        return change(built().activations((given - np.float32(0.3)) / np.float32(0.7)))

    ways = (Way(name, outputs),)
    (verdict,) = prove(ways, Path("x"), built(), SCALING, images or noise())
    return verdict


def test_an_export_that_is_right() -> None:
    verdict = verdict_of()
    assert verdict.holds
    assert verdict.ran
    assert (verdict.way, verdict.samples, verdict.agree) == ("numpy", 200, 200)
    assert verdict.largest < 1e-6
    assert [block.number for block in verdict.blocks] == [1, 2, 3, 4]
    assert verdict.blocks[0].title == "Conv 2, 3×3"
    assert verdict.program == f"numpy {np.__version__}"
    assert "200 of 200 images of noise are predicted as by the network" in verdict.text


def test_the_first_block_that_differs_is_named_with_how_far() -> None:
    def change(outputs: list[Array]) -> list[Array]:
        first, flat, dense, last = outputs
        spread = dense.max() - dense.min()
        return [first, flat, dense + 0.25 * spread * np.eye(3)[0].astype(np.float32), last + 0.5]

    verdict = verdict_of(change)
    assert verdict.ran
    assert not verdict.holds
    different = verdict.first_different
    assert different is not None
    assert (different.number, different.title) == (3, "Dense 3")
    assert 0.2 < different.largest <= 0.25 + 1e-6
    assert different.mean == pytest.approx(different.largest / 3, rel=1e-3)
    assert verdict.largest == pytest.approx(0.5, rel=1e-5)
    assert verdict.mean == pytest.approx(0.5, rel=1e-5)
    assert verdict.agree == 200  # all are higher by the same
    assert "Block 3 (Dense 3) is the first that differs" in verdict.text


def test_other_predictions_are_counted() -> None:
    def turned(outputs: list[Array]) -> list[Array]:
        last = outputs[-1].copy()
        last[:50] = 1 - last[:50]
        return [*outputs[:-1], last]

    verdict = verdict_of(turned)
    assert verdict.agree == 150
    assert not verdict.holds


def test_a_tie_that_rounding_decides_is_no_other_prediction() -> None:
    def nearly(outputs: list[Array]) -> list[Array]:
        return [*outputs[:-1], outputs[-1] + np.array([0, 1e-7, 2e-7], np.float32)]

    flat = network(REPORT, np.float32)
    for array in flat.arrays.values():
        array[...] = 0  # every output is 0.5
    way = Way("numpy", lambda _path, given: nearly(flat.activations(given)))
    (verdict,) = prove((way,), Path("x"), flat, UNIT, noise())
    assert verdict.holds
    assert verdict.agree == 200


def test_of_a_network_that_makes_much_of_rounding_more_is_allowed() -> None:
    """Sums of large numbers of both signs lose their last digits, and steep slopes enlarge that."""

    def deep(scale: float, count: int = 50) -> Verdict:
        convs = [
            each
            for _ in range(6)
            for each in (Conv(depth=8, bias="channel", padding="same"), Tanh())
        ]
        report = fitting((*convs, Reshape(), Dense(units=3)), (1, 12, 12), loss="mse")
        steep = network(report, np.float32)
        for name, array in steep.arrays.items():
            if name.name == "weight":
                array *= np.float32(scale)
        weights: Weights = {layer.slot.id: {} for layer in steep.layers}
        for key, array in steep.arrays.items():
            weights[key.slot_id][key.name] = array.astype(np.float64)
        exact = Network(report, weights)
        way = Way("numpy", lambda _path, given: exact.activations(given))
        images = images_to_prove(steep, None)
        few = images._replace(bytes=images.bytes[:count])
        (verdict,) = prove((way,), Path("x"), steep, UNIT, few)
        return verdict

    plain = deep(1)
    assert plain.holds
    assert plain.blocks[-1].rounding == TOLERANCE
    some = deep(20)
    assert some.blocks[-1].rounding > TOLERANCE
    assert some.largest > TOLERANCE
    assert some.holds
    much = deep(100, 200)
    assert not much.holds
    assert not much.is_wrong
    assert "so this proves nothing" in much.text


def test_a_sum_near_zero_in_another_order_is_rounding() -> None:
    """A ReLU that lets next to nothing through shows the rounding of the large sums before it."""
    report = fitting((Reshape(), Dense(units=1), ReLU(), Dense(units=3), Sigmoid()))
    net = network(report, np.float32)
    (_, dense), (_, bias), *_ = net.arrays.items()
    images = images_to_prove(net, None)

    def in_another_order(_path: Path, given: Array) -> BlockOutputs:
        flat = given.reshape(len(given), -1)
        sums = np.add.accumulate(flat[:, ::-1] * dense[0, ::-1], axis=1)[:, -1:]
        return [None, None, np.maximum(sums + bias, 0), *net.activations(given)[3:]]

    for seed in range(12):
        dense[...] = np.random.default_rng(seed).normal(0, 0.1, dense.shape)
        sums = (images.bytes / np.float32(255)).reshape(len(images.bytes), -1) @ dense[0]
        bias[...] = np.float32(1e-4) - sums.max()
        (verdict,) = prove((Way("numpy", in_another_order),), Path("x"), net, UNIT, images)
        assert not verdict.is_wrong, (seed, verdict.text)


def test_numbers_that_are_not_finite_are_said_before_anything_is_compared() -> None:
    broken = built()
    for array in broken.arrays.values():
        array[...] = np.float32(3e38)
    way = Way("numpy", lambda _path, _given: [])
    with pytest.raises(ExportError, match=r"block 1 \(Conv 2, 3×3\) gives numbers that are not"):
        prove((way,), Path("x"), broken, UNIT, noise())


def test_blocks_of_which_nothing_is_shown_are_left_out() -> None:
    verdict = verdict_of(lambda outputs: [None, outputs[1], None, outputs[3]])
    assert verdict.holds
    assert [block.number for block in verdict.blocks] == [2, 4]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda outputs: outputs[:-1], "it gives the outputs of 3 blocks instead of 4."),
        (lambda outputs: [*outputs[:-1], None], "it gives no outputs of the last block."),
        (
            lambda outputs: [outputs[0][:, :1], *outputs[1:]],
            "block 1 (Conv 2, 3×3) gives 1×4×4 instead of 2×4×4.",
        ),
        (lambda outputs: [each[:3] for each in outputs], "block 1"),
        (
            lambda outputs: [*outputs, 1 / 0],
            "could not be read back and run (division by zero).",
        ),
    ],
)
def test_what_cannot_be_compared_fails(change: Change, words: str) -> None:
    verdict = verdict_of(change)
    assert not verdict.ran
    assert not verdict.holds
    assert words in verdict.failure
    assert verdict.text.startswith("numpy: ")


def test_what_is_not_a_number_differs() -> None:
    verdict = verdict_of(lambda outputs: [*outputs[:-1], outputs[-1] * np.float32(np.nan)])
    assert not verdict.holds


def test_a_missing_package_is_named_and_is_no_failure() -> None:
    way = Way("onnxruntime", failing_way, packages=("numpy", "no_such_package"))
    (verdict,) = prove((way,), Path("x"), built(), UNIT, noise())
    assert verdict.missing == ("no_such_package",)
    assert not verdict.failure
    assert not verdict.ran
    assert "Install no_such_package" in verdict.text


def test_a_way_with_packages_runs_in_another_process(tmp_path: Path) -> None:
    way = Way("onnxruntime", failing_way, packages=("numpy",))
    (verdict,) = prove((way,), tmp_path / "x.onnx", built(), UNIT, noise())
    assert verdict.failure == "it failed (ValueError: x.onnx is not what it seems)."
    assert verdict.program == f"numpy {np.__version__}"


def test_test_images_are_taken_if_they_fit() -> None:
    images = np.zeros((300, 1, 6, 6), np.uint8)
    assert len(images_to_prove(built(), images).bytes) == 200
    assert not images_to_prove(built(), images[:7]).are_noise
    assert images_to_prove(built(), images[:, :, :5]).are_noise
    np.testing.assert_array_equal(noise().bytes, noise().bytes)
    assert noise().bytes.std() > 50
    verdict = verdict_of(images=images_to_prove(built(), images[:7]))
    assert "7 of 7 test images" in verdict.text


def test_large_networks_are_tried_with_fewer_images() -> None:
    report = fitting((Conv(depth=64), GlobalAvgPool(), Dense(units=3)), (1, 200, 200), loss="mse")
    found = images_to_prove(network(report, np.float32), None)
    assert len(found.bytes) == 25_000_000 // (64 * 198 * 198 + 64 + 3)


def test_progress_is_told_and_can_end_it() -> None:
    told: list[float] = []
    ways = [Way("numpy", lambda _path, given: built().activations(given)) for _ in range(2)]
    prove(ways, Path("x"), built(), UNIT, noise(), told.append)
    assert told == [0.0, 0.5, 1.0]
    with pytest.raises(KeyboardInterrupt):
        prove(ways, Path("x"), built(), UNIT, noise(), failing(KeyboardInterrupt()))
