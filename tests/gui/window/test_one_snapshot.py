"""Training in the real window: what the panels say of the pinned digit is of one moment."""

import re

import pytest

from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.predictions.test_panel import digits_of
from tests.gui.reading import card_texts, pinned_texts


def said_of_digits(driver: Driver) -> list[tuple[str, str, str, str]]:
    """Read what each panel in view says of what is pinned: which, class, its output, as of when."""
    found = []
    digits, maps = digits_of(driver), driver.maps
    title, said = pinned_texts(maps.sample)
    match = re.fullmatch(r"says (\d+) \(([\d.]+)\)(: wrong)?", said)
    assert match is not None
    found.append((title, match[1], match[2], maps.sample.toolTip()))
    name, true, said, verdict = card_texts(digits.pane.sample)
    largest = verdict.rpartition(", ")[2]
    title = f"{name} · {true}" if true else name
    found.append((title, said, largest, digits.pane.sample.toolTip()))
    best = next(row for row in digits.pane.bars.rows() if row.predicted)
    output = f"{best.value:.2f}"
    found.append((title, str(best.name), output, digits.pane.sample.toolTip()))
    pinned = digits.grid.samples.pinned
    if pinned is not None:
        caption, true = digits.grid.samples.caption(pinned), true.split(" ")[1]
        words, _, number = caption.partition("  ")
        found.append((title, words.rpartition(" → ")[2], number, found[0][3]))
        assert words.startswith(true)
        mistake = bool(digits.grid.samples.is_wrong(pinned))
        assert mistake == (" → " in words) == (said != true)
    return found


def test_while_training_all_panels_say_the_same_of_the_pinned_digit(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.background.network_inspector.SHARE", 0.3)  # so that more is said
    monkeypatch.setattr("gui.window.redraw._BUSY_SHARE", 0.3)
    driver = open_window(None)
    driver.choose("new.digits")
    driver.wait_for_panels()
    driver.type_into("setting.learning_rate", "0.05")  # so that it is in doubt for a while
    driver.type_into("setting.epochs", "500")
    driver.type_into("setting.limit", "20")  # so that epochs are short
    driver.settle()
    driver.click("train", until="Training")
    seen: set[tuple[str, str, str, str]] = set()
    epochs: list[object] = []
    driver.window.session.epoch_done.connect(epochs.append)
    polls = 0

    def agrees() -> bool:
        nonlocal polls
        said = said_of_digits(driver)
        if said[0][0] == said[1][0]:  # else one panel has not seen yet what was pinned just now
            assert len(set(said)) == 1, said
            seen.add(said[0])
        if polls % 20 == 0:
            driver.click_digit(polls // 20 % 5)
        if polls % 20 == 10:  # the maps are drawn anew out of turn
            driver.maps.stage.activated.emit(0)
        polls += 1
        return len(epochs) > 1 and len(seen) > 5

    driver.wait(agrees)
    assert len({age for *_, age in seen}) > 2
    driver.click("stop", until="Stopped")
    driver.settle()
    assert len(set(said_of_digits(driver))) == 1
