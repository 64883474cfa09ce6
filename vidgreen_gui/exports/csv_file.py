"""Sessions as CSV: one row per iteration, for spreadsheets and carbon reports."""

import csv
import io
from pathlib import Path

from vidgreen_gui.exports.atomic import write_whole
from vidgreen_gui.exports.cells import Cell, cell
from vidgreen_gui.exports.document import session_document
from vidgreen_gui.exports.schema import (
    ClipPart,
    FactorPart,
    IterationPart,
    SessionDocument,
)
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.model.footprint import Range

Row = dict[str, Cell]


class CsvFile:
    """Writes a row per iteration with the scope, factor and grade of its figures beside them.

    UTF-8 with a byte order mark: spreadsheets are who reads this, and Excel takes UTF-8 without
    one for the local code page. Programs have the JSON.
    """

    format = "csv"
    suffix = ".csv"

    def write(self, sessions: tuple[SessionFacts, ...], path: Path, *, with_private: bool) -> None:
        """Write the sessions to `path`, whole or not at all; raise InputFault."""
        documents = [session_document(one, with_private=with_private) for one in sessions]
        write_whole(path, csv_text(documents).encode("utf-8-sig"))


def csv_text(documents: list[SessionDocument]) -> str:
    """Return the table; its header alone where there is no iteration."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for document in documents:
        factors = {factor.id: factor for factor in document.factors}
        for clip in document.clips:
            for iteration in clip.iterations:
                row = _row(document, clip, iteration, factors)
                writer.writerow([cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def _row(
    document: SessionDocument,
    clip: ClipPart,
    iteration: IterationPart,
    factors: dict[str, FactorPart],
) -> Row:
    return (
        {
            "project": document.project.name,
            "session": document.session.title,
            "session_id": document.session.id,
            "clip": clip.name,
        }
        | _attempt(iteration)
        | _settings(iteration)
        | {"scope": document.session.scope.value}
        | _spans("energy_wh", iteration.energy_wh)
        | {"grade": iteration.grade.value}
        | _spans("host_energy_wh", iteration.host_energy_wh)
        | {"host_grade": iteration.host_grade.value}
        | _spans("wall_energy_wh", iteration.wall_energy_wh)
        | {"wall_grade": iteration.wall_grade.value}
        | _spans("co2e_g", iteration.co2e_g)
        | _factor([factors[one] for one in iteration.factor_ids if one in factors])
        | {
            "cost": iteration.cost.amount,
            "currency": iteration.cost.currency,
            "outputs": " ".join(iteration.outputs),
            "prompts": None if iteration.prompts is None else " / ".join(iteration.prompts),
            "app_version": document.app_version,
            "method_version": document.method_version,
        }
    )


def _attempt(iteration: IterationPart) -> Row:
    return {
        "iteration": iteration.number,
        "iteration_id": iteration.id,
        "status": iteration.status.value,
        "kept": iteration.kept,
        "started_at": iteration.started_at,
        "ended_at": iteration.ended_at,
        "duration_s": iteration.duration_s,
        "source": iteration.source,
        "where": iteration.where.value,
        "provider": iteration.provider,
        "cached": iteration.cached.value,
        "seconds_used": iteration.seconds_used,
    }


_SETTINGS = (
    "model", "family", "params_b", "width", "height", "frames", "fps", "seconds", "steps",
    "evaluations", "cfg", "sampler", "scheduler", "precision", "cache", "seed",
)  # fmt: skip


def _settings(iteration: IterationPart) -> Row:
    settings = iteration.settings
    row: Row = {name: getattr(settings, name) for name in _SETTINGS}
    row["loras"] = " ".join(
        lora.name if lora.strength is None else f"{lora.name}:{lora.strength!r}"
        for lora in settings.loras
    )
    row["done_steps"] = iteration.done.steps
    row["done_evaluations"] = iteration.done.evaluations
    return row


def _spans(name: str, span: Range | None) -> Row:
    if span is None:
        return dict.fromkeys(_triple(name))
    return dict(zip(_triple(name), (span.best, span.low, span.high), strict=True))


def _factor(used: list[FactorPart]) -> Row:
    """Return the factor's columns; an iteration under several has their names and no number."""
    return {
        "factor_g_per_kwh": used[0].g_per_kwh if len(used) == 1 else None,
        "factor_zone": " + ".join(one.zone for one in used),
        "factor_basis": " + ".join(one.basis.value for one in used),
        "factor_source": " + ".join(one.source for one in used),
        "factor_year": used[0].year if len(used) == 1 else " + ".join(str(f.year) for f in used),
        "factor_licence": " + ".join(one.licence for one in used),
    }


def _triple(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"


COLUMNS = (
    "project", "session", "session_id", "clip",
    "iteration", "iteration_id", "status", "kept", "started_at", "ended_at", "duration_s",
    "source", "where", "provider", "cached", "seconds_used",
    *_SETTINGS, "loras", "done_steps", "done_evaluations",
    "scope", *_triple("energy_wh"), "grade",
    *_triple("host_energy_wh"), "host_grade", *_triple("wall_energy_wh"), "wall_grade",
    *_triple("co2e_g"),
    "factor_g_per_kwh", "factor_zone", "factor_basis", "factor_source", "factor_year",
    "factor_licence", "cost", "currency", "outputs", "prompts", "app_version", "method_version",
)  # fmt: skip
