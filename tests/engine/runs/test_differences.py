"""What differs between projects, in words."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.blocks import (
    AvgPool,
    Conv,
    Dense,
    Dropout,
    KnownBlock,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    UnknownBlock,
)
from engine.model.project import CheckpointRef, Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.templates import TEMPLATES
from engine.runs.differences import (
    _block_rows,
    changes,
    differences,
    rate_changes,
    rate_sentence,
    run_changes,
    run_differences,
    settings_summary,
    with_rate_changes,
)
from engine.runs.run_folder import Run
from tests.approved import assert_approved
from tests.engine.runs.made_runs import made_run, with_rates

BLOCKS: tuple[KnownBlock, ...] = (
    Conv(depth=5),
    Sigmoid(),
    MaxPool(),
    Conv(depth=8),
    Sigmoid(),
    Reshape(),
    Dense(units=2),
    Sigmoid(),
)


def project(*blocks: KnownBlock, **settings: Any) -> Project:
    return Project(Stack().appended(*(blocks or BLOCKS)), Settings().with_changes(**settings))


def with_block(place: int, *blocks: KnownBlock) -> Project:
    """Replace a block by the first of some, and put the others in behind it; remove it for none."""
    before = project()
    stack = before.stack if blocks else before.stack.removed(place + 1)
    for block in blocks[:1]:
        stack = stack.replaced(replace(stack.slots[place], block=block))
    added = stack.appended(*blocks[1:]).slots[len(stack) :]
    return replace(before, stack=stack.inserted(place + 1, *added))


def with_unknown(kind: str) -> Project:
    block = UnknownBlock({"kind": kind, "sizes": [1, 2]}, "it is new")
    return Project(Stack((replace(project().stack.slots[0], block=block),)))


def test_what_differs_is_said_in_approved_words() -> None:
    before, apples = project(), replace(project(dataset="/apples"), data_digest="a" * 32)
    changed = replace(apples, data_digest="b" * 32)
    first, slots = Stack().appended(*BLOCKS, Conv(depth=5)).slots[-1:], list(before.stack)
    slots[0] = replace(slots[0], title="edges", locked_kernels=(0, 2))
    slots[3] = replace(slots[3], locked=True)

    def of_data(**settings: Any) -> Project:
        return replace(changed, settings=changed.settings.with_changes(**settings))

    pairs = [
        (before, before),
        (before, project(learning_rate=0.3)),
        (before, project(optimizer="adam", flip=True)),
        (before, project(limit=0, shift=2.0)),
        (before, project(epochs=2000, seed=2000)),
        (before, project(classes=tuple(range(10)))),
        (before, project(dataset="/home/me/apples")),
        (before, with_block(0, Conv(depth=8))),
        (before, with_block(3, Conv(depth=8, padding="same"))),
        (before, with_block(1, ReLU())),
        (before, with_block(2, AvgPool())),
        (before, with_block(2)),
        (before, with_block(5, Reshape(), Dropout(rate=0.5))),
        (before, with_block(5, Reshape(target_shape=(-1, 1)))),
        (before, with_block(5, Reshape(), Dense(units=30), Sigmoid())),
        (before, replace(before, stack=before.stack.inserted(1, *first))),
        (before, replace(before, stack=before.stack.moved(3, 1))),
        (before, replace(before, stack=Stack(tuple(slots)))),
        (with_unknown("lstm"), with_unknown("lstm")),
        (with_unknown("lstm"), with_unknown("gru")),
        (apples, changed),
        (apples, replace(changed, data_digest="")),
        *((apples, of_data(**settings)) for settings in ({"seed": 5}, {"test_split": 50})),
        (apples, of_data(limit=5)),
        (apples, replace(apples, stack=replace(apples.stack, input_shape=(3, 32, 32)))),
    ]
    said = [", ".join(changes(*pair)) or "–" for pair in pairs]
    assert_approved("differences.txt", "".join(f"{each}\n" for each in said))


@given(st.lists(st.lists(st.integers(1, 8), unique=True, max_size=6), min_size=1, max_size=4))
def test_each_block_stands_in_the_row_of_its_id(drawn: list[list[int]]) -> None:
    slots = project().stack.slots
    stacks = [Stack(tuple(slots[number - 1] for number in each)) for each in drawn]
    rows = _block_rows(stacks)
    for place, stack in enumerate(stacks):
        assert {row[place] for row in rows} - {None} == set(stack)
    assert all(len({slot.id for slot in row if slot is not None}) == 1 for row in rows)
    if len(drawn) == 1:
        assert [row[0] for row in rows] == list(stacks[0])


def test_the_same_data_in_another_place_is_no_difference() -> None:
    here, there = (project(dataset=data) for data in ("/home/me/apples", "apples"))
    same = [replace(each, data_digest="a" * 32) for each in (here, there)]
    assert changes(*same) == []
    assert changes(same[0], here) == []  # of which nothing is known
    assert [each.key for each in differences([*same, project(dataset="/pears")])] == ["dataset"]


def test_other_data_of_the_same_name_is_told_apart_by_its_folder() -> None:
    one, two, three = (project(dataset=f"/{folder}/apples") for folder in "abc")
    assert changes(one, two) == ["data /a/apples → /b/apples"]
    known = [
        replace(each, data_digest=end * 32) for each, end in zip((one, two), "ab", strict=True)
    ]
    assert changes(*known) == ["data /a/apples → /b/apples"]
    also = replace(three, data_digest="a" * 32)
    found = differences([*known, also, project(dataset="/c/pears")])[0]
    assert found.texts == ("/a/apples", "/b/apples", "/a/apples", "pears")
    assert found.values == ("/a/apples", "/b/apples", "/c/apples", "/c/pears")


def test_several_projects_are_told_apart_in_a_table() -> None:
    first, faster = project(), project(learning_rate=0.3)
    stack = first.stack
    other = stack.replaced(replace(stack.slots[4], block=ReLU()))
    (dropout,) = stack.appended(Dropout(rate=0.5)).slots[-1:]
    found = differences(
        [
            first,
            replace(faster, stack=stack.removed(3)),
            replace(first, stack=other.inserted(5, dropout)),
        ]
    )
    assert [(each.title, each.texts) for each in found] == [
        ("Learning rate", ("0.1", "0.3", "0.1")),
        ("MaxPool", ("MaxPool 2×2", "–", "MaxPool 2×2")),
        ("Activation", ("Sigmoid", "Sigmoid", "ReLU")),
        ("Dropout", ("–", "–", "Dropout 50 %")),
    ]
    assert [(each.key, each.values) for each in found][:2] == [
        ("learning_rate", (0.1, 0.3, 0.1)),
        ("MaxPool", ("MaxPool 2×2", None, "MaxPool 2×2")),
    ]
    assert differences([project()]) == []


def at_rates(*rates: float | None) -> Run:
    run = made_run("one", [0.5] * len(rates), epochs_before=40, learning_rate=1.0)
    return with_rates(run, *rates)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ((), []),
        ((None, None), []),
        ((1.0, 1.0), []),
        ((200.0, 200.0), ["200 from epoch 41"]),
        ((None, 200.0, 200.0, None), ["200 from epoch 42", "1 from epoch 44"]),
        ((2.0, 3.0, 4.0, 5.0), ["…", "4 from epoch 43", "5 from epoch 44"]),
    ],
)
def test_rates_that_came_later(rates: tuple[float | None, ...], expected: list[str]) -> None:
    run = at_rates(*rates)
    assert rate_changes(run) == expected
    later = f"1, then {', '.join(expected)}" if expected else "1"
    assert with_rate_changes("1", run) == later
    assert rate_sentence(run) == ([f"learning rate {', '.join(expected)}"] if expected else [])


ALWAYS = ["Loss", "Optimizer", "Learning rate", "Batch size", "Seed", "Data", "Classes"]


def with_settings(**changes: object) -> Project:
    settings = Settings().with_changes(**changes)
    return replace(TEMPLATES["blank"](), settings=settings)


def test_of_settings_that_are_the_defaults_those_are_told_that_say_most() -> None:
    assert [title for title, _ in settings_summary(with_settings())] == ALWAYS


def test_what_was_changed_is_told_with_the_name_of_the_data() -> None:
    told = dict(settings_summary(with_settings(momentum=0.5, dataset="/data/three")))
    assert [title for title in told if title not in ALWAYS] == ["Momentum"]
    assert (told["Momentum"], told["Data"]) == ("0.5", "three")


FOUR = (0.5, 0.6, 0.7, 0.8)


def test_without_changed_rates_it_is_what_differs_between_the_projects() -> None:
    runs = [made_run("a"), made_run("b", learning_rate=0.3, seed=4)]
    found = run_differences(runs)
    assert found == differences([run.description.project for run in runs])
    assert [each.key for each in found] == ["learning_rate", "seed"]


def test_changed_rates_are_told_where_the_setting_is() -> None:
    later = with_rates(made_run("a", FOUR, loss="mse", seed=1), None, 0.01, 0.01, 0.2)
    found = run_differences([later, made_run("b", FOUR), made_run("c", FOUR, learning_rate=0.5)])
    titles = [each.title for each in found]
    assert titles == [
        each.title
        for each in differences(
            [
                made_run(name, loss=loss, learning_rate=rate, seed=seed).description.project
                for name, loss, rate, seed in (("a", "mse", 0.1, 1), ("b", "bce", 0.5, 0))
            ]
        )
    ]
    (rate,) = (each for each in found if each.key == "learning_rate")
    told = "0.1, then 0.01 from epoch 2, 0.2 from epoch 4"
    assert rate.texts == (told, "0.1", "0.5")
    assert rate.values == (told, 0.1, 0.5)


def test_what_was_changed_alike_is_no_difference() -> None:
    runs = [with_rates(made_run(name, FOUR), None, None, 2.0, 2.0) for name in "ab"]
    assert run_differences(runs) == []
    other = with_rates(made_run("c", FOUR), None, 2.0, 2.0, 2.0)
    (rate,) = run_differences([*runs, other])
    assert rate.texts == ("0.1, then 2 from epoch 3",) * 2 + ("0.1, then 2 from epoch 2",)


def test_of_one_run_nothing_differs() -> None:
    assert run_differences([with_rates(made_run("a"), 1.0, 2.0)]) == []


def test_edited_weights_are_told_first_and_against_the_parent_alone() -> None:
    parent, other = made_run("a"), made_run("b")
    child = made_run("c", parent=CheckpointRef("a", 2), learning_rate=0.3)
    assert run_changes(parent, child) == ["learning rate 0.1 → 0.3"]
    edited = replace(child, description=replace(child.description, edited=True))
    assert run_changes(parent, edited) == ["weights edited", "learning rate 0.1 → 0.3"]
    assert run_changes(other, edited) == ["learning rate 0.1 → 0.3"]
    assert run_changes(edited, parent) == ["learning rate 0.3 → 0.1"]
