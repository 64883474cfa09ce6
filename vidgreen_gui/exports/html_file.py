"""Sessions as one self-contained HTML page: no script, nothing loaded, prints on A4."""

import tomllib
from datetime import tzinfo
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vidgreen_gui.exports.atomic import write_whole
from vidgreen_gui.exports.document import unicode_text
from vidgreen_gui.exports.report import Report, report
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.system.resources import resource
from vidgreen_gui.texts.catalog import Texts

# With more, the tables of single iterations start folded.
_MOST_OPEN = 60


class HtmlFile:
    """Writes a report in the language of `texts`, its times in `zone` (None: this computer's)."""

    format = "html"
    suffix = ".html"

    def __init__(self, texts: Texts, zone: tzinfo | None = None) -> None:
        self._texts = texts
        self._zone = zone

    def write(self, sessions: tuple[SessionFacts, ...], path: Path, *, with_private: bool) -> None:
        """Write the sessions to `path`, whole or not at all; raise InputFault."""
        reports = [
            report(one, self._texts, self._zone, with_private=with_private) for one in sessions
        ]
        write_whole(path, unicode_text(html_text(reports, self._texts)).encode("utf-8"))


def html_text(reports: list[Report], texts: Texts) -> str:
    """Return the page; light and dark from the palette that the window uses."""
    palette = tomllib.loads(resource("palette.toml").read_text(encoding="utf-8"))
    rows = sum(len(clip.iterations) for one in reports for clip in one.clips)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            reports=reports,
            texts=texts,
            light=palette["light"],
            dark=palette["dark"],
            open=rows <= _MOST_OPEN,
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
