"""Whether a network fits its data: what is asked, and what the offers make of it."""

import numpy as np
import pytest

from engine.advice.data_fit import classes_question, offer_classes, offers_to_fit
from engine.data.parts import Parts, Samples
from engine.model.templates import TEMPLATES
from tests.engine.advice.test_repairs import IMAGES

SIZES = ((1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 64, 48))


@pytest.mark.parametrize("template", TEMPLATES)
def test_an_offer_fits_data_and_network_at_once(template: str) -> None:
    project = TEMPLATES[template]()
    for shape, count in zip(SIZES * 2, (2, 5, 47, 256, 10, 10, 2, 5), strict=True):
        offer = offer_classes(project.stack, project.settings, range(count), shape)
        if offer is None:  # then it fits already
            assert project.stack.input_shape == shape
            assert project.settings.classes == tuple(range(count))
            assert project.check().problem is None
            continue
        assert offer.settings.classes == tuple(range(count))
        assert offer.stack.input_shape == shape
        assert offer.stack.check(count, offer.settings.loss).problem is None


def test_it_says_what_it_does() -> None:
    project, lenet = TEMPLATES["notebook"](), TEMPLATES["lenet"]()
    ten = project.settings.with_changes(classes=tuple(range(10)))
    offered = [
        offer_classes(stack, settings, range(count), shape)
        for stack, settings, count, shape in (
            (project.stack, project.settings, 5, (3, 32, 32)),
            (project.stack, project.settings, 10, IMAGES),
            (project.stack, project.settings, 2, (3, 32, 32)),
            (project.stack, ten, 10, IMAGES),
            (lenet.stack, lenet.settings, 10, (1, 8, 8)),
        )
    ]
    assert [offer and offer.label for offer in offered] == [
        "Fit the network: 5 classes, 32×32 in colour",
        "Fit the network: 10 classes",
        "Fit the network: 2 classes, 32×32 in colour",
        "Fit the network: 10 classes",
        "Fit the network: 10 classes, 8×8 in grey",
    ]


# --- all of some data ---------------------------------------------------------------------------


def parts(*numbers: int, names: tuple[str, ...] = ()) -> Parts:
    images = np.zeros((len(numbers), 3, 32, 32), np.uint8)
    return Parts(Samples(images, np.array(numbers)), None, names)


def test_it_names_the_classes_and_asks() -> None:
    three = parts(2, 0, 1, 0, names=("actions", "mimetypes", "places"))
    assert classes_question("/home/icons", three) == (
        "This folder has three classes: actions, mimetypes, places. Fit the network to them?"
    )
    many = parts(*range(12))
    assert classes_question("pictures.NPZ", many) == (
        "This file has 12 classes: 0, 1, 2, 3, 4 and 7 more. Fit the network to them?"
    )


@pytest.mark.parametrize(
    ("template", "numbers", "offered"),
    [
        ("digits", (0, 1, 2), [(0, 1, 2)]),  # seven are chosen that the data lacks
        ("notebook", (0, 1, 2), [(0, 1), (0, 1, 2)]),
        ("notebook", (0, 1), [(0, 1)]),
        ("digits", (7,), []),
    ],
)
def test_it_offers_the_chosen_classes_and_all(
    template: str, numbers: tuple[int, ...], offered: list[tuple[int, ...]]
) -> None:
    project = TEMPLATES[template]()
    offers = offers_to_fit(project.stack, project.settings, parts(*numbers))
    assert [offer.settings.classes for offer in offers] == offered
    for offer in offers:
        assert offer.stack.input_shape == (3, 32, 32)
        assert offer.stack.check(len(offer.settings.classes), offer.settings.loss).problem is None
        assert offers_to_fit(offer.stack, offer.settings, parts(*numbers))[:1] != [offer]


def test_nothing_is_offered_to_what_fits() -> None:
    project = TEMPLATES["notebook"]()
    offer = offers_to_fit(project.stack, project.settings, parts(0, 1))[0]
    assert offers_to_fit(offer.stack, offer.settings, parts(0, 1)) == []
