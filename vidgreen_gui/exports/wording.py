"""Words that stand beside figures in a report: grades and factors."""

from vidgreen_gui.model.footprint import Grade, GridFactor
from vidgreen_gui.texts.catalog import Texts

LONGEST = 120


def grade_words(grade: Grade, texts: Texts) -> str:
    """Return a grade as shape and words."""
    return f"{grade.shape} {texts.say(f'exports.report.grade.{grade.value}')}"


def factor_words(factor: GridFactor, texts: Texts) -> str:
    """Return a factor with its source and year, as it stands beside a CO2e."""
    return texts.say(
        "exports.report.factor",
        zone=factor.zone_name or factor.zone,
        g=texts.numbers.significant(factor.g_per_kwh, 2),
        source=factor.source,
        year=factor.year,
    )
