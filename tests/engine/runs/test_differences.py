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
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.runs.block_rows import block_rows
from engine.runs.differences import changes, differences

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


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, []),
        ({"learning_rate": 0.3}, ["learning rate 0.1 → 0.3"]),
        ({"optimizer": "adam", "flip": True}, ["optimizer SGD → Adam", "flip off → on"]),
        ({"limit": 0, "shift": 2.0}, ["limit per class 100 → all", "shift off → 2 px"]),
        ({"epochs": 2000, "seed": 2000}, ["epochs 20 → 2,000", "seed 0 → 2000"]),
        ({"classes": tuple(range(10))}, ["classes 0, 1 → 0-9"]),
        ({"dataset": "/home/me/apples"}, ["data MNIST sample (bundled) → apples"]),
    ],
)
def test_settings_that_differ_are_said(settings: dict[str, Any], words: list[str]) -> None:
    assert changes(project(), project(**settings)) == words


@pytest.mark.parametrize(
    ("place", "blocks", "words"),
    [
        (0, [Conv(depth=8)], ["Conv 1 depth 5 → 8"]),
        (3, [Conv(depth=8, padding="same")], ["Conv 2 padding valid: none → same: zeros around"]),
        (1, [ReLU()], ["Sigmoid → ReLU"]),
        (2, [AvgPool()], ["MaxPool 2×2 → AvgPool 2×2"]),
        (2, [], ["MaxPool 2×2 removed"]),
        (6, [Dropout(rate=0.5), Dense(units=2)], ["Dropout 50 % added"]),
        (5, [Reshape(target_shape=(-1, 1))], ["Reshape to vector → Reshape to -1×1"]),
        (6, [Dense(units=30), Sigmoid(), Dense(units=2)], ["Dense 30 added", "Sigmoid added"]),
    ],
    ids=["depth", "padding", "activation", "pooling", "removed", "added", "shape", "two more"],
)
def test_blocks_that_differ_are_said(place: int, blocks: list[Any], words: list[str]) -> None:
    changed = [*BLOCKS[:place], *blocks, *BLOCKS[place + 1 :]]
    assert changes(project(), project(*changed)) == words


def test_a_block_that_was_put_in_leaves_the_others_as_they_are() -> None:
    before = project()
    stack = before.stack.inserted(1, *Stack().appended(*BLOCKS, Conv(depth=5)).slots[-1:])
    assert changes(before, replace(before, stack=stack)) == ["Conv 5, 3×3 added"]


def test_titles_are_no_difference_and_locks_are_one() -> None:
    before = project()
    slots = list(before.stack)
    slots[0] = replace(slots[0], title="edges", locked_kernels=(0, 2))
    slots[3] = replace(slots[3], locked=True)
    after = replace(before, stack=Stack(tuple(slots)))
    assert changes(before, after) == [
        "Conv 1 not locked → 2 kernels locked",
        "Conv 2 not locked → locked",
    ]


def test_unknown_blocks_differ_by_what_is_known_of_them() -> None:
    def with_unknown(kind: str) -> Project:
        block = UnknownBlock({"kind": kind, "sizes": [1, 2]}, "it is new")
        return Project(Stack((replace(project().stack.slots[0], block=block),)))

    assert changes(with_unknown("lstm"), with_unknown("lstm")) == []
    assert changes(with_unknown("lstm"), with_unknown("gru")) == [
        "Unknown block lstm → Unknown block gru"
    ]


def test_data_that_was_changed_under_its_name_differs() -> None:
    one, other = (replace(project(dataset="/apples"), data_digest=each * 32) for each in "ab")
    assert changes(one, other) == ["content of the data aaaaaaaa → bbbbbbbb"]
    assert changes(one, replace(other, data_digest="")) == []
    divided = replace(other, settings=other.settings.with_changes(seed=5))
    assert changes(one, divided) == ["seed 0 → 5"]
    divided = replace(other, settings=other.settings.with_changes(test_split=50))
    assert changes(one, divided) == ["test split 20 % → 50 %"]
    fewer = replace(other, settings=other.settings.with_changes(limit=5))
    assert changes(one, fewer) == ["limit per class 100 → 5"]
    larger = replace(one, stack=replace(one.stack, input_shape=(3, 32, 32)))
    assert changes(one, larger) == ["shape of the images 1×28×28 → 3×32×32"]


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
    found = differences(
        [
            project(),
            project(*BLOCKS[:2], *BLOCKS[3:], learning_rate=0.3),
            project(*BLOCKS[:4], ReLU(), Dropout(rate=0.5), *BLOCKS[5:]),
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


def test_every_block_stands_in_one_row() -> None:
    stacks = [
        project().stack,
        project(ReLU(), Dense(units=3), Conv(depth=1)).stack,
        Stack(),
        project(*BLOCKS[::-1]).stack,
    ]
    rows = block_rows(stacks)
    for number, stack in enumerate(stacks):
        assert [row[number] for row in rows if row[number] is not None] == list(stack)
    assert all(any(row) for row in rows)


_KINDS = (Conv(depth=5), Conv(depth=6), Sigmoid(), ReLU(), MaxPool(), Reshape(), Dense(units=2))


@given(st.lists(st.lists(st.sampled_from(_KINDS), max_size=6), min_size=1, max_size=4))
def test_blocks_keep_their_order_and_stand_beside_their_like(drawn: list[list[KnownBlock]]) -> None:
    stacks = [Stack().appended(*blocks) for blocks in drawn]
    rows = block_rows(stacks)
    for number, stack in enumerate(stacks):
        assert [row[number] for row in rows if row[number] is not None] == list(stack)
    for row in rows:
        found = [slot.block.group for slot in row if slot is not None]
        assert len(row) == len(stacks)
        assert found == [found[0]] * len(found)
    equal = block_rows([stacks[0], stacks[0]])
    assert [one for one, _ in equal] == [other for _, other in equal] == list(stacks[0])


@given(st.lists(st.lists(st.sampled_from(_KINDS), max_size=5), min_size=2, max_size=2))
def test_as_many_blocks_as_can_be_of_a_kind_stand_side_by_side(
    drawn: list[list[KnownBlock]],
) -> None:
    def longest(one: list[KnownBlock], other: list[KnownBlock]) -> int:
        """The most pairs of one kind in order, by trying all."""
        if not one or not other:
            return 0
        pair = [1 + longest(one[1:], other[1:])] if one[0].kind == other[0].kind else []
        return max([*pair, longest(one[1:], other), longest(one, other[1:])])

    rows = block_rows([Stack().appended(*blocks) for blocks in drawn])
    pairs = [(one, other) for one, other in rows if one is not None and other is not None]
    same = [one for one, other in pairs if one.block.kind == other.block.kind]
    assert len(same) == longest(*drawn)
