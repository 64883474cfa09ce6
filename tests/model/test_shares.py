"""No discarded share is told while more than a fifth of the energy is undecided."""

import pytest

from vidgreen_gui.model.facts import Totals
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, Range


def wh(value):
    return MISSING if value is None else Figure(Range.exact(value), Grade.MEASURED)


@pytest.mark.parametrize(
    ("kept", "discarded", "undecided", "share"),
    [
        (60.0, 40.0, None, 0.4),
        (40.0, 40.0, 20.0, 0.4),
        (40.0, 39.9, 20.1, None),
        (None, None, 10.0, None),
        (None, None, None, None),
        (10.0, None, None, 0.0),
    ],
)
def test_discarded_share(kept, discarded, undecided, share):
    totals = Totals(
        kept_energy_wh=wh(kept),
        discarded_energy_wh=wh(discarded),
        undecided_energy_wh=wh(undecided),
    )
    assert totals.discarded_share == share
