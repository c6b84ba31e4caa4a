"""Explanations of a class score against differences of the score, and against plain loops."""

import math
from contextlib import closing
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import Conv, Dense, GlobalAvgPool, KnownBlock, ReLU, Reshape, Softmax
from engine.data.dataset import Dataset
from engine.data.sources import load
from engine.explain.attack import Corruption, attacked, attacks, corrupted, robustness
from engine.explain.attribution import (
    class_gradient,
    enlarged,
    grad_cam,
    integrated_gradients,
    occlusion,
)
from engine.explain.class_score import class_scores, loss_slopes, portions, scoring_layers
from engine.explain.dream import RATE, dream, excitements
from engine.explain.layer_map import block_values, principal_plane, t_sne
from engine.explain.loss_landscape import (
    coarse_to_fine,
    landscape,
    mean_loss,
    plane_of_run,
    random_plane,
)
from engine.inputs.scaling import Scaling
from engine.model.losses import LOSSES
from engine.model.network import Network
from engine.model.templates import lenet
from engine.training.run import Training
from tests.engine.explain.nearness import trustworthiness
from tests.engine.marks import needs_the_compiler
from tests.engine.networks import BLOCKS, INPUT_SHAPE, MODERN, dataset, fitting, network

NETWORKS = {"sigmoid": (BLOCKS, "bce"), "softmax": (MODERN, "cross_entropy")}
OPEN: tuple[KnownBlock, ...] = (Conv(depth=2), ReLU(), Reshape(), Dense(units=3))


def _net(name: str) -> Network:
    blocks, loss = NETWORKS[name]
    return network(fitting(blocks, loss=loss))


def _image(seed: int = 0, channels: int = INPUT_SHAPE[0]) -> Array:
    return np.random.default_rng(seed).uniform(0, 1, (channels, *INPUT_SHAPE[1:]))


def _score(net: Network, image: Array, target: int) -> float:
    """The score, worked back from the outputs: the logit, or the logarithm up to a constant."""
    outputs = net.activations(image[np.newaxis])[-1].reshape(-1)
    if net.layers[-1].slot.block.kind == "sigmoid":
        return float(np.log(outputs[target] / (1 - outputs[target])))
    return float(np.log(outputs[target]))


def _differences(net: Network, image: Array, target: int, step: float = 1e-5) -> Array:
    found = np.zeros(image.size)
    for at in range(image.size):
        ends = []
        for sign in (1, -1):
            moved = image.copy()
            moved.flat[at] += sign * step
            ends.append(class_scores(net, moved[np.newaxis])[0, target])
        found[at] = (ends[0] - ends[1]) / (2 * step)
    return found.reshape(image.shape)


@pytest.mark.parametrize("side", [4, 100, 200, 800])
def test_a_pass_has_fewer_samples_the_larger_they_are(side: int) -> None:
    """Else memory would not suffice, and Cancel would be obeyed late."""
    blocks = Conv(depth=32, bias="channel"), GlobalAvgPool(), Dense(units=2), Softmax()
    net = network(fitting(blocks, (1, side, side), 2, "cross_entropy"))
    parts = list(portions(net, 100))
    assert [n for part in parts for n in range(100)[part]] == list(range(100))
    cells = 32 * (side - 2) ** 2
    budget = net.numerics.MULTIPLY_ADDS_AT_ONCE / 10
    most = min(16e6 / cells, budget / (9 * cells), 64)
    assert max(len(range(100)[part]) for part in parts) == max(1, int(most))


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_are_what_the_closing_activation_gets(name: str) -> None:
    net, image = _net(name), _image()
    scores = class_scores(net, image[np.newaxis])[0]
    worked_back = np.array([_score(net, image, target) for target in range(3)])
    offsets = scores - worked_back  # a softmax takes any constant off
    assert np.ptp(offsets) < 1e-9
    if name == "sigmoid":
        assert np.abs(offsets).max() < 1e-9
    open_net = network(fitting(OPEN, loss="mse"))
    assert scoring_layers(open_net) == len(open_net.layers)
    np.testing.assert_array_equal(
        class_scores(open_net, image[np.newaxis]), open_net.activations(image[np.newaxis])[-1]
    )


@pytest.mark.parametrize("target", range(3))
@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradient_is_that_of_the_score(name: str, target: int) -> None:
    net, image = _net(name), _image(target)
    found = class_gradient(net, image, target)
    np.testing.assert_allclose(found.gradient, _differences(net, image, target), atol=1e-8)
    np.testing.assert_allclose(found.times_input, found.gradient * image)
    first = net.layers[0]
    back = first.layer  # the way of a slope: from the first block's outputs to the input
    workspace = net.workspaces()[0]
    back.forward(image[np.newaxis], workspace)
    again = back.backward(found.slopes[0][np.newaxis], workspace, wants_inputs=True).inputs
    assert again is not None
    np.testing.assert_allclose(again[0], found.gradient, atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_slope_of_the_loss_is_that_of_the_loss(name: str) -> None:
    net, loss = _net(name), NETWORKS[name][1]
    images, targets = np.stack([_image(0), _image(1)]), np.eye(3)[[0, 2]]
    found = loss_slopes(net, loss, images, targets)

    def of(batch: Array) -> Array:
        return LOSSES[loss].values(net.activations(batch)[-1].reshape(2, 3), targets)

    for at in [(0, 0, 1, 2), (1, 0, 4, 4), (0, 0, 5, 0)]:
        up, down = images.copy(), images.copy()
        up[at] += 1e-5
        down[at] -= 1e-5
        assert found[at] == pytest.approx((of(up) - of(down)).sum() / 2e-5, abs=1e-8)


def test_a_loss_that_does_not_cancel_is_differentiated_through_the_activation() -> None:
    net, image = _net("softmax"), _image()[np.newaxis]
    found, targets = loss_slopes(net, "mse", image, np.eye(3)[[1]]), np.eye(3)[[1]]
    up, down = image.copy(), image.copy()
    up[0, 0, 2, 2] += 1e-5
    down[0, 0, 2, 2] -= 1e-5
    ends = [((net.activations(each)[-1] - targets) ** 2).mean() for each in (up, down)]
    assert found[0, 0, 2, 2] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-9)


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (2, 1), (3, 2), (2, 3), (9, 1), (4, 4)])
def test_occlusion_is_the_loop_over_squares(size: int, stride: int) -> None:
    net, image = _net("softmax"), _image()
    found = occlusion(net, image, 1, size=size, stride=stride, value=0.25)
    whole = class_scores(net, image[np.newaxis])[0, 1]
    sums, times = np.zeros((2, *image.shape[1:]))
    for i, row in enumerate(found.corners[0]):
        for j, column in enumerate(found.corners[1]):
            covered = image.copy()
            covered[:, row : row + size, column : column + size] = 0.25
            score = class_scores(net, covered[np.newaxis])[0, 1]
            assert found.scores[i, j] == pytest.approx(score, abs=1e-12)
            sums[row : row + size, column : column + size] += whole - score
            times[row : row + size, column : column + size] += 1
    np.testing.assert_allclose(found.lost[times > 0], (sums / np.maximum(times, 1))[times > 0])
    if stride <= size:
        assert times.all(), "a pixel was never covered"


def test_occlusion_covers_each_channel_with_its_own_value() -> None:
    report = fitting((Reshape(), Dense(units=2), Softmax()), (3, 4, 4), 2, "cross_entropy")
    net, image = network(report), np.random.default_rng(1).uniform(0, 1, (3, 4, 4))
    value = np.array([0.1, 0.5, 0.9])
    found = occlusion(net, image, 0, size=4, stride=1, value=value)
    flat = np.broadcast_to(value[:, np.newaxis, np.newaxis], image.shape)[np.newaxis]
    assert found.scores[0, 0] == pytest.approx(class_scores(net, flat)[0, 0])


@pytest.mark.parametrize(("name", "position"), [("sigmoid", 1), ("sigmoid", 2), ("softmax", 4)])
def test_grad_cam_weighs_maps_by_the_mean_slope(name: str, position: int) -> None:
    """The mean slope is found by adding a small constant to a map, and running on from there."""
    net, image, target = _net(name), _image(), 2
    found = grad_cam(net, image, target, position)
    layers = net.layers[position + 1 : scoring_layers(net)]

    def score(maps: Array) -> float:
        values = maps[np.newaxis]
        for layer, workspace in zip(layers, net.workspaces()[position + 1 :], strict=False):
            values = layer.layer.forward(values, workspace)
        return float(values.reshape(-1)[target])

    cells = found.maps[0].size
    for k in range(len(found.maps)):
        up, down = found.maps.copy(), found.maps.copy()
        up[k] += 1e-6
        down[k] -= 1e-6
        assert found.alphas[k] == pytest.approx((score(up) - score(down)) / 2e-6 / cells, abs=1e-7)
    total = sum(found.alphas[k] * found.maps[k] for k in range(len(found.maps)))
    np.testing.assert_allclose(found.total, total)
    np.testing.assert_allclose(found.positive, np.where(found.total > 0, found.total, 0))


def test_a_picture_is_scaled_between_the_centres_of_its_cells() -> None:
    picture = np.array([[0.0, 1.0], [2.0, 3.0]])
    large = enlarged(picture, (4, 4))
    np.testing.assert_allclose(large[0], [0, 0.25, 0.75, 1])  # as PyTorch without aligned corners
    np.testing.assert_allclose(large[:, 0], [0, 0.5, 1.5, 2])
    np.testing.assert_allclose(enlarged(picture, (2, 2)), picture)


@pytest.mark.parametrize("name", NETWORKS)
def test_integrated_gradients_add_up_to_the_difference(name: str) -> None:
    net, image, baseline = _net(name), _image(), _image(5) / 2
    found = integrated_gradients(net, image, 0, baseline, points=200)
    assert found.score == pytest.approx(class_scores(net, image[np.newaxis])[0, 0])
    difference = found.score - class_scores(net, baseline[np.newaxis])[0, 0]
    assert found.error == pytest.approx(found.attributions.sum() - difference)
    assert abs(found.error) < 1e-3
    smooth = integrated_gradients(_net("sigmoid"), image, 0)
    assert abs(smooth.error) < 1e-9
    times = (np.polynomial.legendre.leggauss(50)[0] + 1) / 2
    weights = np.polynomial.legendre.leggauss(50)[1] / 2
    by_loop = sum(
        weight * class_gradient(_net("sigmoid"), time * image, 0).gradient
        for time, weight in zip(times, weights, strict=True)
    )
    np.testing.assert_allclose(smooth.attributions, image * by_loop, atol=1e-12)


@pytest.mark.parametrize(("layers", "unit"), [(3, 0), (8, 2)])
def test_a_dream_excites_its_unit_more_than_any_test_image(layers: int, unit: int) -> None:
    net, samples = _net("sigmoid"), dataset(30)
    steps = list(dream(net, np.full(INPUT_SHAPE, 0.5), layers, unit, steps=60, jitter=1, pull=0))
    assert [step.step for step in steps] == list(range(61))
    inputs = samples.batch_inputs(slice(None), np.float64)
    best = excitements(net, inputs, layers, unit).max()
    given = net.activations(inputs, layers)[-1]
    assert best == pytest.approx(given.reshape(30, *given.shape[1:2], -1)[:, unit].mean(-1).max())
    assert steps[-1].value > best
    value = excitements(net, steps[-1].image[np.newaxis], layers, unit)[0]
    assert steps[-1].value == pytest.approx(value)
    assert steps[-1].image.min() >= 0
    assert steps[-1].image.max() <= 1


@pytest.fixture(scope="module")
def lenet_and_digits() -> tuple[Network, Dataset]:
    """Return the LeNet after a short training, and the test images."""
    made = lenet()
    settings = msgspec.structs.replace(made.settings, limit=40, epochs=4)
    train, whole = load(settings.dataset, settings.classes, settings.limit)
    test = whole.take(np.arange(0, len(whole), 6))
    with closing(Training(made.check(), settings, train, test)) as training:
        for _ in training.run():
            pass
        return replace(made, weights=training.weights()).network(), test


CLASSES, CLOSED_RELUS = 10, 9  # and how many layers lead to them


@needs_the_compiler  # once is enough, for it takes seconds
@pytest.mark.parametrize(("layers", "unit"), [(CLASSES, 0), (CLOSED_RELUS, 120)])
def test_on_lenet_the_default_dream_excites_more_than_any_test_image(
    lenet_and_digits: tuple[Network, Dataset], layers: int, unit: int
) -> None:
    net, test = lenet_and_digits
    inputs = test.batch_inputs(slice(None), net.dtype)
    best = excitements(net, inputs, layers, unit).max()
    some = inputs[:100]
    *_, last = dream(net, some.mean(axis=0), layers, unit, like=some)
    assert last.value > best


def test_a_dream_that_is_pulled_back_stays_nearer_to_its_start() -> None:
    net, start = _net("sigmoid"), _image()
    near, free = (
        list(dream(net, start, 8, 0, steps=40, pull=pull, low=-1))[-1].image for pull in (0.5, 0)
    )
    assert ((near - start) ** 2).sum() < ((free - start) ** 2).sum() / 2


def test_a_dream_like_two_images_goes_along_their_difference_twice_as_far() -> None:
    net, start = _net("sigmoid"), np.full(INPUT_SHAPE, 0.5)
    images = np.stack([_image(1), _image(2)])
    free, alike = (
        list(dream(net, start, 8, 0, steps=1, jitter=0, like=like))[-1].image - start
        for like in (None, images)
    )
    apart = images[1] - images[0]
    ends = excitements(net, np.stack([start + 1e-4 * apart, start - 1e-4 * apart]), 8, 0)
    way = free / free.std(mean=0) / 2 + np.sign(ends[0] - ends[1]) * apart / apart.std(mean=0)
    np.testing.assert_allclose(alike, RATE * way / way.std(mean=0), atol=1e-9)


def _attacked(image: Array, epsilon: float, **options: Any) -> Array:
    """Attack one image with one ε, for class 1 of the network with a Softmax."""
    targets = np.eye(3)[[1]]
    one = _net("softmax"), "cross_entropy", image[np.newaxis], targets, np.array([epsilon])
    found: Array = attacked(*one, **options)[0]
    return found


def test_one_step_of_an_attack_is_the_sign_of_the_slope_within_the_range() -> None:
    net, image = _net("softmax"), _image()
    image[0, 0, 0], image[0, 0, 1] = 0.0, 1.0
    slope = loss_slopes(net, "cross_entropy", image[np.newaxis], np.eye(3)[[1]])[0]
    found = _attacked(image, 0.05)
    np.testing.assert_allclose(found, np.clip(image + 0.05 * np.sign(slope), 0, 1))
    more = _attacked(image, 0.05, iterations=10)
    assert np.abs(more - image).max() <= 0.05 + 1e-12
    one, ten = net.activations(np.stack([found, more]))[-1][:, 1]
    assert ten <= one + 1e-9
    wide = _attacked(image, 0.05, low=-1.0, high=3.0)
    assert np.abs(wide - image).max() == pytest.approx(0.2)  # ε is a share of the range


def test_the_smallest_epsilon_turns_what_is_said_and_a_little_less_does_not() -> None:
    net, image = _net("softmax"), _image()
    says = int(class_scores(net, image[np.newaxis])[0].argmax())
    found = attacks(net, "cross_entropy", image, says, most=2.0, low=-5, high=5)
    smallest = found.smallest
    assert smallest
    targets = np.eye(3)[[says]]
    turned, still = (
        attacked(
            *(net, "cross_entropy", image[np.newaxis], targets, np.array([epsilon])),
            low=-5,
            high=5,
        )
        for epsilon in (smallest, smallest - 1e-3)
    )
    assert net.activations(turned)[-1].argmax() != says
    assert net.activations(still)[-1].argmax() == says
    np.testing.assert_allclose(found.outputs, net.activations(found.images)[-1])
    said = found.outputs.argmax(axis=1)
    assert found.epsilons[(said != says).argmax()] >= smallest
    np.testing.assert_allclose(found.images[0], image)
    assert attacks(net, "cross_entropy", image, says, most=1e-9).smallest is None
    assert attacks(net, "cross_entropy", image, (says + 1) % 3).smallest == 0


def test_robustness_counts_what_is_right_yet_by_class() -> None:
    net, samples = _net("softmax"), dataset(70)
    told: list[float] = []
    found = robustness(net, "cross_entropy", samples, "attack", (0.0, 0.1), report=told.append)
    inputs = samples.batch_inputs(slice(None), np.float64)
    said = net.activations(inputs)[-1].argmax(axis=1)
    for label in range(3):
        assert found.right[0, label] == ((said == label) & (samples.labels == label)).sum()
        assert found.of_class[label] == (samples.labels == label).sum()
    one_by_one = [
        net.activations(
            attacked(
                *(net, "cross_entropy", image[np.newaxis], np.eye(3)[[label]]), np.array([0.1])
            )
        )[-1].argmax()
        == label
        for image, label in zip(inputs, samples.labels, strict=True)
    ]
    assert found.right[1].sum() == sum(one_by_one)
    assert found.accuracies[1] == pytest.approx(np.mean(one_by_one))
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] < 1


def test_before_each_layer_is_asked_whether_to_go_on() -> None:
    """So Cancel is obeyed soon, however large a network is."""
    net, samples, asked = _net("softmax"), dataset(70), list[float]()
    parts, layers = len(list(portions(net, 70))), len(net.layers)
    robustness(net, "cross_entropy", samples, "attack", (0.1,), iterations=3, report=asked.append)
    there_and_back = 2 * (layers - 1)  # the loss is differentiated with the closing softmax
    assert len(asked) == parts * (1 + 3 * there_and_back + layers)
    asked.clear()
    mean_loss(net, "cross_entropy", samples, lambda: asked.append(0))
    assert len(asked) == parts * layers


@pytest.mark.parametrize("corruption", ["shift", "rotation", "noise", "blur"])
def test_samples_are_corrupted_as_pixels_whatever_the_scaling(corruption: Corruption) -> None:
    net, samples = _net("softmax"), dataset(20)
    plain = robustness(net, "cross_entropy", samples, corruption, (0.0, 0.5))
    inputs = samples.batch_inputs(slice(None), np.float64)
    assert plain.right[0].sum() == (net.activations(inputs)[-1].argmax(1) == samples.labels).sum()
    changed = corrupted(inputs, corruption, 0.5)
    is_right = net.activations(changed)[-1].argmax(1) == samples.labels
    assert plain.right[1].sum() == is_right.sum()
    standard = Scaling(mean=(0.5,), deviation=(0.05,))
    scaled = robustness(
        net, "cross_entropy", replace(samples, scaling=standard), corruption, (0.0, 0.5)
    )
    is_right = net.activations((changed - 0.5) / 0.05)[-1].argmax(1) == samples.labels
    assert scaled.right[1].sum() == is_right.sum()


def test_corruptions_do_what_they_say() -> None:
    image = np.zeros((1, 1, 7, 7))
    image[0, 0, 3, 2] = 1
    assert corrupted(image, "shift", 2)[0, 0, 3, 4] == 1
    turned = corrupted(image, "rotation", 90)[0, 0]
    assert np.argwhere(turned > 0.99).tolist() in ([[2, 3]], [[4, 3]])
    np.testing.assert_array_equal(corrupted(image, "blur", 0), image)
    assert corrupted(image, "blur", 1)[0, 0, 3, 2] < 0.2
    noisy = corrupted(np.full((1, 1, 90, 90), 0.5), "noise", 0.1)
    assert noisy.std() == pytest.approx(0.1, rel=0.05)


def test_the_principal_plane_is_that_of_singular_vectors() -> None:
    random = np.random.default_rng(3)
    for shape in [(40, 6), (8, 30)]:
        values = random.standard_normal(shape) * np.arange(1, shape[1] + 1)
        found = principal_plane(values)
        centred = values - values.mean(axis=0)
        _, lengths, axes = np.linalg.svd(centred)
        np.testing.assert_allclose(np.abs(found.axes @ axes[:2].T), np.eye(2), atol=1e-9)
        shares = lengths[:2] ** 2 / (lengths**2).sum()
        np.testing.assert_allclose(found.explained, shares)
        np.testing.assert_allclose(found.points, centred @ found.axes.T, atol=1e-9)
        for axis in found.axes:
            assert axis[np.abs(axis).argmax()] > 0
    same = principal_plane(np.ones((5, 4)))
    assert not same.points.any()
    assert same.explained == (0, 0)


def test_t_sne_keeps_three_heaps_apart_and_begins_with_the_plane() -> None:
    random = np.random.default_rng(4)
    heap = np.repeat(np.arange(3), 40)
    values = random.standard_normal((120, 20)) + 6 * np.eye(3, 20)[heap]
    steps = list(t_sne(values, early_steps=100, steps=200))
    assert [step for step, _ in steps] == list(range(301))
    begin = principal_plane(values).points
    np.testing.assert_allclose(steps[0][1][:, 0].std(), 1e-4, rtol=1e-4)
    np.testing.assert_allclose(
        steps[0][1] / steps[0][1][:, 0].std(), begin / begin[:, 0].std(), rtol=1e-3, atol=1e-6
    )
    points = steps[-1][1]
    centres = np.array([points[heap == each].mean(axis=0) for each in range(3)])
    nearest = np.linalg.norm(points[:, np.newaxis] - centres, axis=2).argmin(axis=1)
    assert (nearest == heap).all()
    assert trustworthiness(values, points) > trustworthiness(values, begin)


def test_values_of_a_block_are_what_it_gives() -> None:
    net, samples = _net("softmax"), dataset(70)
    found = block_values(net, samples, 4)
    whole = net.activations(samples.batch_inputs(slice(None), np.float64), 4)[-1]
    np.testing.assert_allclose(found, whole.reshape(70, -1), atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_centre_of_a_landscape_is_the_loss_of_the_network(name: str) -> None:
    net, loss, samples = _net(name), NETWORKS[name][1], dataset(70)
    plane, before = random_plane(net), net.copy_weights()
    ends = np.linspace(-1, 1, 5)
    found = {
        (row, column): value
        for row, column, value in landscape(net, plane, loss, samples, ends, ends)
    }
    assert len(found) == 25
    net.set_weights(before)
    outputs = net.activations(samples.batch_inputs(slice(None), np.float64))[-1].reshape(70, 3)
    wanted = LOSSES[loss].values(outputs, np.eye(3)[samples.labels]).mean()
    assert found[2, 2] == pytest.approx(wanted)
    assert mean_loss(net, loss, samples) == pytest.approx(wanted)
    net.set_weights(plane.at(-1, 0.5))
    assert found[0, 3] == pytest.approx(mean_loss(net, loss, samples))


def test_directions_have_the_norms_of_the_filters_and_leave_biases_out() -> None:
    net = _net("softmax")
    plane = random_plane(net, seed=1)
    for direction in plane.directions:
        assert {key.name for key in direction} == {"weight"}
        for key, array in direction.items():
            assert array.ndim > 1  # neither a scale of BatchNorm nor a bias
            for own, drawn in zip(net.arrays[key], array, strict=True):
                assert np.linalg.norm(drawn) == pytest.approx(np.linalg.norm(own))
    assert len(plane.directions[0]) == 4  # two Conv and two Dense
    notebook = random_plane(_net("sigmoid"))  # its bias per position has three axes
    assert all(key.name == "weight" for key in notebook.directions[0])
    assert len(notebook.directions[0]) == 4


def test_the_plane_of_a_run_holds_its_path() -> None:
    net, random = _net("sigmoid"), np.random.default_rng(6)
    first, second = random_plane(net, 2).directions
    kept = []
    for a, b in [(1.0, 0.2), (0.5, 0.6), (0.2, -0.3), (0.0, 0.0)]:
        weights = net.copy_weights()
        for key in first:
            noise = 1e-6 * random.standard_normal(first[key].shape)
            weights[key.slot_id][key.name] += a * first[key] + b * second[key] + noise
        kept.append(weights)
    plane = plane_of_run(net, kept)
    assert plane.path is not None
    assert plane.explained is not None
    assert sum(plane.explained) == pytest.approx(1, abs=1e-6)
    for weights, (a, b) in zip(kept, plane.path, strict=True):
        at = plane.at(a, b)
        for key in first:
            np.testing.assert_allclose(
                at[key.slot_id][key.name], weights[key.slot_id][key.name], atol=1e-4
            )


@pytest.mark.parametrize("side", [1, 2, 3, 5, 8, 51])
def test_a_grid_is_gone_through_once_the_coarse_mesh_first(side: int) -> None:
    cells = list(coarse_to_fine(side))
    assert sorted(cells) == [(row, column) for row in range(side) for column in range(side)]
    if side > 4:
        few = cells[: math.ceil(side / 4) ** 2]
        assert max(row for row, _ in few) >= side / 2
        assert max(column for _, column in few) >= side / 2
