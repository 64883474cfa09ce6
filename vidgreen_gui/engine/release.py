"""When freeing the models is worth offering: measured on this card, paid back by the pause."""

import math
from collections.abc import Iterable
from dataclasses import replace

from vidgreen_gui.engine.freeing import FreedPower, Outcome
from vidgreen_gui.engine.reload import reload_cost
from vidgreen_gui.engine.resting import SERVERS, Resting, is_foreign_busy
from vidgreen_gui.engine.work_state import SourceState, WorkState
from vidgreen_gui.model.events import DeviceUsed
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.learnt import FreedDrop
from vidgreen_gui.model.power import Block, Device, PowerBlock, Sensor, SlowBlock
from vidgreen_gui.model.session import Iteration
from vidgreen_gui.model.units import NS_PER_S, w_from_mw, wh_from_j

OFFER = "engine.free_models"
# It is offered to who left, not between two jobs.
OFFER_AFTER_NS = 300 * NS_PER_S
LEAST_DROP_MW = 2_000
# A pause that has to be longer is nobody's plan.
_LONGEST_PAUSE_MIN = 120


class Release:
    """Follows each card: who holds it, when its models went, what that saved and cost later."""

    def __init__(self, work: WorkState, resting: Resting, known: Iterable[FreedDrop] = ()) -> None:
        self.drops = {drop.device_id: drop for drop in known}
        self._work = work
        self._resting = resting
        self._cards: dict[str, FreedPower] = {}
        self._alive: set[str] = set()
        # Cards on which a server has worked that is still there, and nobody else since.
        self._held: set[str] = set()
        self._firsts: dict[str, str] = {}
        self._cold: set[str] = set()

    def add(self, block: Block, device: Device) -> None:
        """Take samples of a card at rest."""
        card = self._card(device)
        if isinstance(block, PowerBlock):
            card.power(block)
        elif isinstance(block, SlowBlock):
            card.memory(block)

    def asked(self, source_id: str, device: Device, t_ns: int) -> bool:
        """Take note that a source was asked to free its models; return whether a card hears it.

        Where its memory is not told, only one on which that source worked last can have had any.
        """
        card, last = self._card(device), self._resting.last_source.get(device.id)
        hears = last == source_id or (last is None and card.tells_memory)
        if hears:
            card.asked(t_ns)
        return hears

    def look(
        self, at_work: Iterable[tuple[str, Iteration]], now_ns: int
    ) -> tuple[tuple[str, Outcome], ...]:
        """See what disturbs the cards; return the measurements that ended, by device id."""
        for device_id, job in at_work:
            self._note_job(device_id, job)
        alive = {one.found.source_id for one in self._resting.local_sources()}
        gone, self._alive = self._alive - alive, alive
        self._held -= {d for d, source in self._resting.last_source.items() if source in gone}
        disturbed = bool(gone) or self._resting.busy_ns == now_ns
        ended = (
            (device_id, self._ended(device_id, card, now_ns, disturbed=disturbed))
            for device_id, card in self._cards.items()
        )
        return tuple((device_id, outcome) for device_id, outcome in ended if outcome is not None)

    def _ended(
        self, device_id: str, card: FreedPower, now_ns: int, *, disturbed: bool
    ) -> Outcome | None:
        if is_foreign_busy(self._resting.users_of(device_id)):
            # Whose memory comes and goes meanwhile, nobody can tell.
            self._held.discard(device_id)
            disturbed = True
        outcome = card.disturbed(now_ns) if disturbed else card.outcome(now_ns)
        if outcome is None or outcome.asked or self._was_ours(device_id, outcome.held_until_ns):
            return outcome
        card.holds()
        return None

    def measured(self, device_id: str, outcome: Outcome, utc_ns: int) -> FreedDrop | None:
        """Return what is now known of a card; None where the measurement came to nothing."""
        if outcome.drop_mw is None:
            return None
        known = self.drops.get(device_id)
        reload_j, reload_s = (None, None) if known is None else (known.reload_j, known.reload_s)
        self.drops[device_id] = FreedDrop(
            device_id=device_id, drop_mw=outcome.drop_mw, measured_utc_ns=utc_ns,
            reload_j=reload_j, reload_s=reload_s,
        )  # fmt: skip
        return self.drops[device_id]

    def reloaded(self, session: SessionFacts) -> tuple[FreedDrop, ...]:
        """Return what became known of loading again, each time a first job can be compared."""
        found = []
        for device_id, first_id in tuple(self._firsts.items()):
            drop = self.drops.get(device_id)
            cost = reload_cost(first_id, session, self._cold) if drop is not None else None
            if drop is not None and cost is not None:
                drop = replace(drop, reload_j=cost.energy_j, reload_s=cost.seconds)
                self.drops[device_id] = drop
                del self._firsts[device_id]
                found.append(drop)
        return tuple(found)

    def offer(self, device: Device, now_ns: int, utc_ns: int) -> Notice | None:
        """Return the offer to free the models on a card, None while it would not be right.

        It stands where a drop was measured on this card and loading again has its known cost, once
        all has rested for a while, as long as the server that worked last still holds them.
        """
        drop, card = self.drops.get(device.id), self._cards.get(device.id)
        server = self._server_of(device.id)
        if drop is None or card is None or server is None:
            return None
        if card.is_free or device.id not in self._held:
            return None
        users = self._resting.users_of(device.id)
        if not self._resting.is_quiet(now_ns, OFFER_AFTER_NS) or is_foreign_busy(users):
            return None
        if drop.drop_mw.low <= LEAST_DROP_MW or drop.reload_j is None or drop.reload_s is None:
            return None
        pause_min = break_even_min(drop)
        if pause_min is None or pause_min > _LONGEST_PAUSE_MIN:
            return None
        arguments = (
            ("device", device.name),
            ("minutes", pause_min),
            ("mwh", round(1000 * wh_from_j(drop.reload_j.best))),
            ("seconds", round(drop.reload_s)),
            ("source", server.found.source_id),
            ("watts", round(w_from_mw(drop.drop_mw.best))),
        )
        return Notice(OFFER, arguments, utc_ns, severity="info")

    def _was_ours(self, device_id: str, held_until_ns: int) -> bool:
        """Return whether it was a source that let memory go, unless one plainly still holds it.

        Where no process of a source can be told on the card, it is taken to be.
        """
        told = self._work.uses.get(device_id, [])
        before = [source_memory(one) for one in told if one.t_ns <= held_until_ns]
        if not before or not before[-1]:
            return True
        after = source_memory(told[-1])
        return after is not None and 2 * after < before[-1]

    def _server_of(self, device_id: str) -> SourceState | None:
        """Return the server that worked last on a card, None where it is gone or none did."""
        server = self._work.sources.get(self._resting.last_source.get(device_id, ""))
        if server is None or server.found.source_kind not in SERVERS:
            return None
        return server if server.state == "found" else None

    def _note_job(self, device_id: str, job: Iteration) -> None:
        if device_id not in self._held:
            self._held.add(device_id)
            self._cold.add(job.id)
        card = self._cards.get(device_id)
        if card is not None and card.is_free:
            card.holds()
            self._firsts[device_id] = job.id
            self._cold.add(job.id)

    def _card(self, device: Device) -> FreedPower:
        if device.id not in self._cards:
            self._cards[device.id] = FreedPower((device.sensor or Sensor()).gain)
        return self._cards[device.id]


def source_memory(used: DeviceUsed) -> int | None:
    """Return the bytes that sources hold on a device, None where one of them is not told."""
    held = [user.memory_bytes for user in used.users if user.source_id]
    known = [size for size in held if size is not None]
    return sum(known) if len(known) == len(held) else None


def break_even_min(drop: FreedDrop) -> int | None:
    """Return the pause in minutes from which freeing pays off for certain; None where unknown.

    Loading again at its dearest, divided by the drop at its smallest.
    """
    if drop.reload_j is None or drop.drop_mw.low <= 0.0:
        return None
    seconds = drop.reload_j.high / w_from_mw(drop.drop_mw.low)
    return max(1, math.ceil(seconds / 60.0))
