"""What a generation will draw and last on a card: counted operations times the card's rate."""

from dataclasses import dataclass

from vidgreen_gui.advice.cards import GpuCard
from vidgreen_gui.advice.cost import generation_cost
from vidgreen_gui.model.advice import Estimate
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.footprint import Grade, Range
from vidgreen_gui.model.settings import Settings
from vidgreen_gui.model.units import g_from_wh, w_from_wh, wh_from_j

# Median of 12 published H100 runs, 3 laboratories, 7 models (ML.ENERGY v3, arXiv 2509.19222 and
# its raw data), counted by `cost`: 11 within 14 %, the worst 25 %. Without the VAE it is 2.28.
HOPPER_J_PER_TFLOP = 2.12
# Mean power of the same runs over the 700 W limit: 591 to 692 W.
HOPPER_POWER_SHARE = 0.94
# Sustained rate as a share of dense BF16 where only times are published: RTX 4090 0.59 and 0.66,
# RTX 5090 0.55 and 0.73, A800 0.52 to 0.63; an H100's tensor cores wait, at 0.35.
SUSTAINED_SHARE = 0.60
SUSTAINED_SHARE_BIG = 0.35
POWER_SHARE = 0.90
# FP8 weights where tensor cores take them, time against BF16 (LightX2V README, per step: 3.13 to
# 2.35 s on the RTX 4090 D, 0.39 to 0.35 s on the H100).
FP8_TIME = 0.75
FP8_TIME_HOPPER = 0.90
_FP8_ARCHITECTURES = frozenset({"Ada", "Hopper", "Blackwell"})
# 80 % bands: a published constant, a card nobody measured, a model nobody here knows.
BAND_PUBLISHED = 0.20
BAND_UNCALIBRATED = 0.35
BAND_UNKNOWN_MODEL = 0.60
# A board does not draw more than its limit and a sensor's error: whoever says so is wrong.
PLAUSIBLE_POWER_SHARE = 1.05


@dataclass(frozen=True, slots=True)
class Rate:
    """How a card works: joules per TFLOP and sustained TFLOP/s; `band` is half the 80 % width."""

    j_per_tflop: float
    tflop_per_s: float
    band: float
    basis: str


def rate_of(card: GpuCard, precision: str | None = None) -> Rate:
    """Return the rate a card is expected to have before it was ever measured.

    Weights in FP8 are faster where the card computes in FP8; other precisions save memory alone.
    """
    hopper = card.arch == "Hopper" or card.name.startswith("B200")
    if hopper:
        # Per joule a B200 does 4 % more than an H100 (ML.ENERGY, matched latency): the same here.
        power_w = HOPPER_POWER_SHARE * card.tdp_w
        rate = power_w / HOPPER_J_PER_TFLOP
    else:
        power_w = POWER_SHARE * card.tdp_w
        wide = card.segment == "consumer" or card.arch == "Ampere GA100"
        rate = (SUSTAINED_SHARE if wide else SUSTAINED_SHARE_BIG) * card.bf16_tflop_per_s
    if precision and precision.startswith("fp8") and card.arch in _FP8_ARCHITECTURES:
        rate /= FP8_TIME_HOPPER if hopper else FP8_TIME
    elif card.name.startswith("H100 SXM"):
        return Rate(power_w / rate, rate, BAND_PUBLISHED, "advice.basis.published")
    return Rate(power_w / rate, rate, BAND_UNCALIBRATED, "advice.basis.physics")


def is_plausible(energy_wh: float, duration_s: float, limit_w: float) -> bool:
    """Return whether a card of that limit can draw so much in that time."""
    return w_from_wh(energy_wh, duration_s) <= PLAUSIBLE_POWER_SHARE * limit_w


def estimate(
    settings: Settings,
    card: GpuCard,
    factor_g_per_kwh: float | None = None,
    calibration: Rate | None = None,
) -> Estimate:
    """Return the energy, time and CO2e expected on `card`, ranges at 80 %.

    `calibration` is the rate that the user's own runs showed. A model that is not known is
    taken for its nearest relative, with a wider range. Raise InputFault where the settings
    lack a size, a length or steps.
    """
    cost = generation_cost(settings)
    if cost is None:
        raise InputFault("fault.estimate.incomplete", missing=", ".join(_missing(settings)))
    rate = calibration or rate_of(card, settings.precision)
    limit_w = PLAUSIBLE_POWER_SHARE * (card.max_limit_w or card.tdp_w)
    band = rate.band if cost.exact else max(rate.band, BAND_UNKNOWN_MODEL)
    seconds = cost.tflop / rate.tflop_per_s
    joules = min(cost.tflop * rate.j_per_tflop, limit_w * seconds)
    energy_wh = _banded(wh_from_j(joules), band)
    return Estimate(
        model=settings.model,
        family=cost.architecture.family,
        gpu=card.name,
        settings=settings,
        tflop=cost.tflop,
        energy_wh=energy_wh,
        duration_s=_banded(seconds, band),
        grade=Grade.MODEL if cost.exact else Grade.NEAREST,
        basis=rate.basis if cost.exact else "advice.basis.nearest",
        co2e_g=None
        if factor_g_per_kwh is None
        else energy_wh.scaled(g_from_wh(1.0, factor_g_per_kwh)),
    )


def _banded(best: float, band: float) -> Range:
    return Range(best, best * (1 - band), best * (1 + band))


def _missing(settings: Settings) -> list[str]:
    wanted = {
        "width": settings.width, "height": settings.height, "frames": settings.frames,
        "steps": settings.evaluations or settings.steps,
    }  # fmt: skip
    return [name for name, value in wanted.items() if not value] or ["steps"]
