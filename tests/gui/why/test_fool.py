"""Fool it: what is shown against an attack that is worked out anew, and what is counted."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QSlider, QTreeWidget

from engine.array_types import Array
from engine.explain.class_score import loss_slopes
from gui.why.fool import FoolPage
from gui.why.page import WorkButton
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.why.asking import answer, ask, double, inputs_of, rows, shown, why


def attacked(driver: Driver, epsilon: float) -> tuple[Array, Array]:
    """Work out the image after one step, and what is said of it."""
    network, inputs = double(driver.window.view.project()), inputs_of(driver)
    target = np.eye(2)[[answer(driver)]]
    loss = driver.window.document.settings.loss
    slope = loss_slopes(network, loss, inputs[np.newaxis], target)[0]
    image = np.clip(inputs + epsilon * np.sign(slope), 0, 1)
    return image, network.activations(image[np.newaxis])[-1].reshape(-1)


def make_unsure(driver: Driver) -> None:
    """Let the network say of the pinned image that it is of the second class, but only just."""
    project = driver.window.view.project()
    network = project.network()
    weights = network.copy_weights()
    first, second = network.activations(inputs_of(driver)[np.newaxis])[-2].reshape(-1)
    weights[project.stack.slots[-2].id]["bias"][0] += second - first - 0.03
    driver.window.document.replace_project(replace(project, weights=weights), None)
    driver.wait_for_panels()


def test_the_slider_shows_what_a_change_does_and_words_say_when_the_answer_turns(
    driver: Driver,
) -> None:
    make_unsure(driver)
    page = ask(driver, "Attack: fool it")
    assert isinstance(page, FoolPage)
    driver.find(QSlider, "why.epsilon").setValue(20)
    assert driver.text("why.epsilon_words") == "ε = 0.100"
    image, outputs = attacked(driver, 0.1)
    np.testing.assert_allclose(shown(driver, "fool.fooled"), image, atol=1e-5)
    np.testing.assert_allclose(
        shown(driver, "fool.change"), (image - inputs_of(driver))[0], atol=1e-5
    )
    np.testing.assert_allclose([row.value for row in page.bars.rows()], outputs, atol=1e-5)
    assert page.fooled.grid.accessibleName() == f"it says {outputs.argmax()}"
    smallest = not_none(why(driver)._answer).found.smallest
    assert smallest
    assert f"up to ε = {smallest:.3g}"[:16] in page.smallest.text()
    said = [attacked(driver, smallest + by)[1].argmax() for by in (-2e-4, 2e-4)]
    assert said == [answer(driver), 1 - answer(driver)]
    driver.pick("why.class", str(1 - answer(driver)))
    driver.settle()
    assert page.smallest.text().startswith("It does not say ")


def test_all_test_images_are_counted_by_class_and_counting_ends_at_once_when_it_is_stopped(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(driver, "Attack: fool it")
    assert isinstance(page, FoolPage)
    driver.pick("why.against", "shift")
    driver.click("why.robustness")
    driver.settle()
    samples = not_none(driver.window.view.state.samples)
    network = driver.window.view.project().network()
    shifted = np.zeros((len(samples), 1, 28, 28), np.float32)
    shifted[..., 2:] = samples.images[:, :, :, :-2] / np.float32(255)
    right = network.activations(shifted)[-1].argmax(axis=1) == samples.labels
    table = driver.find(QTreeWidget, "why.robust")
    head = not_none(table.headerItem())
    assert [head.text(column) for column in (0, 1, 3)] == ["class", "0 px", "2 px"]
    texts = [not_none(table.topLevelItem(row)).text(3) for row in range(3)]
    shares = [right.mean(), *(right[samples.labels == label].mean() for label in (0, 1))]
    for text, share in zip(texts, shares, strict=True):
        assert float(text.removesuffix(" %")) == pytest.approx(100 * share, abs=0.11)
    counted = [int(row[4]) for row in rows(why(driver)) if row[0] == "right" and row[2] == "2.0"]
    assert sum(counted) == right.sum()

    button = driver.find(WorkButton, "why.robustness")

    def for_ever(*_: object, report: Callable[[float], None], **__: object) -> None:
        while True:
            report(0.5)
            time.sleep(0.01)

    monkeypatch.setattr("gui.why.fool.robustness", for_ever)
    driver.pick("why.against", "attack")
    button.click()
    driver.wait(lambda: bool(driver.window.jobs.title))
    assert button.text() == "Stop"
    button.click()
    driver.wait(lambda: not driver.window.jobs.title)
    assert button.text() == "All test images"
    button.click()
    driver.window.jobs.cancel()
    driver.wait(lambda: button.text() == "All test images")
