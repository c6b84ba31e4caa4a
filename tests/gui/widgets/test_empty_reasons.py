"""One bad block in the real window: what fits stays in sight, what comes after is grey."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from engine.array_types import Array
from engine.inspection.snapshot import Sample, take_snapshot
from engine.model.project import Project
from engine.model.templates import notebook
from gui.weights.gradients import GradientsPanel
from gui.widgets.empty_state import EmptyState
from tests.gui.driving import Driver
from tests.gui.finding import child, not_none
from tests.gui.plots import points_of
from tests.gui.reading import mosaics, pinned_texts, vectors
from tests.gui.showing import is_pale


def give(driver: Driver, row: int, option: str, value: str) -> None:
    driver.select(row)
    driver.type_into(f"option.{option}", value)
    driver.settle()


def break_middle(driver: Driver) -> None:
    """Give the Reshape, block 3, a shape that the maps do not fill."""
    give(driver, 2, "target_shape", "100")


def see(driver: Driver, title: str) -> None:
    driver.window.stage.show_panel(title)
    driver.settle()


def undo(driver: Driver) -> None:
    driver.choose("undo")
    driver.settle()


def titles(driver: Driver) -> list[str]:
    """Read the headings of the maps and bars that are in the list."""
    return [view._title.text() for view in driver.maps._views if view.isVisibleTo(driver.maps)]


def waiting(driver: Driver) -> list[tuple[str, str]]:
    """Read the grey rows: a title and a reason each."""
    rows = driver.maps.waiting
    labels = [label.text() for label in rows.findChildren(QLabel)] if rows.isVisible() else []
    lines = [line.partition(": ") for label in labels for line in label.splitlines()]
    return [(title, reason) for title, _, reason in lines]


def said(driver: Driver) -> tuple[str, str]:
    return pinned_texts(driver.maps.sample)


def sentence(panel: QWidget) -> str:
    return child(panel, EmptyState).sentence()


def maps_by_hand(driver: Driver, sample: int, block: int) -> Array:
    """Compute the maps of a block by the engine alone, from the weights that the window holds."""
    project, samples = driver.window.document.project(), not_none(driver.window.session.samples)
    whole = Project(notebook().stack, project.settings, project.weights)
    return take_snapshot(whole.network(), Sample.of(samples, sample)).blocks[block].values


def assert_tiles(driver: Driver, maps: Array) -> None:
    tiles = driver.tiles()
    assert len(tiles) == len(maps)
    for tile, values in zip(tiles, maps, strict=True):
        np.testing.assert_array_equal(tile, values.astype(np.float32))


@contextmanager
def loses_nothing(driver: Driver) -> Iterator[None]:
    """Compare the weights of before and after."""
    before = driver.window.document.project().weights
    yield
    after = driver.window.document.project().weights
    assert before.keys() == after.keys()
    for slot, arrays in before.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(after[slot][name], array)


def test_what_lies_before_a_bad_block_stays_and_follows_the_pin(driver: Driver) -> None:
    see(driver, "Gradients")
    panel = driver.find(GradientsPanel, "panel.gradients")
    driver.run("step_batch", "Paused")
    driver.settle()
    before = driver.captions()[:30]
    assert not any("?" in caption for caption in before)
    curve = points_of(panel.curves.kinds[0].plot, "4 Dense 100")[0]
    assert curve == [1 / 200]
    with loses_nothing(driver):
        break_middle(driver)
        see(driver, "Maps")
        assert titles(driver) == ["1 Conv 5, 3×3 → 2 Sigmoid"]
        assert_tiles(driver, maps_by_hand(driver, 0, 1))
        bad, *others = waiting(driver)
        assert bad[0].startswith("3 Reshape")
        assert "values" in bad[1]
        assert others == [
            (f"{number} {label}", "waits for block 3")
            for number, label in enumerate(["Dense 100", "Sigmoid", "Dense 2", "Sigmoid"], 4)
        ]
        assert said(driver) == (said(driver)[0], "no prediction until block 3 fits")
        see(driver, "Gradients")
        assert panel.headline.text() == "No training step until block 3 fits."
        box = driver.find(QComboBox, "gradients.block")
        assert [box.itemText(i) for i in range(box.count())] == ["1 Conv 5, 3×3", "2 Sigmoid"]
        assert points_of(panel.curves.kinds[0].plot, "4 Dense 100")[0] == curve
        assert panel.curves.kinds[0].plot.isVisible()
        driver.click_digit(3)
        see(driver, "Maps")
        assert driver.pinned() == 3
        assert said(driver)[0].startswith("Test image 4")
        assert_tiles(driver, maps_by_hand(driver, 3, 1))
        mosaics(driver.maps)[0].setFocus()
        driver.press(Qt.Key.Key_Return)
        QTest.mouseClick(driver.maps.enlarged.samples.ask, Qt.MouseButton.LeftButton)
        driver.wait(lambda: len(driver.maps.enlarged.samples.buttons) == 8)
        driver.maps._close_map()
        undo(driver)
    assert waiting(driver) == []
    assert len(titles(driver)) == 3
    assert said(driver)[1].startswith("says")
    assert driver.captions()[:30] == before, "nothing that was learned is lost"
    assert driver.pinned() == 3
    see(driver, "Gradients")
    assert "No training step until" not in panel.headline.text()
    assert box.count() == 7
    driver.run("step_batch", "Paused")
    driver.settle()
    assert points_of(panel.curves.kinds[0].plot, "4 Dense 100")[0] == [1 / 200, 2 / 200], (
        "it goes on"
    )


def test_a_first_block_that_does_not_fit_leaves_the_digit_the_rows_and_the_curves(
    driver: Driver,
) -> None:
    driver.run("step_batch", "Paused")
    with loses_nothing(driver):
        give(driver, 0, "kernel_size", "29")
        assert titles(driver) == []
        bad, *others = waiting(driver)
        assert bad[0] == "1 Conv 5, 29×29"
        assert bad[1].startswith("Needs maps of at least 29×29")
        assert [reason for _, reason in others] == ["waits for block 1"] * 6
        driver.click_digit(2)
        driver.settle()
        assert said(driver)[0].startswith("Test image 3")
        assert said(driver)[1] == "no prediction until block 1 fits"
        see(driver, "Gradients")
        panel = driver.find(GradientsPanel, "panel.gradients")
        assert panel.headline.text() == "No training step until block 1 fits."
        assert panel.curves.kinds[0].plot.isVisible()
        assert panel.histograms.isVisible()  # the run rested, so the values are known
        undo(driver)
        assert panel.histograms.isVisible()
        see(driver, "Maps")
        assert len(titles(driver)) == 3
        assert waiting(driver) == []
    break_middle(driver)
    give(driver, 0, "depth", "3")
    assert titles(driver) == ["▸ 1 Conv 3, 3×3 → 2 Sigmoid"], "an edit before it is followed"
    assert len(driver.tiles()) == 3


def test_outputs_that_are_not_the_classes_are_shown_and_predict_nothing(driver: Driver) -> None:
    give(driver, 5, "units", "3")
    assert titles(driver)[-1] == "▸ 6 Dense 3 → 7 Sigmoid"
    assert len(vectors(driver.maps)[-1].values()) == 3
    ((title, reason),) = waiting(driver)
    assert title == "7 Sigmoid"
    assert "2 classes need a vector of 2" in reason
    headline = driver.window.panels.predictions.headline
    assert headline.text() == "No prediction until block 7 fits"
    assert is_pale(driver.samples)


def test_a_drawing_is_seen_as_far_as_the_blocks_fit(driver: Driver) -> None:
    see(driver, "Step by step")
    glass = driver.window.panels.glass.panel
    break_middle(driver)
    no_step = "No training step until block 3 fits. The list of blocks says what to do."
    driver.wait(lambda: glass.copy.text() == no_step)
    assert sentence(glass) == "", "the convolution of the first block is shown"
    assert glass.specimen is None
    assert [glass.tabs.isTabEnabled(place) for place in range(3)] == [True, False, False]
    bar = np.zeros((1, 28, 28), np.uint8)
    bar[0, 5:23, 12:16] = 255
    driver.window.view.pin_drawing(bar)
    driver.settle()
    driver.wait(lambda: glass.sample.text() == "Your drawing")
    see(driver, "Maps")
    assert said(driver) == ("Your drawing", "no prediction until block 3 fits")
    pane = driver.window.panels.predictions.pane
    assert "no answer yet" in [label.text() for label in pane.findChildren(QLabel)]
    obstacle = "No prediction until block 3 fits. The list of blocks says what to do."
    shown = driver.window.panels.draw.findChildren(EmptyState)
    driver.window.panels.draw.refresh()
    assert [state.sentence() for state in shown] == [obstacle]
    driver.window.stage.show_panel("Step by step")
    undo(driver)
    assert said(driver)[0] == "Your drawing"
    assert sentence(glass) == "", "the step is taken with the class that is predicted only now"
    assert not_none(glass.specimen).caption.startswith("Your drawing, as ")
