"""Layer map: the plane against singular vectors, and what is read, selected and listed on it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from gui.why.layer_maps import LayerMapPage
from gui.why.point_map import PointMap
from tests.engine.explain.nearness import trustworthiness
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.why.asking import ask, double, rows, shown, why

LEFT = Qt.MouseButton.LeftButton


def page_of(driver: Driver, count: str = "500") -> LayerMapPage:
    """Return the page in front, with test images at a late block."""
    page = ask(driver, "Layer map")
    assert isinstance(page, LayerMapPage)
    driver.pick("why.map.block", "5 Sigmoid")
    driver.pick("why.map.count", count)
    driver.settle()
    return page


def spot(points: PointMap, place: int) -> QPoint:
    return QPoint(*points.spots()[place].round().astype(int).tolist())


def test_points_lie_in_the_plane_of_the_two_largest_singular_vectors(driver: Driver) -> None:
    page = page_of(driver)
    network = double(driver.window.view.project())
    samples = not_none(driver.window.view.state.samples)
    images = samples.images[np.arange(len(samples))] / 255
    activations = network.activations(images)
    values = activations[4] - activations[4].mean(axis=0)
    _, lengths, axes = np.linalg.svd(values, full_matrices=False)
    points = values @ axes[:2].T
    np.testing.assert_allclose(np.abs(page.map.points), np.abs(points), atol=1e-4)
    share = 100 * lengths[0] ** 2 / (lengths**2).sum()
    said = page.axes[0].grid.accessibleName().split(": ")[1].removesuffix(" %")
    assert float(said) == pytest.approx(share, abs=0.11)
    axis = shown(driver, "map.axis_1").ravel()
    np.testing.assert_allclose(np.abs(axis[: values.shape[1]]), np.abs(axes[0]), atol=1e-4)
    found = rows(why(driver))
    answers = activations[-1].argmax(axis=1)
    assert [row[2] for row in found] == [samples.class_names[n] for n in answers]
    wrong = (answers != samples.labels).sum()
    assert f"{len(samples)} test images, {wrong} mistakes" in page.words.text()


def test_a_point_is_read_and_selected_and_a_line_around_points_lists_their_images(
    driver: Driver,
) -> None:
    points = (page := page_of(driver)).map
    spots = points.spots()
    away = np.linalg.norm(spots[:, np.newaxis] - spots, axis=2) + 1e9 * np.eye(len(spots))
    alone = int(away.min(axis=1).argmax())
    QTest.mouseMove(points, spot(points, alone))
    driver.wait(lambda: page.words.text().startswith(f"Test image {alone + 1} "))
    QTest.mouseClick(points, LEFT, pos=spot(points, alone))
    driver.wait(lambda: driver.pinned() == alone)
    driver.settle()
    assert points.pinned == alone
    points.setFocus()
    points.current = 6
    QTest.keyClick(points, Qt.Key.Key_Right)
    assert page.words.text().startswith("Test image 8 ")
    QTest.keyClick(points, Qt.Key.Key_Return)
    driver.wait(lambda: driver.pinned() == 7)
    corners = [(1, 1), (points.width() - 2, 1), (points.width() - 2, points.height() - 2)]
    corners.append((1, points.height() - 2))
    QTest.mousePress(points, LEFT, pos=QPoint(*corners[0]))
    for corner in corners[1:]:
        QTest.mouseMove(points, QPoint(*corner))
    QTest.mouseRelease(points, LEFT, pos=QPoint(*corners[-1]))
    samples = not_none(driver.window.view.state.samples)
    counts = np.bincount(samples.labels)
    listed = page.listed.grid.accessibleName()
    assert listed.startswith(f"{len(samples)} images: ")
    for label in (0, 1):
        assert f"{label}: {counts[label]}" in listed
    assert shown(driver, "map.listed").shape == (24, 28, 28)


def test_t_sne_is_seen_to_move_stops_and_finds_neighbours(driver: Driver) -> None:
    """Where it is narrow, the map has the place of the axes; t-SNE has none."""
    why(driver).method.setCurrentText("Layer map")
    count = driver.find(QComboBox, "why.map.count")
    count.addItem("100")  # points, which are moved in a moment
    page = page_of(driver, "100")
    plane = page.map.points
    page.setFixedWidth(380)
    driver.settle()
    assert not any(axis.isVisible() for axis in page.axes)
    assert page.map.geometry().top() < 100
    page.setMinimumWidth(0)
    page.setMaximumWidth(10_000)
    driver.settle()
    assert all(axis.isVisible() for axis in page.axes)
    assert "of the variance" in page.words.text()
    driver.click("why.map.t_sne")
    driver.wait(lambda: page.map.points is not plane)
    assert not any(axis.isVisible() for axis in page.axes)
    assert "of the variance" not in page.words.text()
    page.t_sne.click()
    driver.wait(lambda: not driver.window.jobs.title)
    assert not page.t_sne.working
    driver.click("why.map.t_sne")
    driver.wait(lambda: not page.t_sne.working)
    values = not_none(why(driver)._answer).found.values
    near = trustworthiness(values, page.map.points)
    assert near > 0.95
    assert near > trustworthiness(values, plane)
    assert "neighbours" in page.tells.text()
    count.removeItem(count.count() - 1)
