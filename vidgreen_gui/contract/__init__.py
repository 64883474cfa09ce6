"""What every meter promises, as tests that anybody's meter can be put through. Needs pytest."""

import pytest

# A promise that is not kept shows the values that broke it.
pytest.register_assert_rewrite("vidgreen_gui.contract.meter")
