"""The charts of a report: points where the numbers are, whatever they are."""

import re
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from engine.array_types import Array
from engine.exports.report.network_sections import accuracy_chart, loss_chart


def curves_of(*losses: float) -> Array:
    rows = [(float(i), loss, loss / 2, 0.5, 0.8) for i, loss in enumerate(losses, 1)]
    return np.array(rows)


def dots(chart: Element, kind: str) -> Array:
    """Return the places (n, 2) of the points of a curve."""
    found = [each for each in chart.iter("circle") if each.get("class") == f"dots {kind}"]
    return np.array([[float(each.get(name, "")) for name in ("cx", "cy")] for each in found])


def axis(chart: Element) -> dict[float, float]:
    """Return where the numbers of the vertical axis stand: place by value."""
    lines = [each for each in chart.iter("path") if each.get("class") == "axis"]
    heights = [float(re.findall(r"[\d.]+", each.get("d", ""))[1]) for each in lines]
    texts = [each for each in chart.iter("text") if each.get("class") == "end"]
    return {float(text.text or ""): at for text, at in zip(texts, heights, strict=False)}


def test_points_stand_beside_their_numbers() -> None:
    chart = loss_chart(curves_of(4.0, 2.0, 1.0))
    places = axis(chart)
    (low, at_low), (high, at_high) = min(places.items()), max(places.items())
    per_unit = (at_high - at_low) / (high - low)
    expected = [at_low + per_unit * (loss - low) for loss in (4.0, 2.0, 1.0)]
    assert dots(chart, "train")[:, 1] == pytest.approx(expected, abs=0.1)
    steps = np.diff(dots(chart, "train")[:, 0])
    assert steps[0] == pytest.approx(steps[1], abs=0.1)


def test_accuracies_are_in_percent() -> None:
    places = axis(accuracy_chart(curves_of(1.0)))
    assert max(places) == 100.0
    values = sorted(places)
    expected = np.interp(80.0, values, [places[value] for value in values])
    found = dots(accuracy_chart(curves_of(1.0, 2.0)), "test")
    assert found[:, 1] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("losses", [(np.nan,), (0.0,), (1e-30, 1e-31), (1e30, 5.0), (7.0,)])
def test_any_losses_make_a_chart(losses: tuple[float, ...]) -> None:
    for chart in (loss_chart(curves_of(*losses)), accuracy_chart(curves_of(*losses))):
        numbers = re.findall(r"nan|inf", " ".join(str(each.attrib) for each in chart.iter()))
        assert not numbers
        assert len(list(chart.iter("text"))) < 40


def test_a_long_training_has_few_numbers_on_its_axis() -> None:
    chart = loss_chart(curves_of(*np.linspace(3, 1, 2500)))
    texts = [each.text for each in chart.iter("text") if each.get("class") == "middle"]
    assert texts[-1] == "2500"
    assert 3 <= len(texts) <= 12
