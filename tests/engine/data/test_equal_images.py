"""Which training images stay when copies are left out, against a plain loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.data.equal_images import without_copies
from engine.data.parts import Samples

# Of so few shades and pixels that copies are frequent.
SAMPLES = st.lists(
    st.tuples(st.lists(st.sampled_from([0, 255]), min_size=3, max_size=3), st.integers(0, 2)),
    min_size=1,
    max_size=20,
)


def made(drawn: list[tuple[list[int], int]]) -> Samples:
    images = np.array([pixels for pixels, _ in drawn], dtype=np.uint8).reshape(-1, 1, 1, 3)
    files = tuple(f"{place}.png" for place in range(len(drawn)))
    return Samples(images, np.array([number for _, number in drawn]), files)


@given(SAMPLES, SAMPLES | st.just([]))
def test_the_first_of_equal_images_stays_unless_it_is_tested_or_in_doubt(
    training: list[tuple[list[int], int]], test: list[tuple[list[int], int]]
) -> None:
    wanted, seen = [], []
    for place, (pixels, _) in enumerate(training):
        tested = any(pixels == other for other, _ in test)
        labels = {label for other, label in training if other == pixels}
        if pixels not in seen and not tested and len(labels) == 1:
            wanted.append(place)
        seen.append(pixels)
    kept = without_copies(made(training), made(test) if test else None)
    assert kept.files == tuple(f"{place}.png" for place in wanted)
    assert kept.images[:].reshape(-1, 3).tolist() == [training[place][0] for place in wanted]
    assert kept.numbers.tolist() == [training[place][1] for place in wanted]
