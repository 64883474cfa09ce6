"""Graphics cards: rows of a table, and which of them a driver's name means."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vidgreen_gui.model.footprint import Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuCard:
    """One card: board power in watts, dense BF16 TFLOP/s with FP32 accumulation, None if unknown.

    `idle_w` is without a job and without a context. `grade` is `MODEL` where figures are recalled.
    """

    name: str
    segment: str
    arch: str
    tdp_w: float
    memory_gb: float
    bf16_tflop_per_s: float
    min_limit_w: float | None
    max_limit_w: float | None
    idle_w: float | None
    source: str
    year: int
    licence: str
    grade: Grade


def parse_cards(rows: Iterable[Mapping[str, str]]) -> tuple[GpuCard, ...]:
    """Return the cards of a table's rows, named by its header; raise KeyError or ValueError."""
    return tuple(
        GpuCard(
            name=row["gpu"],
            segment=row["segment"],
            arch=row["arch"],
            tdp_w=float(row["tdp_w"]),
            memory_gb=float(row["mem_gb"]),
            bf16_tflop_per_s=float(row["bf16_dense_tflops"]),
            min_limit_w=_number(row["min_limit_w"]),
            max_limit_w=_number(row["max_limit_w_high"] or row["max_limit_w"]),
            idle_w=_number(row["idle_w"]),
            source=row["source"],
            year=int(row["year"]),
            licence=row["licence"],
            grade=Grade(row["grade"]),
        )
        for row in rows
    )


def find_card(
    cards: Iterable[GpuCard], name: str, memory_bytes: int | None = None
) -> GpuCard | None:
    """Return the card that NVML, PyTorch or ComfyUI calls `name`, None where none is meant.

    "cuda:0 NVIDIA GeForce RTX 4090 : native" is the RTX 4090, and never the RTX 4090 D or the
    laptop's. Of several sizes of memory the one in the name or nearest to `memory_bytes` is it.
    """
    asked = _words(name)
    best: tuple[tuple[float, float], GpuCard] | None = None
    for card in cards:
        words = _words(card.name)
        core = words - _KINDS - _FORMS - _BRANDS - _sizes(words)
        if (
            not core <= asked
            or words & _KINDS != asked & _KINDS
            or _differ(words & _FORMS, asked & _FORMS)
            or _differ(_sizes(words), _sizes(asked))
        ):
            continue
        memory_gb = memory_bytes / 2**30 if memory_bytes else card.memory_gb
        rank = (-len(core), abs(card.memory_gb - memory_gb))
        if best is None or rank < best[0]:
            best = rank, card
    return None if best is None else best[1]


# What makes another card of the same number.
_KINDS = frozenset({"ti", "super", "d", "laptop", "maxq", "server", "ada"})
_FORMS = frozenset({"pcie", "sxm", "nvl"})
# What drivers leave out of a name.
_BRANDS = frozenset({"geforce", "rtx", "tesla", "instinct", "hgx", "workstation"})


def _words(name: str) -> frozenset[str]:
    """Return the words of a name as both sides write them: "4090D" and "80 GB" too."""
    plain = re.sub(r"max-?q", "maxq", name.lower()).replace("rtx", "rtx ")
    plain = re.sub(r"sxm\d", "sxm", plain)
    plain = re.sub(r"(\d{4})(d|ti|super)\b", r"\1 \2", plain)
    plain = re.sub(r"(\d)\s+gb\b", r"\1gb", plain)
    # NVML names the H100 of the SXM form by its memory alone: "NVIDIA H100 80GB HBM3".
    plain = re.sub(r"h100 80gb hbm3", "h100 sxm 80gb", plain)
    return frozenset(re.findall(r"[a-z0-9]+", plain))


def _sizes(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if re.fullmatch(r"\d+gb", word))


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and one != other)


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
