"""The feature maps panel: what is drawn of a look."""

from functools import partial

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.looks import BlockLook, Look, Subject
from gui.panels.feature_maps import FeatureMapsPanel
from gui.widgets.colour_bar import ColourBar
from gui.widgets.empty import EmptyState
from gui.widgets.mosaic import Mosaic
from tests.gui.finding import child


@pytest.fixture
def panel(qtbot: QtBot) -> FeatureMapsPanel:
    made = FeatureMapsPanel()
    qtbot.addWidget(made)
    made.resize(480, 330)
    made.show()
    return made


def look(*blocks: BlockLook, outputs: tuple[float, ...] = (0.2, 0.9), label: int = 1) -> Look:
    return Look(
        Subject(np.eye(28, dtype=np.uint8)[np.newaxis] * 255, (0, 1), 12, label),
        image=np.eye(28, dtype=np.float32),
        outputs=np.array(outputs),
        blocks=blocks,
    )


def is_large(mosaic: Mosaic) -> bool:
    return mosaic.tile_rect(0).width() >= 72


def conv(slot: int, count: int, start: float = 0.0) -> BlockLook:
    maps = start + np.linspace(0, 1, count * 26 * 26, dtype=np.float32).reshape(count, 26, 26)
    return BlockLook(slot, f"Conv {count}, 3×3", "Convolution", maps)


def test_it_has_its_names(panel: FeatureMapsPanel) -> None:
    assert panel.objectName() == "panel.feature_maps"
    assert panel.accessibleName() == "Feature maps"
    assert panel.minimumHeight() <= 280


def test_it_says_what_will_be_here(panel: FeatureMapsPanel) -> None:
    assert "Click a digit" in child(panel, EmptyState).sentence()
    panel.show_look(look())
    panel.refresh()
    assert "+ Conv" in child(panel, EmptyState).sentence()


def test_every_convolution_has_a_mosaic_with_its_values(panel: FeatureMapsPanel) -> None:
    first, second = conv(1, 5), conv(3, 2, start=-3.0)
    panel.show_look(look(first, second))
    assert panel.dirty
    assert panel.mosaics == []
    panel.refresh()
    assert not panel.dirty
    assert [mosaic.title() for mosaic in panel.mosaics] == [first.label, second.label]
    picture, layout = panel.mosaics[0].picture(), panel.mosaics[0].tile_layout()
    assert layout is not None
    for tile in range(5):
        row, column = divmod(tile, layout.columns)
        drawn = picture[row * 27 : row * 27 + 26, column * 27 : column * 27 + 26]
        np.testing.assert_array_equal(drawn, first.values[tile])


def test_each_block_has_its_own_printed_scale(panel: FeatureMapsPanel) -> None:
    panel.show_look(look(conv(1, 5), conv(3, 2, start=-3.0)))
    panel.refresh()
    printed = [child(mosaic, ColourBar).texts() for mosaic in panel.mosaics]
    assert printed == [("0", "1.00"), ("−3.00", "−2.00")]


def test_the_pinned_digit_is_shown_with_what_is_said_of_it(panel: FeatureMapsPanel) -> None:
    panel.show_look(look(conv(1, 5)))
    panel.refresh()
    assert panel.digit.texts() == ("digit 12: 1", "the network says 1 (90 %)")
    panel.show_look(look(conv(1, 5), label=0))
    panel.refresh()
    assert panel.digit.texts() == ("digit 12: 0", "the network says 1 (90 %), which is wrong")


def test_outputs_beyond_their_range_are_cut_off(panel: FeatureMapsPanel) -> None:
    panel.show_look(look(conv(1, 5), outputs=(-4.0, 1.7)))
    panel.refresh()
    assert panel.digit.texts()[1] == "the network says 1 (100 %)"


def test_mosaics_are_reused_added_and_removed(panel: FeatureMapsPanel) -> None:
    panel.show_look(look(conv(1, 5)))
    panel.refresh()
    (first,) = panel.mosaics
    panel.show_look(look(conv(1, 5), conv(3, 8)))
    panel.refresh()
    assert panel.mosaics[0] is first
    assert len(panel.mosaics) == 2
    panel.show_look(look(conv(1, 3)))
    panel.refresh()
    assert panel.mosaics == [first]


def test_few_maps_are_large(qtbot: QtBot, panel: FeatureMapsPanel) -> None:
    panel.show_look(look(conv(1, 8), conv(3, 8)))
    panel.refresh()
    qtbot.waitUntil(lambda: panel.mosaics[1].isVisible())
    for mosaic in panel.mosaics:
        qtbot.waitUntil(partial(is_large, mosaic))
        assert mosaic.rect().contains(mosaic.tile_rect(7).toRect())
