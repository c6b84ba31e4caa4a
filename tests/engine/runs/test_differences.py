"""What differs between projects, in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine import blocks as kinds
from engine.model.project import CheckpointRef, Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.templates import TEMPLATES
from engine.runs.differences import (
    Difference,
    _block_rows,
    continues,
    differences,
    predecessors,
    rate_changes,
    rate_sentence,
    run_differences,
    settings_summary,
    with_rate_changes,
)
from engine.runs.run_folder import Run
from tests.approved import assert_approved
from tests.engine.runs.made_runs import made_run, with_rates

BLOCKS: tuple[kinds.KnownBlock, ...] = (
    kinds.Conv(depth=5),
    kinds.Sigmoid(),
    kinds.MaxPool(),
    kinds.Conv(depth=8),
    kinds.Sigmoid(),
    kinds.Reshape(),
    kinds.Dense(units=2),
    kinds.Sigmoid(),
)


def project(*blocks: kinds.KnownBlock, **settings: Any) -> Project:
    return Project(Stack().appended(*(blocks or BLOCKS)), Settings().with_changes(**settings))


def with_block(place: int, *blocks: kinds.KnownBlock) -> Project:
    """Replace a block by the first of some, and put the others in behind it; remove it for none."""
    before = project()
    stack = before.stack if blocks else before.stack.removed(place + 1)
    for block in blocks[:1]:
        stack = stack.replaced(replace(stack.slots[place], block=block))
    added = stack.appended(*blocks[1:]).slots[len(stack) :]
    return replace(before, stack=stack.inserted(place + 1, *added))


def with_unknown(kind: str) -> Project:
    block = kinds.UnknownBlock({"kind": kind, "sizes": [1, 2]}, "it is new")
    return Project(Stack((replace(project().stack.slots[0], block=block),)))


def test_what_differs_is_said_in_approved_words() -> None:
    before, apples = project(), replace(project(dataset="/apples"), data_digest="a" * 32)
    changed = replace(apples, data_digest="b" * 32)
    first, slots = Stack().appended(*BLOCKS, kinds.Conv(depth=5)).slots[-1:], list(before.stack)
    slots[0] = replace(slots[0], title="edges", locked_kernels=(0, 2))
    slots[3] = replace(slots[3], locked=True)

    def of_data(**settings: Any) -> Project:
        return replace(changed, settings=changed.settings.with_changes(**settings))

    pairs = [
        (before, before),
        (before, project(kinds.Reshape(), kinds.Tanh(), kinds.Dense(units=2))),
        (before, project(learning_rate=0.3)),
        (before, project(optimizer="adam", flip=True)),
        (before, project(limit=0, shift=2.0)),
        (before, project(epochs=2000, seed=2000)),
        (before, project(classes=tuple(range(10)))),
        (before, project(dataset="/home/me/apples")),
        (before, with_block(0, kinds.Conv(depth=8))),
        (before, with_block(3, kinds.Conv(depth=8, padding="same"))),
        (before, with_block(1, kinds.ReLU())),
        (before, with_block(2, kinds.AvgPool())),
        (before, with_block(2)),
        (before, with_block(5, kinds.Reshape(), kinds.Dropout(rate=0.5))),
        (before, with_block(5, kinds.Reshape(target_shape=(-1, 1)))),
        (before, with_block(5, kinds.Reshape(), kinds.Dense(units=30), kinds.Sigmoid())),
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
    said = [", ".join(each.sentence() for each in differences(pair)) or "–" for pair in pairs]
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


def of_digest(known: Project, letter: str = "a") -> Project:
    return replace(known, data_digest=letter * 32)


def rows(found: Sequence[Difference]) -> str:
    text = (f"  {each.title} ({each.key}): {each.texts}, {each.values}\n" for each in found)
    return "".join(text) or "  –\n"


RATES: list[tuple[float | None, ...]] = [
    *((), (None, None), (1.0, 1.0), (200.0, 200.0)),
    *((None, 200.0, 200.0, None), (2.0, 3.0, 4.0, 5.0)),
]


def test_what_tells_projects_apart() -> None:
    first, faster, pears = project(), project(learning_rate=0.3), project(dataset="/c/pears")
    stack = first.stack
    rectified = stack.replaced(replace(stack.slots[4], block=kinds.ReLU()))
    (dropout,) = stack.appended(kinds.Dropout(rate=0.5)).slots[-1:]
    other = replace(first, stack=rectified.inserted(5, dropout))
    one, two, three = (project(dataset=f"/{folder}/apples") for folder in "abc")
    text = ""
    for name, group in {
        "one": [first],
        "three": [first, replace(faster, stack=stack.removed(3)), other],
        "the same data elsewhere": [of_digest(one), of_digest(two), pears],
        "data of which nothing is known": [of_digest(one), two],
        "the same place of data": [of_digest(one), one],
        "other data of a name": [of_digest(one), of_digest(two, "b"), of_digest(three), pears],
    }.items():
        text += f"{name}\n{rows(differences(group))}"
    for settings in ({}, {"momentum": 0.5, "dataset": "/data/three"}):
        chosen = Settings().with_changes(**settings)
        summary = settings_summary(replace(TEMPLATES["blank"](), settings=chosen))
        text += f"{settings}\n" + "".join(f"  {title}: {told}\n" for title, told in summary)
    assert_approved("project_differences.txt", text)


def test_what_tells_runs_apart() -> None:
    one, two = (partial(made_run, name, (0.5, 0.6, 0.7, 0.8)) for name in ("one", "two"))
    early, late = (None, 2.0, 2.0, 2.0), (None, None, 2.0, 2.0)
    text = ""
    for name, group in {
        "one": [with_rates(one(), *late)],
        "settings": [one(), two(learning_rate=0.3, seed=4)],
        "later rates": [
            with_rates(one(loss="mse", seed=1), None, 0.01, 0.01, 0.2),
            *(two(), two(learning_rate=0.5)),
        ],
        "the same rates": [with_rates(one(), *late), with_rates(two(), *late)],
        "rates at other times": [with_rates(one(), *late), with_rates(two(), *early)],
    }.items():
        text += f"{name}\n{rows(run_differences(group))}"
    for rates in RATES:
        run = made_run("one", [0.5] * len(rates), epochs_before=40, learning_rate=1.0)
        run = with_rates(run, *rates)
        text += f"{rates}: {with_rate_changes('1', run)}; {rate_sentence(run)}\n"
        assert rate_sentence(run) == (
            [f"learning rate {', '.join(rate_changes(run))}"] if rate_changes(run) else []
        )
    assert_approved("run_differences.txt", text)


# Which run each is compared with.


def of(run: Run, **described: object) -> Run:
    """Return a run that is described otherwise."""
    return replace(run, description=replace(run.description, **described))  # type: ignore[arg-type]  # any field


def test_a_run_is_compared_with_its_parent_or_with_the_one_before_it() -> None:
    first, second = made_run("first"), made_run("second")
    child = made_run("child", parent=CheckpointRef("first", 2))
    last = made_run("last")
    assert predecessors([last, child, second, first]) == [child, first, first, None]


def test_a_run_whose_parent_is_gone_is_compared_with_none() -> None:
    orphan = made_run("orphan", parent=CheckpointRef("gone", 2))
    assert predecessors([orphan, made_run("first")]) == [None, None]


def test_a_run_is_compared_with_the_last_one_of_its_data_whatever_trained_between() -> None:
    datasets = ("mnist", "/home/ada/colours", "mnist", "/home/ada/colours")
    runs = [made_run(f"{place}", dataset=data) for place, data in enumerate(datasets)]
    assert predecessors(runs) == [runs[2], runs[3], None, None]


def test_other_classes_of_the_same_data_are_other_data() -> None:
    some, all_of_them = made_run("some", classes=(0, 1)), made_run("all", classes=(0, 1, 2))
    assert predecessors([some, all_of_them]) == [None, None]
    cats = of(some, project=replace(some.description.project, class_names=("cat", "dog")))
    assert predecessors([cats, some]) == [None, None]


def test_runs_are_compared_by_when_they_began_in_whichever_order_they_are_given() -> None:
    times = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]
    one, two, three = (of(made_run(f"{time.day}"), started=time) for time in times)
    assert predecessors([one, three, two]) == [None, two, one]


def test_a_parent_that_began_later_is_one_too() -> None:
    """The clocks of two machines differ."""
    child, parent = made_run("child", parent=CheckpointRef("parent", 1)), made_run("parent")
    assert predecessors([parent, child]) == [child, parent]


def test_it_is_said_which_run_another_continues() -> None:
    parent = of(made_run(""), number=36)
    child = made_run("child", parent=CheckpointRef(parent.id, 5), epochs_before=5)
    assert continues(child, parent) == "continues Run 36 from epoch 5"
    assert continues(child, None) == "continues a run that is not here from epoch 5"
    assert continues(parent, child) == ""
