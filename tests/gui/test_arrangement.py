import pytest

from vidgreen_gui.gui.arrangement import arrange


@pytest.mark.parametrize(
    ("width", "height", "list_panel", "advice", "strip"),
    [
        (1440, 900, True, "panel", False),
        (1400, 800, True, "panel", False),
        (1399, 900, True, "rail", False),
        (1280, 720, True, "rail", True),
        (1100, 900, True, "rail", False),
        (1099, 900, False, "rail", False),
        (420, 800, False, "button", True),
    ],
)
def test_the_parts_stand_where_the_size_says(width, height, list_panel, advice, strip):
    found = arrange(width, height)
    assert found.list_panel is list_panel
    assert (found.advice_panel, found.advice_rail) == (advice == "panel", advice == "rail")
    assert found.cumulative_strip is strip
    assert found.block_columns == (2 if width < 700 else 4)
