import pytest
from support.facts import FRANCE, TARIFF, spring_campaign
from support.window import GERMANY

from vidgreen_gui.gui.dialogs.ask import Ask
from vidgreen_gui.gui.dialogs.card import CardDialog
from vidgreen_gui.gui.dialogs.export import ExportDialog
from vidgreen_gui.gui.dialogs.price import PriceDialog
from vidgreen_gui.gui.dialogs.supply import SupplyDialog
from vidgreen_gui.gui.dialogs.zone import ZoneDialog

# The offscreen platform says so of every dialog with a minimum size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.mark.parametrize(
    ("language", "written", "price"),
    [
        ("en", "0.2016", 0.2016),
        ("fr", "0,2016", 0.2016),
        ("fr", "0.2016", 0.2016),
        ("en", "", None),
        ("en", "0", None),
    ],
)
def test_a_price_is_read_as_it_is_written(dressed, qtbot, texts, language, written, price):
    dialog = PriceDialog(texts[language], None)
    qtbot.addWidget(dialog)
    dialog.price.setText(written)
    assert dialog.accept_button.isEnabled()
    assert (dialog.tariff.price_per_kwh if dialog.tariff else None) == price


@pytest.mark.parametrize("written", ["cheap", "-1", "nan", "inf", "1e99"])
def test_what_is_no_price_cannot_be_accepted(dressed, qtbot, texts, written):
    dialog = PriceDialog(texts["en"], TARIFF)
    qtbot.addWidget(dialog)
    dialog.price.setText(written)
    assert not dialog.accept_button.isEnabled()
    assert dialog.tariff is None


def test_the_known_price_stands_there(dressed, qtbot, texts):
    dialog = PriceDialog(texts["fr"], TARIFF)
    qtbot.addWidget(dialog)
    assert dialog.price.text() == "0,2016"
    assert dialog.currency.chosen == "EUR"


def test_a_search_without_a_result_cannot_be_accepted(dressed, qtbot, texts):
    dialog = ZoneDialog(texts["en"], (GERMANY, FRANCE), FRANCE)
    qtbot.addWidget(dialog)
    assert dialog.factor == FRANCE
    dialog.search.setText("ger")
    assert dialog.factor == GERMANY
    dialog.search.setText("atlantis")
    assert dialog.factor is None
    assert not dialog.accept_button.isEnabled()


def test_nothing_is_chosen_for_who_chose_nothing(dressed, qtbot, texts):
    dialog = CardDialog(texts["en"], ("GeForce RTX 3090", "GeForce RTX 4090"))
    qtbot.addWidget(dialog)
    assert dialog.card is None
    assert not dialog.accept_button.isEnabled()
    dialog.list.setCurrentIndex(dialog.list.model().index(1, 0))
    assert dialog.card == "GeForce RTX 4090"
    assert dialog.accept_button.isEnabled()


def test_an_empty_line_is_no_answer(dressed, qtbot, texts):
    dialog = Ask(texts["en"], "new_clip")
    qtbot.addWidget(dialog)
    assert not dialog.accept_button.isEnabled()
    dialog.line.setText("  shot_04 ")
    assert dialog.accept_button.isEnabled()
    assert dialog.written == "shot_04"


def test_the_preview_names_source_and_year(dressed, qtbot, texts):
    dialog = ExportDialog(texts["fr"], spring_campaign(), ("html", "csv"))
    qtbot.addWidget(dialog)
    assert "Electricity Maps 2025" in dialog.preview.text()
    assert "Ni prompts" in dialog.preview.text()
    dialog.private.setChecked(True)
    assert "Ni prompts" not in dialog.preview.text()


def test_meters_at_the_socket_may_be_none(dressed, qtbot, texts):
    dialog = Ask(texts["fr"], "plugs", "192.168.1.40", may_be_empty=True)
    qtbot.addWidget(dialog)
    assert dialog.accept_button.isEnabled()
    dialog.line.clear()
    assert dialog.accept_button.isEnabled()
    assert dialog.written == ""


@pytest.mark.parametrize(
    ("language", "written", "watts"),
    [("en", "850", "850"), ("fr", "750,5", "750.5"), ("en", "", ""), ("en", " 1000 ", "1000")],
)
def test_a_power_supply_is_read_as_it_is_written(dressed, qtbot, texts, language, written, watts):
    dialog = SupplyDialog(texts[language], "gold", "")
    qtbot.addWidget(dialog)
    dialog.line.setText(written)
    assert dialog.accept_button.isEnabled()
    assert (dialog.efficiency, dialog.watts) == ("gold", watts)


@pytest.mark.parametrize("written", ["much", "-850", "12", "nan", "99999"])
def test_what_is_no_rating_cannot_be_accepted(dressed, qtbot, texts, written):
    dialog = SupplyDialog(texts["en"], "", "")
    qtbot.addWidget(dialog)
    dialog.line.setText(written)
    assert not dialog.accept_button.isEnabled()


def test_a_class_nobody_knows_is_none(dressed, qtbot, texts):
    dialog = SupplyDialog(texts["en"], "diamond", "850")
    qtbot.addWidget(dialog)
    assert (dialog.efficiency, dialog.watts) == ("", "850")
