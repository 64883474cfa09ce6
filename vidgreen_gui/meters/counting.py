"""Devices known by energy counters alone: unwrapped totals, and power as what was added since."""

from collections.abc import Sequence

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import Reading, Wants
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S, mj_from_uj, mw_from_uj_ns

# More than any processor or card draws: what a counter adds above it is no energy. 2 kW.
_HIGHEST_UJ_PER_NS = 2
_SLACK_UJ = 1_000_000
# A mean over less says more about the counter's own step, a millisecond, than about the device.
_SHORTEST_NS = 2 * NS_PER_MS
# What has not moved for so long stands still, as some virtual machines' do.
_STILL_NS = 100 * NS_PER_MS
# A mean over more is not the power at its end.
_LONGEST_NS = 3 * NS_PER_S


class CountedDevice:
    """One device whose energy is the sum of some hardware counters, in microjoules.

    `ranges_uj` says where each counter wraps, None for one that never does. Two wraps between two
    looks cannot be told from one, but even 2 kW need half a minute for the smallest range in use
    (65 kJ); where so long has passed the total begins again, which shows as a reset: a gap is
    not guessed at. The same goes for a counter that jumped, as after a suspend.
    """

    def __init__(self, name: str, ranges_uj: Sequence[int | None]) -> None:
        """Take the counters' ranges in the order in which their values will come."""
        self._name = name
        self._ranges_uj = tuple(ranges_uj)
        self._raws_uj: tuple[int, ...] | None = None
        self._raw_t_ns = 0
        self._total_uj = 0
        self._mark: tuple[int, int] | None = None
        self._power_mw: int | None = None

    def forget(self) -> None:
        """Take the next look for the first: what was added until then is not known in time."""
        self._raws_uj = None
        self._mark = None

    def reading(self, t_ns: int, raws_uj: tuple[int, ...], wants: Wants) -> Reading:
        """Return the mean power since power was last asked for, and the total, as `wants` says.

        Raises MeterFault(IMPLAUSIBLE) for counters that stand still.
        """
        self._add(t_ns, raws_uj)
        return Reading(
            power_mw=self._mean_mw(t_ns) if Wants.POWER in wants else None,
            energy_mj=mj_from_uj(self._total_uj) if Wants.COUNTER in wants else None,
        )

    def _add(self, t_ns: int, raws_uj: tuple[int, ...]) -> None:
        before, passed_ns = self._raws_uj, t_ns - self._raw_t_ns
        self._raws_uj, self._raw_t_ns = raws_uj, t_ns
        if before is None:
            self._total_uj = sum(raws_uj)
            return
        most_uj = passed_ns * _HIGHEST_UJ_PER_NS + _SLACK_UJ
        steps_uj = [
            later - earlier if later >= earlier or not wraps_uj else later - earlier + wraps_uj
            for earlier, later, wraps_uj in zip(before, raws_uj, self._ranges_uj, strict=True)
        ]
        ambiguous = any(wraps_uj and most_uj >= wraps_uj for wraps_uj in self._ranges_uj)
        if ambiguous or not all(0 <= step_uj <= most_uj for step_uj in steps_uj):
            self._total_uj = 0
            self._mark = None
        else:
            self._total_uj += sum(steps_uj)

    def _mean_mw(self, t_ns: int) -> int | None:
        mark = self._mark
        if mark is not None and t_ns - mark[0] < _SHORTEST_NS:
            return self._power_mw
        if mark is None or t_ns - mark[0] > _LONGEST_NS:
            self._mark = t_ns, self._total_uj
            self._power_mw = None
            return None
        passed_ns, added_uj = t_ns - mark[0], self._total_uj - mark[1]
        if added_uj == 0:
            if passed_ns < _STILL_NS:
                return self._power_mw
            # Nothing that is switched on draws nothing.
            raise MeterFault(MeterFaultKind.IMPLAUSIBLE, self._name, "0 W")
        self._mark = t_ns, self._total_uj
        self._power_mw = mw_from_uj_ns(added_uj, passed_ns)
        return self._power_mw
