"""Refusals in words, and what a form is made from."""

from typing import Annotated, Any

import msgspec
import pytest

from engine.blocks import KINDS, Conv, Reshape, UnknownBlock, decode_block, encode_block
from engine.errors import SettingsError
from engine.model.losses import LOSSES
from engine.model.settings import Settings
from engine.struct_fields import change, convert, field_of, fields_of
from engine.training.optimizers import make_rule
from tests.approved import assert_approved
from tests.engine.blocks.test_contract import check_form_field

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "conv": [
        *({"depth": depth} for depth in (0, 513, -5, 2.5, "5", None, True)),
        *({"kernel_size": -3}, {"bias": "none"}, {"stride": 0}, {"padding": "full"}),
    ],
    "max_pool": [{"size": 0}],
    "avg_pool": [{"stride": -1}],
    "dropout": [{"rate": 1.0}],
    "leaky_relu": [{"slope": 2}],
    "dense": [{"units": 10**30}],
    "reshape": [
        {"target_shape": target} for target in ([], [1, 2, 3, 4], [5, -7], "flat", [0], [-1, -1])
    ],
}
SETTINGS: list[dict[str, Any]] = [
    *({"learning_rate": rate} for rate in (0, float("nan"), float("inf"), "fast")),
    *({"batch_size": 0}, {"epochs": -1}, {"seed": -1}, {"loss": "hinge"}, {"optimizer": "lion"}),
    *({"momentum": 1}, {"nesterov": 1}, {"weight_decay": -0.1}, {"schedule": "cyclic"}),
    *({"validation_split": 91}, {"target_accuracy": 101}, {"early_stopping": 2.5}),
    *({"classes": classes} for classes in ((3,), (3, 1_000_000), (3, 3))),
    *({"dataset": ""}, {"limit": -1}, {"momentums": 1}),
]


def test_what_is_refused_is_named_with_its_limits() -> None:
    text = ""
    for kind, refused in OPTIONS.items():
        for options in refused:
            with pytest.raises(SettingsError) as caught:
                decode_block({"kind": kind, **options})
            text += f"{kind} {options}: {caught.value}\n"
            assert str(caught.value).startswith(f"{KINDS[kind].name}: ")
    for changes in SETTINGS:
        with pytest.raises(SettingsError) as caught:
            Settings().with_changes(**changes)
        text += f"{changes}: {caught.value}\n"
        assert str(caught.value).startswith("Training settings: ")
    for jargon in ("$", "`", "Expected", "msgspec"):
        assert jargon not in text
    assert_approved("refused_settings.txt", text)


def test_a_very_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings().with_changes(loss="x" * 10_000)
    assert len(str(caught.value)) < 200


def test_something_that_is_no_record_is_refused() -> None:
    for raw in (5, None, "conv", [5]):
        with pytest.raises(SettingsError, match=r"^Conv: "):
            convert(Conv, raw, "Conv")


def test_a_change_is_checked_and_leaves_the_rest_alone() -> None:
    conv = Conv(depth=7, bias="channel")
    assert change(conv, "Conv", kernel_size=5) == Conv(depth=7, kernel_size=5, bias="channel")
    assert conv.kernel_size == 3
    assert change(Reshape(), "Reshape", target_shape=(2, -1)) == Reshape(target_shape=(2, -1))
    with pytest.raises(SettingsError, match="kernel size"):
        change(conv, "Conv", kernel_size=0)


def test_every_setting_can_be_shown_in_a_form() -> None:
    for field in fields_of(Settings):
        check_form_field(field)


def test_the_settings_offer_just_what_the_engine_has() -> None:
    assert set(field_of(Settings, "loss").choices) == set(LOSSES)
    assert dict(field_of(Settings, "loss").labels) == {
        name: loss.title for name, loss in LOSSES.items()
    }
    for name in field_of(Settings, "optimizer").choices:
        assert make_rule(Settings().with_changes(optimizer=name)) is not None


def test_a_field_carries_what_its_declaration_says() -> None:
    depth, kernel_size, bias, padding, stride = fields_of(Conv)
    assert (padding.choices, stride.unit, stride.default) == (("valid", "same"), "px", 1)
    assert (depth.title, depth.kind, depth.minimum, depth.maximum) == ("Depth", "int", 1, 512)
    assert (depth.unit, depth.default, kernel_size.unit) == ("maps", 5, "px")
    assert (bias.kind, bias.choices) == ("choice", ("position", "channel"))
    target = field_of(Reshape, "target_shape")
    assert (target.kind, target.shortest, target.longest, target.minimum) == ("ints", 1, 3, -1)
    assert field_of(Settings, "learning_rate").scale == "log"
    assert field_of(Settings, "limit").zero == "all"
    assert "mnist" in field_of(Settings, "dataset").suggestions


def test_a_switch_and_an_open_number_say_what_they_take() -> None:
    class Sample(msgspec.Struct):
        on: bool = False
        rate: Annotated[float, msgspec.Meta(ge=0.5)] = 1.0

    assert [field.kind for field in fields_of(Sample)] == ["bool", "float"]
    with pytest.raises(SettingsError, match="on must be true or false, not 3"):
        convert(Sample, {"on": 3}, "Sample")
    with pytest.raises(SettingsError, match=r"rate must be a number, at least 0\.5, not 0\.25"):
        convert(Sample, {"rate": 0.25}, "Sample")


def test_a_field_that_no_form_can_show_is_found_early() -> None:
    class Odd(msgspec.Struct):
        table: dict[str, int] = {}

    with pytest.raises(TypeError, match="no form is known"):
        fields_of(Odd)


@pytest.mark.parametrize(
    "raw",
    [
        {"kind": "attention", "heads": 4},
        {"kind": "conv", "depth": 5, "dilation": 2},
        {"kind": 7},
        {},
        {"kind": ["conv"], "deep": {"er": [1, None]}},
    ],
)
def test_what_is_not_understood_is_kept_untouched(raw: dict[str, Any]) -> None:
    block = decode_block(raw)
    assert isinstance(block, UnknownBlock)
    assert encode_block(block) == raw
    assert block.reason


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("nesterov", True, "on"),
        ("flip", False, "off"),
        ("optimizer", "adamw", "AdamW"),
        ("dataset", "kmnist", "KMNIST"),
        ("dataset", "/home/me/apples", "/home/me/apples"),
        ("classes", (0, 7), "0, 7"),
        ("limit", 0, "all"),
        ("limit", 12_000, "12,000"),
        ("epochs", 12_000, "12,000"),
        ("seed", 12_000, "12000"),
        ("shift", 0.0, "off"),
        ("shift", 2.5, "2.5"),
        ("learning_rate", 1e-05, "1e-05"),
        ("learning_rate", 0.1 + 0.2, "0.3"),
        ("learning_rate", 1000.0, "1,000"),
    ],
)
def test_values_are_written_for_people(name: str, value: Any, words: str) -> None:
    assert field_of(Settings, name).in_words(value) == words
