"""Who owns a device's energy: iterations, idle, standby and others, bin by bin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidgreen_gui.accounting.curve import EnergyCurve, Floats, Ints
from vidgreen_gui.model.units import NS_PER_S

# Stored with every attributed energy; a change of the rules below is a new number.
METHOD_VERSION = 1
STANDBY_AFTER_NS = 20 * 60 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which `owner` runs on the device; `parent` is the owner it is nested in."""

    owner: str
    start_ns: int
    end_ns: int
    parent: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Joules per bin; `energy_j` and `owner_gap_s` float64[owners, bins], all others float64[bins].

    The law: the owners' sum + other + idle + standby = total. Energy in gaps is in none of
    them; `gap_s` are the seconds of each bin without samples, split as energy is: the owners'
    + those in which none ran, `free_gap_s`.
    """

    owners: tuple[str, ...]
    energy_j: Floats
    idle_j: Floats
    standby_j: Floats
    other_j: Floats
    total_j: Floats
    gap_s: Floats
    owner_gap_s: Floats
    free_gap_s: Floats


def attribute(
    curve: EnergyCurve,
    windows: Sequence[Window],
    edges_ns: npt.ArrayLike,
    *,
    standby_after_ns: int = STANDBY_AFTER_NS,
    last_job_end_ns: int | None = None,
    shares: Mapping[str, float] | None = None,
) -> Attribution:
    """Return who owns what between each two neighbours of `edges_ns` (ascending, at least two).

    In each instant the device's power is split equally among those running, or by `shares`
    (relative utilisation by owner) where every one running has a share. An owner nested in
    another owns its time alone: the parent gets what is left. With none running it is idle, and
    standby from `standby_after_ns` after the last end: of a window, of `last_job_end_ns`, or
    else from the first edge on.
    """
    edges = np.asarray(edges_ns, dtype=np.int64)
    start = np.array([window.start_ns for window in windows], dtype=np.int64)
    end = np.maximum(start, np.array([window.end_ns for window in windows], dtype=np.int64))
    free_from = _ends_of_work(start, end)
    before = int(edges[0]) if last_job_end_ns is None else last_job_end_ns
    standby_from = np.append(free_from, before) + standby_after_ns
    start, end, standby_from = (
        np.clip(times, edges[0], edges[-1]) for times in (start, end, standby_from)
    )
    cuts = np.unique(np.concatenate((edges, start, end, standby_from)))
    piece_j = curve.energy_j(cuts[:-1], cuts[1:])
    piece_bin = np.searchsorted(edges, cuts[:-1], side="right") - 1

    owners = tuple(dict.fromkeys(window.owner for window in windows))
    owner, piece = _running(windows, owners, np.searchsorted(cuts, start),
                            np.searchsorted(cuts, end), len(piece_j))  # fmt: skip
    bins = len(edges) - 1
    part = _split(owner, piece, owners, shares, len(piece_j))
    place = owner * bins + piece_bin[piece]
    energy_j = _summed(place, piece_j[piece] * part, len(owners) * bins)
    piece_gap_s = curve.gap_s(cuts[:-1], cuts[1:])
    owner_gap_s = _summed(place, piece_gap_s[piece] * part, len(owners) * bins)
    free = np.bincount(piece, minlength=len(piece_j)) == 0
    idle_since = np.append(before, free_from)[np.searchsorted(free_from, cuts[:-1], side="right")]
    if last_job_end_ns is not None:
        idle_since = np.maximum(idle_since, last_job_end_ns)
    standby = cuts[:-1] - idle_since >= standby_after_ns
    return Attribution(
        owners=owners,
        energy_j=energy_j.reshape(len(owners), bins),
        idle_j=_summed(piece_bin, piece_j * (free & ~standby), bins),
        standby_j=_summed(piece_bin, piece_j * (free & standby), bins),
        other_j=np.zeros(bins),
        total_j=curve.energy_j(edges[:-1], edges[1:]),
        gap_s=_summed(piece_bin, piece_gap_s, bins),
        owner_gap_s=owner_gap_s.reshape(len(owners), bins),
        free_gap_s=_summed(piece_bin, piece_gap_s * free, bins),
    )


def _ends_of_work(start: Ints, end: Ints) -> Ints:
    """Return when the device became free: the ends of the windows' union, ascending."""
    order = np.argsort(start, kind="stable")
    latest = np.maximum.accumulate(end[order])
    followed = np.append(start[order][1:] > latest[:-1], True)[: len(latest)]
    ends: Ints = latest[followed]
    return ends


def _running(
    windows: Sequence[Window], owners: tuple[str, ...], first: Ints, stop: Ints, pieces: int
) -> tuple[Ints, Ints]:
    """Return pairs (owner index, piece index): who owns in which piece, each pair once."""
    index = {name: position for position, name in enumerate(owners)}
    count = stop - first
    of_window = np.array([index[window.owner] for window in windows], dtype=np.int64)
    owner = np.repeat(of_window, count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    key = np.unique(owner * pieces + np.repeat(first, count) + within)
    parents = {w.owner: w.parent for w in windows if w.parent in index}
    covered = [np.empty(0, dtype=np.int64)]
    for child in parents:
        own = key[np.searchsorted(key, index[child] * pieces):
                  np.searchsorted(key, (index[child] + 1) * pieces)]  # fmt: skip
        covered += [
            own + (index[ancestor] - index[child]) * pieces
            for ancestor in _ancestors(child, parents)
        ]
    key = key[~np.isin(key, np.concatenate(covered))]
    return key // max(pieces, 1), key % max(pieces, 1)


def _ancestors(child: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return the owners `child` is nested in; none when the links run in a circle."""
    chain: list[str] = []
    name = parents.get(child)
    while name is not None:
        if name == child or name in chain:
            return []
        chain.append(name)
        name = parents.get(name)
    return chain


def _split(
    owner: Ints,
    piece: Ints,
    owners: tuple[str, ...],
    shares: Mapping[str, float] | None,
    pieces: int,
) -> Floats:
    """Return the part of its piece that each pair gets; the parts of a piece sum to 1."""
    running = np.bincount(piece, minlength=pieces)
    equal = 1.0 / running[piece]
    if shares is None:
        return equal
    weight = np.array([shares.get(name, np.nan) for name in owners], dtype=np.float64)[owner]
    together = np.bincount(piece, weights=weight, minlength=pieces)[piece]
    known = together > 0.0
    return np.where(known, weight / np.where(known, together, 1.0), equal)


def _summed(index: Ints, weight: Floats, length: int) -> Floats:
    return np.bincount(index, weights=weight, minlength=length).astype(np.float64)
