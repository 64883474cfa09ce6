"""What Windows' energy meter interface answers, as laid out in emi.h, and what it means.

All of it is little-endian and packed as C packs it. Version 1 has one channel, version 2 names
several in one answer. Energies are picowatt-hours since some start, times are 100 ns.
"""

import struct
from dataclasses import dataclass
from itertools import islice

VERSION_1 = 1
VERSION_2 = 2
# EMI_VERSION, EMI_METADATA_SIZE and EMI_CHANNEL_MEASUREMENT_DATA.
VERSION = struct.Struct("<H")
METADATA_SIZE = struct.Struct("<I")
MEASUREMENT = struct.Struct("<QQ")
# EMI_METADATA_V1: unit, maker and model of 16 characters each, revision, size of the name.
_METADATA_1 = struct.Struct("<i32s32sHH")
# EMI_METADATA_V2: maker, model, revision, number of channels.
_METADATA_2 = struct.Struct("<32s32sHH")
# EMI_CHANNEL_V2: unit, size of the name in bytes with its end; the next channel follows at once.
_CHANNEL_2 = struct.Struct("<iH")
_PICOWATT_HOURS = 0


@dataclass(frozen=True, slots=True)
class Measurement:
    """One channel's accumulated energy and the meter's own time of it."""

    energy_pwh: int
    t_ns: int


def channel_names(version: int, metadata: bytes) -> tuple[str, ...]:
    """Return the names of the channels in their order; raise ValueError for another layout.

    A channel in another unit than picowatt-hours, of which there is none yet, has an empty name.
    """
    try:
        if version == VERSION_1:
            unit, _, _, _, size = _METADATA_1.unpack_from(metadata)
            return (_name(unit, metadata, _METADATA_1.size, size),)
        if version == VERSION_2:
            return _channel_names_2(metadata)
    except struct.error as error:
        raise ValueError(str(error)) from error
    raise ValueError(f"EMI {version}")


def measurements(data: bytes, channels: int) -> tuple[Measurement, ...]:
    """Return what each channel measured; raise ValueError where some are missing."""
    if len(data) < channels * MEASUREMENT.size:
        raise ValueError(f"{len(data)} B, {channels} EMI channels")
    told = islice(MEASUREMENT.iter_unpack(data[: channels * MEASUREMENT.size]), channels)
    return tuple(Measurement(energy_pwh, 100 * t_100ns) for energy_pwh, t_100ns in told)


def _channel_names_2(metadata: bytes) -> tuple[str, ...]:
    _, _, _, count = _METADATA_2.unpack_from(metadata)
    names = []
    at = _METADATA_2.size
    for _ in range(count):
        unit, size = _CHANNEL_2.unpack_from(metadata, at)
        names.append(_name(unit, metadata, at + _CHANNEL_2.size, size))
        at += _CHANNEL_2.size + size
    return tuple(names)


def _name(unit: int, metadata: bytes, at: int, size: int) -> str:
    if at + size > len(metadata):
        raise ValueError(f"{len(metadata)} B of EMI metadata")
    whole = metadata[at : at + size].decode("utf-16-le", "replace")
    return whole.split("\0", 1)[0] if unit == _PICOWATT_HOURS else ""
