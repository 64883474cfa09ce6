import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from support.facts import HOSTILE_NAMES

from vidgreen_gui.gui.plain import LONGEST_SHOWN, visible


def test_ordinary_names_stay_as_they_are():
    for name in ("shot_03 rooftop", "Plan été — nº 4", "撮影 07", "🎬 take", "👩‍🚀"):
        assert visible(name) == name


def test_bidi_and_control_characters_are_spelled_out():
    assert visible("shot_\u202egpj.exe") == "shot_⟨U+202E⟩gpj.exe"
    assert visible("a\nb\x00") == "a⟨U+000A⟩b⟨U+0000⟩"


def test_endless_names_end():
    assert visible("x" * 65_536) == "x" * LONGEST_SHOWN + "…"


def test_hostile_names_show_nothing_invisible():
    for name in HOSTILE_NAMES:
        _nothing_hidden(visible(name))


@given(st.text(alphabet=st.characters(), max_size=300))
def test_whatever_comes_nothing_is_hidden(text):
    _nothing_hidden(visible(text))


def _nothing_hidden(shown):
    for one in shown:
        assert one in "\u200c\u200d" or unicodedata.category(one) not in {"Cc", "Cf", "Cs"}
