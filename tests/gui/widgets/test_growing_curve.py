"""Growing curves: raw while short, a true envelope in bounded memory when long."""

import numpy as np

from gui.widgets.growing_curve import Record


def test_a_long_record_holds_the_means_of_neighbours_at_the_time_of_the_later() -> None:
    record = Record(2, limit=8)
    values = np.arange(1.0, 10.0)
    record.extend(np.stack([values * 10, values], axis=1))
    assert record.rows().tolist() == [[20, 1.5], [40, 3.5], [60, 5.5], [80, 7.5], [90, 9]]
