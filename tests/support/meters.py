"""A meter that does what a test tells it to."""

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device, Reading, SlowField, Wants
from vidgreen_gui.model.units import NS_PER_S


def device(device_id="gpu", *, name=None, has_counter=True, **more):
    return Device(
        id=device_id,
        name=name or device_id.upper(),
        uuid=device_id,
        meter="scripted",
        grade=Grade.MEASURED,
        has_counter=has_counter,
        **more,
    )


class ScriptedMeter:
    """Constant power with an exact counter; `before(device_id, wants)` may raise, move or block.

    `asked` lists (steady ns, device id, wants); `processes` are those on every device.
    """

    name = "scripted"

    def __init__(self, clock, *devices, power_mw=100_000):
        self.clock = clock
        self.devices = devices or (device(),)
        self.power_mw = power_mw
        self.asked = []
        self.before = lambda device_id, wants: None
        self.processes = None
        self._turn = 0

    def open(self):
        return self.devices

    def read(self, device_id, wants):
        self.asked.append((self.clock.steady_ns(), device_id, wants))
        self.before(device_id, wants)
        slow = {}
        if Wants.SLOW in wants:
            self._turn += 1
            slow = {list(SlowField)[self._turn % len(SlowField)].value: 7}
        return Reading(
            power_mw=self.power_mw if Wants.POWER in wants else None,
            energy_mj=(
                self.clock.steady_ns() * self.power_mw // NS_PER_S
                if Wants.COUNTER in wants
                else None
            ),
            processes=self.processes if Wants.PROCESSES in wants else None,
            **slow,
        )

    def close(self):
        pass

    def fail(self, device_id, kind=MeterFaultKind.GPU_LOST):
        """From now on this device answers with a fault."""

        def before(asked_id, wants):
            if asked_id == device_id:
                raise MeterFault(kind, asked_id, "scripted")

        self.before = before

    def mend(self):
        """From now on every device answers."""
        self.before = lambda device_id, wants: None


class TogetherMeter(ScriptedMeter):
    """A scripted meter that reads all its devices in one go.

    `rounds` counts how often it read power so; `asked` and `before` are as for single readings.
    """

    def __init__(self, clock, *devices, **more):
        super().__init__(clock, *devices, **more)
        self.rounds = 0
        self._field = 0

    def together(self, device_ids):
        def read(wants, answers):
            self.rounds += wants is Wants.POWER
            quantity = None
            if wants is Wants.SLOW:
                self._field += 1
                quantity = list(SlowField)[self._field % len(SlowField)]
            for device_id in device_ids:
                try:
                    reading = self.read(device_id, wants)
                except MeterFault as fault:
                    answers.append(fault)
                else:
                    answers.append(
                        {Wants.POWER: reading.power_mw, Wants.COUNTER: reading.energy_mj}.get(
                            wants, 7
                        )
                    )
            return quantity

        return read
