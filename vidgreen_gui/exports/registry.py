"""The formats a session can be handed over in: a plain table."""

from vidgreen_gui.exports.csv_file import CsvFile
from vidgreen_gui.exports.html_file import HtmlFile
from vidgreen_gui.exports.json_file import JsonFile
from vidgreen_gui.model.ports import Exporter
from vidgreen_gui.texts.catalog import Texts


def exporters(texts: Texts) -> dict[str, Exporter]:
    """Return our exporters by format; reports speak the language of `texts`."""
    ours: tuple[Exporter, ...] = (JsonFile(), CsvFile(), HtmlFile(texts))
    return {exporter.format: exporter for exporter in ours}
