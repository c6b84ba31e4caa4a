"""Offers that bring classes, images and network together; each leaves a network that fits."""

import pytest

from engine.advice.class_offer import offer_classes
from engine.model.templates import TEMPLATES

SHAPES = ((1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 64, 48))


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [2, 5, 47, 256])
def test_an_offer_fits_data_and_network_at_once(
    template: str, shape: tuple[int, int, int], count: int
) -> None:
    project = TEMPLATES[template]()
    offer = offer_classes(project.stack, project.settings, range(count), shape)
    if offer is None:  # then it fits already
        assert project.stack.input_shape == shape
        assert project.settings.classes == tuple(range(count))
        assert project.check().problem is None
        return
    assert offer.settings.classes == tuple(range(count))
    assert offer.stack.input_shape == shape
    assert offer.stack.check(count, offer.settings.loss).problem is None


def test_it_says_what_it_does() -> None:
    project = TEMPLATES["notebook"]()
    stack, settings = project.stack, project.settings
    labels = {
        case: offer.label
        for case in (((3, 32, 32), 5), ((1, 28, 28), 10), ((3, 32, 32), 2))
        if (offer := offer_classes(stack, settings, range(case[1]), case[0])) is not None
    }
    assert labels == {
        ((3, 32, 32), 5): "Take all 5 classes and images of 3×32×32, and end with 5 units",
        ((1, 28, 28), 10): "Take all 10 classes, and end with 10 units",
        ((3, 32, 32), 2): "Take images of 3×32×32",
    }
    ten = settings.with_changes(classes=tuple(range(10)))
    offer = offer_classes(stack, ten, range(10), (1, 28, 28))
    assert offer is not None
    assert offer.label == "End with 10 units"
    lenet = TEMPLATES["lenet"]()
    offer = offer_classes(lenet.stack, lenet.settings, range(10), (1, 8, 8))
    assert offer is not None
    assert offer.label == "Take images of 1×8×8, and make the network fit"
