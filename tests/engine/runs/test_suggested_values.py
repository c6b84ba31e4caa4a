"""Suggested values: a few sensible ones of each setting, that in use among them."""

import pytest

from engine.model.settings import Settings
from engine.runs.series import fields_to_try, suggested_values

NAMES = [field.name for field in fields_to_try()]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("learning_rate", (0.03, 0.1, 0.3)),
        ("batch_size", (1, 4)),
        ("epochs", (10, 20, 40)),
        ("momentum", (0.0, 0.5, 0.9)),
        ("weight_decay", (0.0, 0.0001, 0.001)),
        ("optimizer", ("sgd", "adam", "adamw")),
        ("flip", (False, True)),
        ("limit", (50, 100, 200)),
        ("step_factor", (0.1, 0.5, 1.0)),
    ],
)
def test_values_beside_the_defaults(name: str, expected: tuple[object, ...]) -> None:
    assert suggested_values(Settings(), name) == expected


@pytest.mark.parametrize("name", NAMES)
def test_all_are_inside_the_limits_and_the_one_in_use_is_among_them(name: str) -> None:
    found = suggested_values(Settings(), name)
    assert getattr(Settings(), name) in found
    assert 2 <= len(set(found)) == len(found)
    for value in found:
        Settings().with_changes(**{name: value})


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("learning_rate", 1000.0),
        ("learning_rate", 1e-8),
        ("epochs", 100_000),
        ("epochs", 1),
        ("test_split", 90.0),
    ],
)
def test_at_the_end_of_the_limits_there_are_fewer(name: str, end: float) -> None:
    settings = Settings().with_changes(**{name: end})
    found = suggested_values(settings, name)
    assert end in found
    for value in found:
        settings.with_changes(**{name: value})
