"""The layout of the drawing: every length of a network, every room."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF

from engine.blocks import Add, BatchNorm, Conv, Dense, KnownBlock, MaxPool, ReLU, Reshape, Sigmoid
from engine.model.project import Project
from engine.model.stack import Stack
from engine.model.templates import lenet, notebook
from gui.network_drawing.layout import DrawingLayout, lay_out
from gui.network_drawing.painter import title_within
from gui.storage.export_actions import file_font

DOCKED, LARGE = QSizeF(500, 310), QSizeF(950, 620)


def drawing(stack: Stack, room: QSizeF, classes: int = 2, ratio: float = 1.0) -> DrawingLayout:
    metrics = QFontMetricsF(file_font())
    report = stack.check(classes, "bce")
    measure, line = metrics.horizontalAdvance, metrics.height()
    return lay_out(report, stack.input_shape, room, measure, line, ratio)


def of(project: Project, room: QSizeF) -> DrawingLayout:
    return drawing(project.stack, room, len(project.settings.classes))


def long(blocks: int) -> Stack:
    layers: list[KnownBlock] = [Conv(depth=200, kernel_size=3, padding="same"), Sigmoid()] * 20
    return Stack().appended(*layers[:blocks])


def rows(plan: DrawingLayout) -> int:
    return len({stage.card.top() for stage in plan.stages})


@pytest.mark.parametrize("room", [DOCKED, QSizeF(1590, 900)])
@pytest.mark.parametrize("blocks", [1, 12, 40])
def test_all_has_room_and_nothing_overlaps(blocks: int, room: QSizeF) -> None:
    plan = drawing(long(blocks), room)
    assert len(plan.stages) == blocks + 1
    assert plan.size.width() == room.width()  # down it may scroll
    assert plan.size.height() == room.height() or (blocks >= 12 and room == DOCKED) or blocks == 40
    page = QRectF(0, 0, plan.size.width(), plan.size.height())
    for stage in plan.stages:
        assert page.contains(stage.card)
        assert stage.card.contains(stage.body)
        assert stage.body.adjusted(-1, -1, 1, 1).contains(stage.picture)
        for place in (stage.title, stage.foot):
            assert place.top() >= stage.body.bottom()
            assert place.bottom() <= stage.meter.top() + 1
        for tile in range(stage.tiles):
            assert stage.picture.adjusted(-1, -1, 1, 1).contains(stage.tile(tile))
    for before, after in pairwise(plan.stages):
        below = after.card.top() >= before.card.bottom()
        assert below or after.card.left() > before.card.right()
        assert below or after.picture.left() >= before.picture.right() + 13
        assert all(page.contains(point) for point in after.fold)
        assert len(after.fold) == (6 if below else 0)


def test_blocks_that_wait_lie_beside_what_does_not_fit() -> None:
    blocks = Sigmoid(), Reshape(), Dense(units=100), Conv(), Sigmoid(), Dense(units=10), Sigmoid()
    for width in range(300, 900, 20):
        plan = drawing(Stack().appended(*blocks), QSizeF(width, 400))
        assert [stage.kind for stage in plan.stages[-4:]] == ["unknown"] * 4
        for before, after in pairwise(plan.stages[-5:]):
            below = after.card.top() >= before.card.bottom()
            assert below or after.card.left() > before.card.right()


SAME = Conv(depth=8, kernel_size=3, padding="same", bias="channel")
GROUP = SAME, BatchNorm(), ReLU(), SAME


@pytest.mark.parametrize(("groups", "room"), [(1, DOCKED), (5, DOCKED), (5, LARGE)])
def test_arcs_pass_over_the_columns_and_cross_no_picture_or_word(groups: int, room: QSizeF) -> None:
    blocks = [block for n in range(groups) for block in (*GROUP, Add(source=1 + 5 * n))]
    plan = drawing(Stack().appended(SAME, *blocks, Add(source=1)), room)
    page = QRectF(0, 0, plan.size.width(), plan.size.height())
    assert plan.size.width() == room.width()
    ends = {(arc.source + 1, arc.target + 1) for arc, _ in plan.arcs}
    assert ends == {(1, 5 * groups + 2), *((1 + 5 * n, 6 + 5 * n) for n in range(groups))}
    passed: list[QRectF] = []
    for arc, way in plan.arcs:
        source, target = plan.stages[arc.source + 1], plan.stages[arc.target + 1]
        start, end = way[0][0], way[-1][-1]
        assert source.picture.left() < start.x() < source.picture.right()
        assert target.picture.left() < end.x() < target.picture.right()
        assert start.y() <= source.picture.top()
        assert end.y() <= target.picture.top()
        between = plan.stages[source.number : target.number + 1]
        assert len(way) == len({stage.card.top() for stage in between})  # a part in each row
        for start, end in (ends for part in way for ends in pairwise(part)):
            assert start.x() == end.x() or start.y() == end.y()
            line = QRectF(start, end).normalized().adjusted(-1, -1, 1, 1)
            assert page.contains(line)
            for stage in plan.stages:
                places = stage.picture, stage.title, stage.foot, stage.meter
                assert not any(line.intersects(place) for place in places)
            if start.y() == end.y():  # along a lane of its own
                assert not any(line.intersects(other) for other in passed)
                passed.append(line)


def test_few_blocks_are_large_and_many_are_folded() -> None:
    few, many = drawing(long(2), LARGE), drawing(long(40), LARGE)
    assert few.stages[0].body.height() > 4 * many.stages[0].body.height()
    assert rows(few) < rows(many)
    assert of(notebook(), LARGE).stages[0].body.height() > 1.8 * (
        of(notebook(), DOCKED).stages[0].body.height()
    )


def test_what_is_wide_is_used_to_show_more_maps() -> None:
    trio = (Conv(depth=8, kernel_size=3, padding="same"), BatchNorm(), ReLU())
    blocks: list[KnownBlock] = [*trio * 8, MaxPool(), Reshape(), Dense(units=32), ReLU()]
    stages = drawing(Stack().appended(*blocks), LARGE).stages
    grids = [stage.grid for stage in stages[1:25]]
    assert {(grid.count, grid.joined) for grid in grids if grid is not None} == {(8, 1)}


def test_a_title_is_whole_where_there_is_room_and_else_ends_with_a_word() -> None:
    metrics = QFontMetricsF(file_font())
    for stage in of(notebook(), LARGE).stages:
        words = title_within(stage, metrics, stage.title.width())
        assert words in (stage.text, stage.text.partition(" to ")[0])
    _, conv, _, reshape, *_ = of(notebook(), DOCKED).stages
    assert title_within(conv, metrics, 60) == "Conv 5"
    assert title_within(reshape, metrics, 90) == "Reshape"
    assert title_within(reshape, metrics, 20).endswith("…")


def test_a_room_that_is_too_small_scrolls() -> None:
    plan = drawing(long(40), QSizeF(200, 100))
    assert plan.size.height() > 100
    assert plan.stages[-1].card.bottom() <= plan.size.height()


def test_the_shape_is_written_where_there_is_room() -> None:
    low, high = drawing(long(40), DOCKED).stages[1], of(notebook(), LARGE).stages[1]
    assert low.foot.height() == 0 < high.foot.height()
    assert high.shape_text == "5×26×26"


def test_pools_give_smaller_maps_and_activations_as_large_ones() -> None:
    conv, relu, pool = of(lenet(), LARGE).stages[1:4]
    assert conv.grid is not None
    assert relu.grid == conv.grid
    assert pool.grid is not None
    assert pool.grid.tile(0).height() < 0.7 * conv.grid.tile(0).height()


def test_kinds_of_what_is_drawn() -> None:
    kinds = [stage.kind for stage in of(notebook(), DOCKED).stages]
    assert kinds == ["maps", "maps", "maps", *["vector"] * 4, "outputs"]
    column = Stack(input_shape=(1, 4, 4)).appended(MaxPool(), Reshape(), Dense(units=3), ReLU())
    wrong = drawing(column, DOCKED)  # three outputs for two classes are no outputs
    assert wrong.stages[-1].kind == "vector"
    stages = drawing(Stack().appended(Conv(), Dense(units=2), Sigmoid()), DOCKED).stages
    assert [(stage.text, stage.shape_text, stage.kind) for stage in stages] == [
        ("Image", "1×28×28", "maps"),
        ("Conv 5, 3×3", "5×26×26", "maps"),
        ("Dense 2", "?", "unknown"),
        ("Sigmoid", "?", "unknown"),
    ]


def test_pictures_lie_on_whole_px_of_the_device() -> None:
    plan = drawing(notebook().stack, DOCKED, ratio=1.5)
    for stage in plan.stages:
        if stage.grid is not None:
            for value in (stage.picture.x(), stage.picture.y()):
                assert value * 1.5 == pytest.approx(round(value * 1.5))
            assert stage.picture.width() * 1.5 == pytest.approx(stage.grid.area.width())
