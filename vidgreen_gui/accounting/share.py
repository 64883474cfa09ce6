"""Who owns a device's energy: iterations, idle, standby and others, bin by bin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vidgreen_gui.accounting.curve import EnergyCurve, Floats, Ints, merged
from vidgreen_gui.model.units import NS_PER_S

# Stored with every attributed energy; a change of the rules below is a new number.
METHOD_VERSION = 2
STANDBY_AFTER_NS = 20 * 60 * NS_PER_S
# Busy time is not power: of two programs side by side one may draw far more. Between nothing of the
# smaller part and twice of it lies what that part can be, so half of it to either side at 95 %.
_SHARED_DOUBT = 0.5


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which `owner` runs on the device; `parent` is the owner it is nested in.

    Its ends may be off by `clock_bound_ns`.
    """

    owner: str
    start_ns: int
    end_ns: int
    parent: str | None = None
    clock_bound_ns: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """Who keeps a device busy from `t_ns` until the next such use.

    `foreign`, 0 to 1, is the part of its busy time that processes of nobody's job have;
    `by_owner` the relative utilisation of the owners, which divide the rest by it.
    """

    t_ns: int
    foreign: float = 0.0
    by_owner: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Joules per bin. `energy_j`, `owner_gap_s`, `shared_j`: float64[owners, bins]; others: [bins].

    The law: the owners' sum + other + idle + standby = total. Energy in gaps is in none of
    them; `gap_s` are the seconds of each bin without samples, split as energy is: the owners'
    + those in which none ran, `free_gap_s`. `shared_j` and `other_shared_j` are by how much
    foreign processes leave a part open, half width at 95 %; an equal split between iterations
    is what was agreed on, no error.
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
    shared_j: Floats
    other_shared_j: Floats


def attribute(
    curve: EnergyCurve,
    windows: Sequence[Window],
    edges_ns: npt.ArrayLike,
    *,
    standby_after_ns: int = STANDBY_AFTER_NS,
    last_job_end_ns: int | None = None,
    uses: Sequence[Use] = (),
) -> Attribution:
    """Return who owns what between each two neighbours of `edges_ns` (ascending, at least two).

    In each instant others get the foreign part of the device's power, by `uses` (ascending). The
    rest is split equally among those running, or by utilisation where that of every one running
    is known. An owner nested in another owns its time alone: the parent gets what is left. With
    none running all is the others' where there is foreign use; else it is idle, and standby from
    `standby_after_ns` after the last end: of a window, of `last_job_end_ns`, or else from the
    first edge on.
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
    use_t = np.array([use.t_ns for use in uses], dtype=np.int64)
    seen = use_t[(use_t > edges[0]) & (use_t < edges[-1])]
    cuts = merged(edges, start, end, standby_from, seen)
    piece_j = curve.energy_between_j(cuts)
    piece_bin = np.searchsorted(edges, cuts[:-1], side="right") - 1

    owners = tuple(dict.fromkeys(window.owner for window in windows))
    owner, piece = _running(windows, owners, np.searchsorted(cuts, start),
                            np.searchsorted(cuts, end), len(piece_j))  # fmt: skip
    bins = len(edges) - 1
    use = np.searchsorted(use_t, cuts[:-1], side="right") - 1
    part = _split(owner, piece, owners, uses, use)
    place = owner * bins + piece_bin[piece]
    free = np.bincount(piece, minlength=len(piece_j)) == 0
    foreign = np.array([*(use.foreign for use in uses), 0.0])[use]
    foreign = np.where(free & (foreign > 0.0), 1.0, foreign)
    ours_j = piece_j * (1.0 - foreign)
    open_j = _SHARED_DOUBT * piece_j * np.minimum(foreign, 1.0 - foreign)
    energy_j = _summed(place, ours_j[piece] * part, len(owners) * bins)
    piece_gap_s = curve.gap_s(cuts[:-1], cuts[1:])
    owner_gap_s = _summed(place, piece_gap_s[piece] * part, len(owners) * bins)
    idle_since = np.append(before, free_from)[np.searchsorted(free_from, cuts[:-1], side="right")]
    if last_job_end_ns is not None:
        idle_since = np.maximum(idle_since, last_job_end_ns)
    standby = cuts[:-1] - idle_since >= standby_after_ns
    return Attribution(
        owners=owners,
        energy_j=energy_j.reshape(len(owners), bins),
        idle_j=_summed(piece_bin, ours_j * (free & ~standby), bins),
        standby_j=_summed(piece_bin, ours_j * (free & standby), bins),
        other_j=_summed(piece_bin, piece_j * foreign, bins),
        total_j=curve.energy_between_j(edges),
        gap_s=_summed(piece_bin, piece_gap_s, bins),
        owner_gap_s=owner_gap_s.reshape(len(owners), bins),
        free_gap_s=_summed(piece_bin, piece_gap_s * free, bins),
        shared_j=_summed(place, open_j[piece] * part, len(owners) * bins).reshape(-1, bins),
        other_shared_j=_summed(piece_bin, open_j, bins),
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
    key = merged(owner * pieces + np.repeat(first, count) + within)
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
    owner: Ints, piece: Ints, owners: tuple[str, ...], uses: Sequence[Use], use: Ints
) -> Floats:
    """Return the part of its piece that each pair gets; the parts of a piece sum to 1.

    `use` is the index of each piece's use, -1 before the first.
    """
    equal: Floats = 1.0 / np.bincount(piece, minlength=len(use))[piece]
    index = {name: position for position, name in enumerate(owners)}
    told = {
        number * len(owners) + index[name]: utilisation
        for number, one in enumerate(uses)
        for name, utilisation in one.by_owner.items()
        if name in index
    }
    if not told:
        return equal
    key = np.array(sorted(told), dtype=np.int64)
    wanted = use[piece] * len(owners) + owner
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    utilisation = np.array([told[one] for one in key.tolist()], dtype=np.float64)[at]
    weight = np.where(key[at] == wanted, utilisation, np.nan)
    together = np.bincount(piece, weights=weight, minlength=len(use))[piece]
    known = together > 0.0
    return np.where(known, weight / np.where(known, together, 1.0), equal)


def _summed(index: Ints, weight: Floats, length: int) -> Floats:
    return np.bincount(index, weights=weight, minlength=length).astype(np.float64)
