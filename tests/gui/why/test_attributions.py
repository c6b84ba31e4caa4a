"""The panel Why in the real window: its numbers, read from what is shown, against plain loops."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QToolButton, QTreeWidget

from engine.array_types import Array
from engine.runs.store import RunStore
from gui.why.attributions import GradCamPage, GradientPage, IntegratedPage
from gui.widgets.number_grid import NumberGrid
from gui.widgets.number_words import short
from tests.gui.driving import Driver
from tests.gui.finding import in_words, not_none
from tests.gui.looking import look
from tests.gui.why.asking import answer, ask, double, inputs_of, rows, score_of, shown, why

LEFT = Qt.MouseButton.LeftButton


def test_the_square_goes_over_the_image_and_the_map_is_what_a_loop_over_squares_finds(
    driver: Driver,
) -> None:
    ask(driver, "Occlusion")
    driver.find(QSpinBox, "why.stride").setValue(5)
    driver.find(QSpinBox, "why.size").setValue(9)
    driver.pick("why.value", "grey")
    driver.settle()
    inputs, score = inputs_of(driver), score_of(driver, answer(driver))
    lost, times = np.zeros((2, 28, 28))
    covered_scores = []
    for top in (0, 5, 10, 15, 20):
        for left in (0, 5, 10, 15, 20):
            covered = inputs.copy()
            covered[:, top : top + 9, left : left + 9] = 0.5
            covered_scores.append(score(covered))
            lost[top : top + 9, left : left + 9] += score(inputs) - covered_scores[-1]
            times[top : top + 9, left : left + 9] += 1
    whole = shown(driver, "occlusion.map")
    np.testing.assert_allclose(whole, lost / times, atol=1e-5)
    found = [float(row[4]) for row in rows(why(driver)) if row[0] == "lost"]
    np.testing.assert_allclose(found, (lost / times).ravel(), atol=1e-5)
    assert driver.text("why.said").startswith("score z of ")

    driver.click("why.play.next")
    driver.click("why.play.next")
    image, grown = shown(driver, "occlusion.image")[0], shown(driver, "occlusion.map")
    assert (image[:9, 5:14] == 0.5).all()
    where = driver.text("why.play.where")
    assert where.startswith("square 2 of 25: z = ")
    number = where.split("z = ")[1].split(",")[0].replace("−", "-")
    assert float(number) == pytest.approx(covered_scores[1], abs=1e-3)
    assert np.isfinite(grown).sum() == 9 * 14
    np.testing.assert_allclose(grown[:9, 9:14], score(inputs) - covered_scores[1], atol=1e-5)
    assert driver.find(NumberGrid, "why.occlusion.image")._frames[0].left == 5
    driver.click("why.play.back")
    driver.click("why.play.back")
    np.testing.assert_array_equal(shown(driver, "occlusion.map"), whole)
    driver.pick("why.play.speed", "very fast")
    driver.click("why.play.play")
    driver.wait(lambda: driver.text("why.play.where").startswith("square 25 of 25"))
    driver.wait(lambda: not driver.find(QToolButton, "why.play.play").isChecked())
    np.testing.assert_array_equal(shown(driver, "occlusion.map"), whole)


def test_the_gradient_is_that_of_small_changes_and_its_switches_say_what_they_do(
    driver: Driver,
) -> None:
    page = ask(driver, "Gradient")
    assert isinstance(page, GradientPage)
    inputs, score = inputs_of(driver), score_of(driver, answer(driver))
    slopes = np.zeros((28, 28))
    for row, column in [(0, 0), (9, 14), (14, 14), (20, 11)]:
        up, down = inputs.copy(), inputs.copy()
        up[0, row, column] += 1e-5
        down[0, row, column] -= 1e-5
        slopes[row, column] = (score(up) - score(down)) / 2e-5
        found = shown(driver, "gradient.map")[row, column]
        assert found == pytest.approx(slopes[row, column], abs=1e-5)
    signed = shown(driver, "gradient.map")
    assert signed.min() < 0 < signed.max()
    driver.find(QCheckBox, "why.times_input").click()
    np.testing.assert_allclose(shown(driver, "gradient.map"), signed * inputs[0], atol=1e-7)
    assert "straight line" in page.tells.text()
    driver.find(QCheckBox, "why.absolute").click()
    np.testing.assert_allclose(shown(driver, "gradient.map"), abs(signed * inputs[0]), atol=1e-7)
    driver.find(QCheckBox, "why.times_input").click()
    driver.find(QCheckBox, "why.absolute").click()
    grid = driver.find(NumberGrid, "why.gradient.map")
    grid.set_current(9, 13)
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert page.readout.text().startswith("row 10, column 15: x = ")
    assert f"∂z/∂x = {short(float(signed[9, 14]))}," in page.readout.text()
    assert grid._frames[0].top == 9


def test_the_slope_of_any_class_has_a_way_back_that_leads_into_the_blocks(driver: Driver) -> None:
    ask(driver, "Gradient")
    answered = shown(driver, "gradient.map")
    box = driver.find(QComboBox, "why.class")
    names = [box.itemText(place) for place in range(box.count())]
    true = not_none(driver.window.view.state.pinned_sample).label
    assert names == ["its answer", f"true class: {true}", "0", "1"]
    driver.pick("why.class", str(1 - answer(driver)))
    driver.settle()
    assert not np.array_equal(shown(driver, "gradient.map"), answered)
    driver.pick("why.class", f"true class: {true}")
    driver.settle()
    assert not_none(why(driver)._answer).class_name == str(true)
    way = driver.find(QTreeWidget, "why.way")
    names = [not_none(way.topLevelItem(n)).text(0) for n in range(way.topLevelItemCount())]
    assert names[0] == "6 Dense 2"
    assert names[-2:] == ["1 Conv 5, 3×3", "the image"]
    top = not_none(way.topLevelItem(0))
    assert [float(top.text(column)) for column in (1, 2)] == [1, 1]  # of z by itself
    image = not_none(way.topLevelItem(len(names) - 1))
    norm = np.linalg.norm(shown(driver, "gradient.map"))
    assert float(image.text(1)) == pytest.approx(norm, rel=0.01)
    way.setCurrentItem(not_none(way.topLevelItem(len(names) - 2)))
    way.setFocus()
    QTest.keyClick(way, Qt.Key.Key_Return)
    assert driver.window.stage.is_in_view("Step by step")
    driver.settle()


def test_grad_cam_shows_each_step_of_its_sum(driver: Driver) -> None:
    page = ask(driver, "Grad-CAM")
    assert isinstance(page, GradCamPage)
    assert page.block.currentText() == "2 Sigmoid"
    network, target = double(driver.window.view.project()), answer(driver)
    maps = network.activations(inputs_of(driver)[np.newaxis], 2)[-1][0]

    def score(changed: Array) -> float:
        values = changed[np.newaxis]
        for layer, workspace in zip(network.layers[2:-1], network.workspaces()[2:], strict=False):
            values = layer.layer.forward(values, workspace)
        return float(values.reshape(-1)[target])

    alphas = []
    for number in range(5):
        up, down = maps.copy(), maps.copy()
        up[number] += 1e-6
        down[number] -= 1e-6
        alphas.append((score(up) - score(down)) / 2e-6 / maps[0].size)
    np.testing.assert_allclose(page.alphas.values(), alphas, atol=1e-5)
    weighted = np.array(alphas)[:, np.newaxis, np.newaxis] * maps
    np.testing.assert_allclose(page.weighted.grid.values(), weighted, atol=1e-5)
    np.testing.assert_allclose(page.total.grid.values(), weighted.sum(axis=0), atol=1e-5)
    positive = np.maximum(weighted.sum(axis=0), 0)
    np.testing.assert_allclose(page.map.grid.values(), positive, atol=1e-5)
    assert page.overlay.grid.values().shape == (1, 28, 28, 3)
    assert not page.coarse.isVisible()


def test_integrated_gradients_add_up_and_say_by_how_much_they_miss(driver: Driver) -> None:
    page = ask(driver, "Integrated gradients")
    assert isinstance(page, IntegratedPage)
    driver.pick("why.baseline", "white")
    driver.settle()
    score, inputs = score_of(driver, answer(driver)), inputs_of(driver)
    total = shown(driver, "integrated.map").sum()
    difference = score(inputs) - score(np.ones_like(inputs))
    assert total == pytest.approx(difference, abs=1e-3)
    said = in_words(page.sum.text()).replace("−", "-")
    assert f"Σ of all pixels = {total:.6g}"[:22] in said
    assert "error" in said


def test_beside_it_stands_the_same_with_epoch_0_and_a_moment_is_asked_too(driver: Driver) -> None:
    driver.type_into("setting.limit", "20")
    page = ask(driver, "Gradient")
    before = shown(driver, "gradient.map")
    assert not page.first.isEnabled()
    target = answer(driver)
    driver.window.stage.show_panel("Loss")  # it need not be asked anew after each step
    driver.run("step_epoch", "Paused")
    ask(driver, "Gradient")
    driver.pick("why.class", str(target))
    driver.settle()
    driver.wait(page.first.isEnabled)
    page.first.click()
    driver.settle()
    np.testing.assert_allclose(shown(driver, "gradient.first_map"), before, atol=1e-6)
    now = shown(driver, "gradient.map")
    assert not np.allclose(now, before)
    correlation = np.corrcoef(now.ravel(), before.ravel())[0, 1]
    assert isinstance(page, GradientPage)
    assert f"{correlation:.1g}".replace("-", "−") in page.alike.text()
    assert any(row[0] == "∂z/∂x (epoch 0)" for row in rows(why(driver)))

    run = RunStore().of_id(not_none(driver.window.view.project().origin).run)
    look(driver, run, 0)
    np.testing.assert_allclose(shown(driver, "gradient.map"), before, atol=1e-6)
    np.testing.assert_array_equal(shown(driver, "gradient.first_map"), before)
    driver.window.view.back_to_now()
    driver.settle()
    np.testing.assert_array_equal(shown(driver, "gradient.map"), now)
    page.first.click()


def test_while_blocks_do_not_fit_or_give_no_maps_it_says_so(driver: Driver) -> None:
    ask(driver, "Grad-CAM")
    for _ in ("Conv", "Sigmoid"):
        driver.select(0)
        driver.choose("delete")
    driver.settle()
    assert "No block of this network gives maps" in why(driver)._empty.sentence()
    driver.choose("undo")
    driver.choose("undo")
    driver.select(0)
    driver.type_into("option.kernel_size", "29")
    driver.settle()
    assert why(driver)._empty.sentence().startswith("No answer until block 1 fits")
    driver.choose("undo")
    driver.settle()
    assert not why(driver)._empty.sentence()
