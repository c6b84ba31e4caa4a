"""Refusals in words, and what a form is made from."""

from typing import Annotated, Any

import msgspec
import pytest

from engine.blocks import KINDS, Conv, Dense, Reshape, UnknownBlock, decode_block, encode_block
from engine.errors import SettingsError
from engine.model.losses import LOSSES
from engine.model.settings import Settings
from engine.struct_fields import Field, change, convert, field_of, fields_of
from engine.training.optimizers import make_rule
from tests.engine.blocks.test_contract import check_form_field


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"kind": "conv", "depth": 0}, "Conv: depth must be a whole number from 1 to 512, not 0."),
        ({"kind": "conv", "depth": 513}, "from 1 to 512, not 513."),
        ({"kind": "conv", "depth": -5}, "not -5."),
        ({"kind": "conv", "depth": 2.5}, "whole number from 1 to 512, not 2.5."),
        ({"kind": "conv", "depth": "5"}, "not '5'."),
        ({"kind": "conv", "depth": None}, "not None."),
        ({"kind": "conv", "depth": True}, "not True."),
        ({"kind": "conv", "kernel_size": -3}, "Conv: kernel size must be a whole number"),
        ({"kind": "conv", "bias": "none"}, "bias must be one of position, channel, not 'none'."),
        ({"kind": "conv", "stride": 0}, "Conv: stride must be a whole number from 1 to 31, not 0."),
        ({"kind": "conv", "padding": "full"}, "padding must be one of valid, same, not 'full'."),
        ({"kind": "max_pool", "size": 0}, "MaxPool: size must be a whole number from 1 to 31"),
        ({"kind": "avg_pool", "stride": -1}, "AvgPool: stride must be a whole number from 0"),
        ({"kind": "dropout", "rate": 1.0}, "Dropout: rate must be a number from 0 to 0.95"),
        ({"kind": "leaky_relu", "slope": 2}, "LeakyReLU: slope must be a number from 0 to 1"),
        ({"kind": "dense", "units": 10**30}, "Dense: units must be a whole number from 1 to"),
        ({"kind": "reshape", "target_shape": []}, "target shape must be 1 to 3 whole numbers"),
        ({"kind": "reshape", "target_shape": [1, 2, 3, 4]}, "not 1, 2, 3, 4."),
        ({"kind": "reshape", "target_shape": [5, -7]}, "not 5, -7."),
        ({"kind": "reshape", "target_shape": "flat"}, "not 'flat'."),
        ({"kind": "reshape", "target_shape": [0]}, "sizes of at least 1"),
        ({"kind": "reshape", "target_shape": [-1, -1]}, "one of them may be -1"),
    ],
)
def test_a_refused_option_is_named_with_its_limits(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        decode_block(raw)
    text = str(caught.value)
    assert words in text
    assert text.startswith(KINDS[raw["kind"]].name + ": ")
    for jargon in ("$", "`", "Expected", "msgspec"):
        assert jargon not in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"learning_rate": 0}, "learning rate must be a number from 1e-08 to 1000, not 0."),
        ({"learning_rate": float("nan")}, "not nan."),
        ({"learning_rate": float("inf")}, "not inf."),
        ({"learning_rate": "fast"}, "not 'fast'."),
        ({"batch_size": 0}, "batch size must be a whole number from 1 to 100000, not 0."),
        ({"epochs": -1}, "epochs must be a whole number"),
        ({"seed": -1}, "seed must be a whole number from 0 to 2,147,483,647, not -1."),
        ({"loss": "hinge"}, "loss must be one of bce, cross_entropy, mse, not 'hinge'."),
        ({"optimizer": "lion"}, "optimizer must be one of sgd, adam, adamw, not 'lion'."),
        ({"momentum": 1}, "momentum must be a number from 0 to 0.999, not 1."),
        ({"nesterov": 1}, "nesterov must be true or false, not 1."),
        ({"weight_decay": -0.1}, "weight decay must be a number from 0 to 1, not -0.1."),
        ({"schedule": "cyclic"}, "schedule must be one of constant, step, cosine"),
        ({"validation_split": 91}, "validation split must be a number from 0 to 90, not 91."),
        ({"target_accuracy": 101}, "target accuracy must be a number from 0 to 100"),
        ({"early_stopping": 2.5}, "early stopping must be a whole number from 0 to 10000"),
        ({"classes": (3,)}, "choose at least 2 classes."),
        ({"classes": (3, 1_000_000)}, "not 3, 1000000."),
        ({"classes": (3, 3)}, "one is named twice"),
        ({"dataset": ""}, "data must be a text of 1 to 4096 characters, not ''."),
        ({"limit": -1}, "limit per class must be a whole number from 0"),
        ({"momentums": 1}, "unknown field momentums"),
    ],
)
def test_a_refused_setting_is_named_with_its_limits(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings().with_changes(**changes)
    assert words in str(caught.value)
    assert str(caught.value).startswith("Training settings: ")


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


def test_classes_are_put_in_order() -> None:
    assert Settings().with_changes(classes=(7, 0, 3)).classes == (0, 3, 7)


@pytest.mark.parametrize("field", fields_of(Settings), ids=lambda field: field.name)
def test_every_setting_can_be_shown_in_a_form(field: Field) -> None:
    check_form_field(field)


def test_the_settings_offer_just_what_the_engine_has() -> None:
    assert set(field_of(Settings, "loss").choices) == set(LOSSES)
    assert dict(field_of(Settings, "loss").labels) == {
        name: loss.title for name, loss in LOSSES.items()
    }
    for name in field_of(Settings, "optimizer").choices:
        assert make_rule(Settings().with_changes(optimizer=name)) is not None


def test_the_defaults_are_those_of_the_notebook() -> None:
    settings = Settings()
    assert (settings.loss, settings.optimizer, settings.learning_rate) == ("bce", "sgd", 0.1)
    assert (settings.batch_size, settings.epochs) == (1, 20)
    assert (settings.classes, settings.limit) == ((0, 1), 100)


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


def test_an_option_left_out_has_its_default() -> None:
    assert decode_block({"kind": "conv", "depth": 9}) == Conv(depth=9)
    assert decode_block({"kind": "dense"}) == Dense()


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
