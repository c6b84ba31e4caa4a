"""The search for exciting digits in the real window, against scipy on the exported weights."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from scipy.signal import correlate2d

from gui.widgets.exciting_samples import QUESTION
from gui.widgets.labels import ElidedLabel
from gui.widgets.number_words import short
from tests.gui.driving import Driver
from tests.gui.finding import child, not_none


def test_the_digits_that_excite_a_map_most_are_found_pinned_and_forgotten_with_another_map(
    driver: Driver,
) -> None:
    driver.run("step_epoch", "Paused")
    driver.settle()
    panel = driver.window.panels.feature_maps
    panel.mosaics[0].setFocus()
    driver.press(Qt.Key.Key_Return)
    digits = panel.enlarged.samples
    assert digits.ask.text() == QUESTION
    QTest.mouseClick(digits.ask, Qt.MouseButton.LeftButton)
    driver.wait(lambda: len(digits.buttons) == 8)
    assert digits.words.text() == "of 409, before the activation, with the weights after epoch 1"
    assert child(digits, ElidedLabel).toolTip() == digits.words.text(), (
        "docked, its end is cut short"
    )
    samples = not_none(driver.window.session.samples)
    weights = driver.window.document.project().weights[driver.window.document.stack.slots[0].id]
    kernel, bias = weights["weight"][0, 0], weights["bias"][0]
    peaks = np.array(
        [(correlate2d(image / 255, kernel, "valid") + bias).max() for image in samples.images[:, 0]]
    )
    best = int(peaks.argmax())
    first = digits.buttons[0]
    assert float(first.text()) == float(short(float(peaks[best]), 3))
    says = first.accessibleName()
    assert f"Test image {best + 1} · a {samples.classes[samples.labels[best]]}" in says
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert driver.pinned() == best
    driver.wait(lambda: panel.sample.texts()[0].startswith(f"Test image {best + 1} · "))
    panel.enlarge(driver.window.document.stack.slots[1].id, 1)
    assert (digits.buttons, digits.words.text()) == ([], "")
