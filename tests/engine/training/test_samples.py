"""Which samples a run takes: what decides it, and what does not."""

from engine.data.image_form import AS_IS
from engine.data.parts import LARGEST, MOST_CLASSES
from engine.model.settings import Settings
from engine.struct_fields import field_of
from engine.training.samples import data_key


def test_the_seed_decides_nothing_of_data_that_has_a_name() -> None:
    one, other = Settings(seed=1), Settings(seed=2, test_split=50.0)
    assert data_key(one) == data_key(other)
    one, other = (each.with_changes(dataset="my/letters.CSV") for each in (one, other))
    assert data_key(one) == (
        "my/letters.CSV",
        (0, 1),
        one.limit,
        20.0,
        1,
        AS_IS,
        "unit",
        "keep",
        (),
        0.0,
    )
    assert data_key(other)[3:] == (50.0, 2, AS_IS, "unit", "keep", (), 0.0)


def test_validation_samples_decide_the_numbers_of_a_standard_scaling_alone() -> None:
    plain, standard = Settings(seed=3), Settings(seed=3, scaling="standard")
    assert data_key(plain.with_changes(validation_split=20.0)) == data_key(plain)
    assert data_key(standard).seed == 0
    held = standard.with_changes(validation_split=20.0)
    assert data_key(held)[-1] == 20.0
    assert data_key(held) != data_key(held.with_changes(seed=4))


def test_other_data_classes_or_limits_are_other_samples() -> None:
    plain = Settings()
    for changes in (
        {"dataset": "mnist-full"},
        {"classes": (1, 2)},
        {"limit": 7},
        {"image_size": 20},
        {"colour": "rgb"},
        {"fit": "crop"},
        {"background": "white"},
        {"scaling": "standard"},
        {"copies": "leave_out"},
    ):
        assert data_key(plain.with_changes(**changes)) != data_key(plain)
    assert data_key(plain.with_changes(batch_size=7, epochs=3)) == data_key(plain)


def test_settings_take_as_many_classes_as_data_may_have() -> None:
    classes = field_of(Settings, "classes")
    assert (classes.longest, classes.maximum) == (MOST_CLASSES, LARGEST)
