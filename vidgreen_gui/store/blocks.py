"""Packs columns of 64-bit integers into few bytes, losslessly.

A column is taken as it is or as the steps between neighbours, whichever comes out smaller; less
the smallest value and divided by the greatest common divisor, it is cut into byte planes (all
low bytes first), and those that are not zero throughout are deflated, each with Huffman codes of
its own. A constant column or a regular grid costs nothing, noise costs its entropy.
"""

import zlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]

# One packed column: is it steps, first value, smallest, divisor, planes kept, deflated planes.
_Packed = tuple[bool, int, int, int, int, bytes]

# Differences wrap modulo 2**64, so that any column of int64 comes back exactly.
_MODULUS = 2**64
_unpacker = msgspec.msgpack.Decoder(list[_Packed])


def encode(columns: Sequence[Column]) -> bytes:
    """Return the columns, all of the same length and none empty, as one payload."""
    return msgspec.msgpack.encode([_pack(column) for column in columns])


def decode(payload: bytes, n: int) -> tuple[Column, ...]:
    """Return the columns of length `n` that `encode` packed.

    The payload's checksum must have been verified before: what is not ours raises anything.
    """
    return tuple(_unpack(packed, n) for packed in _unpacker.decode(payload))


def encode_samples(t_ns: Column, value: Column, period_ns: Column) -> bytes:
    """Return samples as one payload; times as ticks of the shortest period and what is left."""
    since = t_ns - t_ns[0]
    period = int(period_ns.min())
    ticks = (since + period // 2) // period
    return encode((ticks, since - ticks * period, value, period_ns))


def decode_samples(payload: bytes, n: int, t0_ns: int) -> tuple[Column, Column, Column]:
    """Return times, values and periods of the `n` samples, first at `t0_ns`, of a payload."""
    ticks, rest, value, period_ns = decode(payload, n)
    return t0_ns + ticks * period_ns.min() + rest, value, period_ns


def encode_few(t_ns: Column, value: Column, period_ns: Column) -> bytes:
    """Return few samples as they are: packing them would cost more than it saves."""
    return np.concatenate((t_ns, value, period_ns)).astype("<i8", copy=False).tobytes()


def decode_few(payload: bytes) -> tuple[Column, Column, Column]:
    """Return the times, values and periods of the samples that `encode_few` wrote."""
    t_ns, value, period_ns = np.frombuffer(payload, dtype="<i8").reshape(3, -1).astype(np.int64)
    return t_ns, value, period_ns


def _pack(column: Column) -> _Packed:
    plain = np.ascontiguousarray(column, dtype=np.int64).view(np.uint64)
    as_is = _deflated(plain)
    steps = _deflated(np.diff(plain))
    if len(as_is[-1]) <= len(steps[-1]):
        return (False, 0, *as_is)
    return (True, int(plain[0]), *steps)


def _deflated(values: NDArray[np.uint64]) -> tuple[int, int, int, bytes]:
    if not len(values):
        return 0, 1, 0, b""
    smallest = values.view(np.int64).min().view(np.uint64)
    rest = values - smallest
    divisor = int(np.gcd.reduce(rest)) or 1
    if divisor > 1:
        rest //= np.uint64(divisor)
    planes = (int(rest.max()).bit_length() + 7) // 8
    cut = rest.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)[:, :planes].T
    deflater = zlib.compressobj(1, zlib.DEFLATED, -15, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    parts: list[bytes] = []
    for plane in cut:
        parts += (deflater.compress(plane.tobytes()), deflater.flush(zlib.Z_BLOCK))
    stream = b"".join((*parts, deflater.flush())) if planes else b""
    return int(smallest), divisor, planes, stream


def _unpack(packed: _Packed, n: int) -> Column:
    is_steps, first, smallest, divisor, planes, stream = packed
    n_rest = n - 1 if is_steps else n
    rest: NDArray[Any] = np.full(n_rest, smallest, dtype=np.uint64)
    if planes:
        cut = np.frombuffer(zlib.decompress(stream, -15), dtype=np.uint8)
        whole = np.zeros((n_rest, 8), dtype=np.uint8)
        whole[:, :planes] = cut.reshape(planes, n_rest).T
        rest += whole.view("<u8").ravel() * np.uint64(divisor)
    if not is_steps:
        return rest.view(np.int64)
    values = np.empty(n, dtype=np.uint64)
    values[0] = first
    values[1:] = rest
    return np.cumsum(values, dtype=np.uint64).view(np.int64)
