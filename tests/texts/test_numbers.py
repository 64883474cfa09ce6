"""Numbers as people read them: an error and its figure have as many decimals."""

import pytest

from vidgreen_gui.model.footprint import Range
from vidgreen_gui.system.resources import load_texts


@pytest.mark.parametrize(
    ("best", "half", "said"),
    [
        (1.31, 0.069, "1.31 ± 0.07 Wh"),
        (9.0, 2.2, "9.0 ± 2.2 Wh"),
        (47.4, 2.4, "47.4 ± 2.4 Wh"),
        (523.0, 3.2, "523 ± 3 Wh"),
        (47.4, 0.03, "47.40 ± 0.03 Wh"),
        (0.000136, 0.00005, "0.000136 ± 0.000050 Wh"),
        (0.0, 2.0, "0.0 ± 2.0 Wh"),
        (12_345.0, 600.0, "12,345 ± 600 Wh"),
        (47.4, 0.0, "47.4 Wh"),
    ],
)
def test_an_error_is_written_as_exactly_as_its_figure(best, half, said):
    numbers = load_texts("en").numbers
    shown = numbers.plus_minus(Range(best, best - half, best + half), "Wh")
    assert shown.replace("\u00a0", " ") == said


def test_the_wider_side_counts_and_french_writes_a_comma():
    shown = load_texts("fr").numbers.plus_minus(Range(1.31, 1.25, 1.38), "Wh")
    assert shown == "1,31 ± 0,07\u00a0Wh"
