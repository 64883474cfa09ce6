"""Every unit conversion of the project, in one place."""

from datetime import UTC, datetime, timedelta

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_HALF_HOUR = 1800 * NS_PER_S
J_PER_WH = 3600.0
WH_PER_KWH = 1000.0
# A milliwatt for a nanosecond is a picojoule.
J_PER_MW_NS = 1e-12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ns_from_s(seconds: float) -> int:
    """Return `seconds` as whole nanoseconds."""
    return round(seconds * NS_PER_S)


def s_from_ns(nanoseconds: float) -> float:
    """Return `nanoseconds` as seconds."""
    return nanoseconds / NS_PER_S


def ns_from_ms(milliseconds: float) -> int:
    """Return `milliseconds` as whole nanoseconds."""
    return round(milliseconds * NS_PER_MS)


def ms_from_ns(nanoseconds: float) -> float:
    """Return `nanoseconds` as milliseconds."""
    return nanoseconds / NS_PER_MS


def w_from_mw(milliwatts: float) -> float:
    """Return `milliwatts` as watts."""
    return milliwatts / 1000.0


def mw_from_w(watts: float) -> int:
    """Return `watts` as whole milliwatts."""
    return round(watts * 1000.0)


def j_from_mj(millijoules: float) -> float:
    """Return `millijoules` as joules."""
    return millijoules / 1000.0


def mj_from_uj(microjoules: int) -> int:
    """Return `microjoules` as whole millijoules, rounded down as a counter is."""
    return microjoules // 1000


def mw_from_uw(microwatts: int) -> int:
    """Return `microwatts` as whole milliwatts."""
    return round(microwatts / 1000)


def c_from_mc(millidegrees: int) -> int:
    """Return thousandths of a degree Celsius as whole degrees."""
    return round(millidegrees / 1000)


def mw_from_uj_ns(microjoules: int, nanoseconds: int) -> int:
    """Return the mean power of `microjoules` over `nanoseconds` as whole milliwatts."""
    return round(microjoules * 1_000_000 / nanoseconds)


def uj_from_pwh(picowatt_hours: int) -> int:
    """Return `picowatt_hours` as whole microjoules: one is 3.6 nanojoules."""
    return picowatt_hours * 36 // 10_000


def wh_from_j(joules: float) -> float:
    """Return `joules` as watt-hours."""
    return joules / J_PER_WH


def j_from_wh(watt_hours: float) -> float:
    """Return `watt_hours` as joules."""
    return watt_hours * J_PER_WH


def g_from_wh(watt_hours: float, carbon_intensity_g_per_kwh: float) -> float:
    """Return the grams of CO2e of `watt_hours` at that carbon intensity."""
    return watt_hours / WH_PER_KWH * carbon_intensity_g_per_kwh


def money_from_wh(watt_hours: float, price_per_kwh: float) -> float:
    """Return what `watt_hours` cost, in the currency of `price_per_kwh`."""
    return watt_hours / WH_PER_KWH * price_per_kwh


def w_from_wh(watt_hours: float, seconds: float) -> float:
    """Return the mean power in watts of `watt_hours` spent over `seconds`."""
    return watt_hours * 3600.0 / seconds


def w_from_j(joules: float, seconds: float) -> float:
    """Return the mean power in watts of `joules` spent over `seconds`."""
    return joules / seconds


def datetime_from_utc_ns(utc_ns: int) -> datetime:
    """Return UTC nanoseconds since 1970 as a date and time in UTC, to the microsecond below."""
    return _EPOCH + timedelta(microseconds=utc_ns // 1000)


def utc_ns_from_datetime(moment: datetime) -> int:
    """Return a date and time with a zone as UTC nanoseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
