"""Plug meters: Shelly and Tasmota over real sockets, and whatever else may answer there."""

import socket
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest
from support.fake_plug import ShellyGen1, ShellyGen2, Tasmota

from vidgreen_gui.contract.clock import ManualClock
from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.meters.plug import PlugMeter
from vidgreen_gui.meters.plug_address import PlugAddress, parse_plug_address
from vidgreen_gui.meters.plug_form import PlugFault
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import DeviceKind, Reading, Wants
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.system.resources import load_texts

HTML = b"<!doctype html><html><title>Please log in</title></html>"
BOTH = Wants.POWER | Wants.COUNTER


@pytest.fixture
def clock():
    return ManualClock()


@contextmanager
def metering(*plugs, clock, addresses=None, patience_s=1.0):
    """Run the plugs and an opened meter over them; yield the meter and its devices."""
    with ExitStack() as running:
        for plug in plugs:
            running.enter_context(plug.running())
        meter = PlugMeter(addresses or [plug.address for plug in plugs], clock,
                          patience_s=patience_s)  # fmt: skip
        running.callback(meter.close)
        yield meter, meter.open()


def sentence(fault):
    said = {load_texts(language).fault(fault) for language in ("en", "fr")}
    assert len(said) == 2
    return load_texts("en").fault(fault)


# ---- what each kind of plug says


class PM1(ShellyGen2):
    @property
    def components(self):
        return {"pm1:0": {name: value for name, value in self.switch.items() if name != "output"}}


class EM1(ShellyGen2):
    @property
    def components(self):
        return {"em1:0": {"id": 0, "current": 0.5, "voltage": 231.0, "act_power": self.watts,
                          "aprt_power": 130.0, "pf": 0.9, "freq": 50.0},
                "em1data:0": {"id": 0, "total_act_energy": 2776.77}}  # fmt: skip


class EM(ShellyGen2):
    @property
    def components(self):
        return {"em:0": {"id": 0, "a_act_power": 1.0, "total_act_power": self.watts}}


class FineTasmota(Tasmota):
    decimals = 5


class MeteredEM(ShellyGen1):
    type = "SHEM"
    num_meters = 0
    emeters = 1


@pytest.mark.parametrize(
    ("kind", "generation", "counts"),
    [
        (ShellyGen1, "Shelly 1", False),
        (MeteredEM, "Shelly 1", False),
        (ShellyGen2, "Shelly 2", True),
        (PM1, "Shelly 2", True),
        (EM1, "Shelly 2", False),
        (EM, "Shelly 2", False),
        (Tasmota, "Tasmota", False),
        (FineTasmota, "Tasmota", True),
    ],
)
def test_a_plug_is_recognised_and_read(clock, kind, generation, counts):
    plug = kind(power_w=118.4, clock=clock)
    with metering(plug, clock=clock) as (meter, (device,)):
        assert (device.id, device.uuid) == ("plug-aabbccddeeff", "aabbccddeeff")
        assert (device.name, device.kind, device.grade) == ("Desk", DeviceKind.WALL, Grade.MEASURED)
        assert (device.architecture, device.has_counter) == (generation, counts)
        assert (device.sampling_ns, device.is_slow) == (NS_PER_S, True)
        assert device.sensor.gain == 0.02
        asked = len(plug.asked)
        first = meter.read(device.id, BOTH)
        assert first.power_mw == 118_400
        clock.advance(10)
        second = meter.read(device.id, BOTH)
        assert len(plug.asked) == asked + 2
        if counts:
            # 1184 J, to the resolution of the counter.
            assert second.energy_mj - first.energy_mj == pytest.approx(1_184_000, abs=40_000)
        else:
            assert second.energy_mj is None
        assert meter.read(device.id, Wants.SLOW) == Reading()
        assert len(plug.asked) == asked + 2


def test_without_a_name_of_its_own_a_plug_is_called_by_model_and_address(clock):
    plugs = [ShellyGen1(name=None, mac="AABBCC000001"), ShellyGen2(name=None, mac="AABBCC000002"),
             Tasmota(name="", mac="AABBCC000003")]  # fmt: skip
    with metering(*plugs, clock=clock) as (_, devices):
        names = [device.name for device in devices]
    assert names == ["Shelly SHPLG-S 000001", "Shelly PlusPlugS 000002", "Tasmota 000003"]


class Strip(ShellyGen2):
    @property
    def components(self):
        other = self.switch | {"id": 1, "apower": 40.0}
        return {"switch:0": self.switch, "switch:1": other}


class TasmotaStrip(Tasmota):
    extra_w = (40.0,)


class TwoClamps(MeteredEM):
    emeters = 2


@pytest.mark.parametrize(
    ("kind", "second_w"), [(Strip, 40.0), (TasmotaStrip, 40.0), (TwoClamps, 218.4)]
)
def test_of_several_sockets_one_must_be_named(clock, kind, second_w):
    plug = kind(power_w=118.4)
    with metering(plug, clock=clock) as (meter, devices):
        assert devices == ()
        assert f"such as {plug.address}/1" in sentence(meter.skipped[0])
        named = [f"{plug.address}/2", f"{plug.address}/3"]
        with PlugMeterAt(named, clock) as (other, (device,)):
            assert device.id == "plug-aabbccddeeff-2"
            assert other.read(device.id, Wants.POWER).power_mw == round(second_w * 1000)
            assert "fewer sockets" in sentence(other.skipped[0])


@contextmanager
def PlugMeterAt(addresses, clock):
    meter = PlugMeter(addresses, clock, patience_s=1.0)
    try:
        yield meter, meter.open()
    finally:
        meter.close()


# ---- what else may answer


def relay_only(plug):
    plug.type, plug.num_meters = "SHSW-1", 0


def not_metered(plug):
    bare = {name: value for name, value in plug.switch.items() if name != "apower"}
    plug.answers["/rpc/Shelly.GetStatus"] = {"switch:0": bare}


def everything(plug, answer):
    plug.says = lambda route: answer


@pytest.mark.parametrize(
    ("plug", "change", "says"),
    [
        (ShellyGen1(), relay_only, "does not measure power"),
        (ShellyGen2(), not_metered, "does not measure power"),
        (Tasmota(), lambda p: setattr(p, "metering", False), "does not measure power"),
        (ShellyGen1(), lambda p: setattr(p, "auth", True), "asks for a password"),
        (ShellyGen2(), lambda p: setattr(p, "auth", True), "asks for a password"),
        (ShellyGen2(), lambda p: everything(p, 401), "asks for a password"),
        (Tasmota(), lambda p: setattr(p, "password", True), "asks for a password"),
        (ShellyGen2(), lambda p: setattr(p, "is_on", False), "switched off"),
        (ShellyGen1(), lambda p: setattr(p, "is_on", False), "switched off"),
        (Tasmota(), lambda p: setattr(p, "is_on", False), "switched off"),
        (ShellyGen2(), lambda p: everything(p, HTML), "web page"),
        (ShellyGen2(), lambda p: everything(p, 404), "no Shelly and no Tasmota"),
        (ShellyGen2(), lambda p: everything(p, {"hello": "world"}), "no Shelly and no Tasmota"),
        (ShellyGen2(), lambda p: everything(p, {"Command": "Unknown"}), "no Shelly"),
        (ShellyGen2(), lambda p: everything(p, b"[" * 50_000), "cannot be read"),
        (ShellyGen2(), lambda p: everything(p, b"\x00\xff"), "cannot be read"),
        (ShellyGen2(), lambda p: everything(p, b" " * 400_000), "no Shelly and no Tasmota"),
        (ShellyGen2(mac="what?"), lambda p: None, "cannot be read"),
        (ShellyGen2(), lambda p: setattr(p, "delay_s", 1.5), "did not answer in time"),
        (ShellyGen2(power_w=0.0), lambda p: None, "measures nothing"),
    ],
)  # fmt: skip
def test_what_is_no_working_meter_has_its_sentence_and_harms_no_other(clock, plug, change, says):
    good = ShellyGen2(mac="001122334455")
    change(plug)
    with metering(plug, good, clock=clock) as (meter, (device,)):
        assert device.id == "plug-001122334455"
        (fault,) = meter.skipped
        assert says in sentence(fault)
        assert meter.read(device.id, Wants.POWER).power_mw == 120_000


@pytest.mark.parametrize("power_w", [-12.0, 10_000.0, 1e300])
def test_absurd_watts_are_implausible(clock, power_w):
    plug = ShellyGen2()
    with metering(plug, clock=clock) as (meter, (device,)):
        plug.power_w = power_w
        with pytest.raises(PlugFault) as raised:
            meter.read(device.id, Wants.POWER)
        assert raised.value.kind is MeterFaultKind.IMPLAUSIBLE
        assert "cannot be true" in sentence(raised.value)
        plug.power_w = 80.0
        assert meter.read(device.id, Wants.POWER).power_mw == 80_000


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b'{"id":0,"apower":NaN}', "unreadable"),
        (b'{"id":0,"apower":1e999}', "unreadable"),
        (b'{"id":0,"apower":"120"}', "unreadable"),
        (b'{"id":0,"apower":null,"errors":["power_meter_failure"]}', "no_value"),
        (b'{"id":0,"output":true}', "no_value"),
        (b'{"id":0,"apower":120.0,"aenergy":{"total":1e300}}', "implausible"),
        (b"[1, 2]", "unreadable"),
        (HTML, "html"),
        (500, "not_a_plug"),
    ],
)
def test_a_reading_that_is_none_is_a_fault(clock, answer, code):
    plug = ShellyGen2()
    with metering(plug, clock=clock) as (meter, (device,)):
        plug.answers["/rpc/Switch.GetStatus?id=0"] = answer
        with pytest.raises(PlugFault) as raised:
            meter.read(device.id, BOTH)
        assert raised.value.code == f"fault.plug.{code}"
        assert sentence(raised.value)
        plug.answers.clear()
        assert meter.read(device.id, BOTH).power_mw == 120_000


def test_a_tasmota_total_without_decimals_is_no_counter(clock):
    plug = FineTasmota()
    with metering(plug, clock=clock) as (meter, (device,)):
        for total in (b"1e999", b"7", b"7.001"):
            said = b'{"StatusSNS":{"ENERGY":{"Total":%b,"Power":120}}}' % total
            plug.answers["/cm?cmnd=Status 10"] = said
            assert meter.read(device.id, BOTH) == Reading(power_mw=120_000)


@pytest.mark.parametrize("total", ["-0.00001", "99999999999999999999.00000"])
def test_a_tasmota_counter_out_of_bounds_never_reaches_a_column(clock, total):
    plug = FineTasmota()
    with metering(plug, clock=clock) as (meter, (device,)):
        said = b'{"StatusSNS":{"ENERGY":{"Total":%b,"Power":120}}}' % total.encode()
        plug.answers["/cm?cmnd=Status 10"] = said
        with pytest.raises(PlugFault) as raised:
            meter.read(device.id, BOTH)
        assert raised.value.kind is MeterFaultKind.IMPLAUSIBLE


# ---- plugs come, go and move


def test_a_plug_that_answers_later_is_found_once(clock):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    plug = ShellyGen2()
    with PlugMeterAt([f"127.0.0.1:{port}"], clock) as (meter, devices):
        assert devices == ()
        assert "No plug meter answers" in sentence(meter.skipped[0])
        with plug.running(port):
            (device,) = meter.found()
            assert meter.found() == ()
            assert meter.skipped == ()
            assert meter.read(device.id, Wants.POWER).power_mw == 120_000
        with pytest.raises(MeterFault):
            meter.read(device.id, Wants.POWER)
        with plug.running(port):
            assert meter.found() == ()
            assert meter.read(device.id, Wants.POWER).power_mw == 120_000


def test_another_plug_at_the_address_is_never_read_as_this_one(clock):
    mine, other = ShellyGen2(), ShellyGen2(mac="001122334455", name="Fridge", power_w=90.0)
    with mine.running():
        meter = PlugMeter([mine.address], clock, patience_s=1.0)
        port = int(mine.address.rpartition(":")[2])
        (device,) = meter.open()
    try:
        with pytest.raises(PlugFault) as raised:
            meter.read(device.id, Wants.POWER)
        assert "No plug meter answers" in sentence(raised.value)
        with other.running(port):
            for _ in range(2):
                with pytest.raises(PlugFault) as raised:
                    meter.read(device.id, Wants.POWER)
            assert "Another plug answers where Desk was" in sentence(raised.value)
            assert "Fridge" in sentence(raised.value)
    finally:
        meter.close()


def test_an_address_is_checked_every_minute_even_while_it_answers(clock):
    plug = ShellyGen2()
    with metering(plug, clock=clock) as (meter, (device,)):
        plug.mac = "001122334455"
        assert meter.read(device.id, Wants.POWER).power_mw == 120_000
        clock.advance(61)
        with pytest.raises(PlugFault) as raised:
            meter.read(device.id, Wants.POWER)
        assert raised.value.code == "fault.plug.other_plug"


def test_plugs_that_change_places_are_followed(clock):
    left, right = ShellyGen2(power_w=50.0), ShellyGen1(mac="001122334455", power_w=150.0)
    with metering(left, right, clock=clock) as (meter, (one, two)):
        left.says, right.says = right.says, left.says
        clock.advance(61)
        assert meter.read(one.id, Wants.POWER).power_mw == 50_000
        assert meter.read(two.id, Wants.POWER).power_mw == 150_000


def test_one_plug_under_two_addresses_is_one_device(clock):
    plug = ShellyGen2()
    with plug.running():
        port = plug.address.rpartition(":")[2]
        with PlugMeterAt([plug.address, f"localhost:{port}"], clock) as (_, devices):
            assert len(devices) == 1


def test_a_wrong_address_is_told_and_the_others_are_read(clock):
    plug = ShellyGen2()
    with plug.running(), PlugMeterAt(["ftp://x", plug.address], clock) as (meter, devices):
        assert len(devices) == 1
        assert "is not the address of a plug meter" in sentence(meter.skipped[0])


def test_closing_ends_what_is_still_being_asked(clock):
    plug = ShellyGen2()
    with metering(plug, clock=clock, patience_s=5.0) as (meter, (device,)):
        plug.delay_s = 2.0
        ended = []

        def read_on():
            try:
                meter.read(device.id, Wants.POWER)
            except PlugFault as fault:
                ended.append(fault.kind)

        reading = threading.Thread(target=read_on)
        began_s = time.monotonic()
        reading.start()
        while len(plug.asked) < 3:
            time.sleep(0.01)
        meter.close()
        reading.join()
        assert ended == [MeterFaultKind.TIMEOUT]
        assert time.monotonic() - began_s < 1.5


# ---- addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.168.1.20", PlugAddress("192.168.1.20")),
        (" http://shelly.local/ ", PlugAddress("shelly.local")),
        ("192.168.1.20:8080/2", PlugAddress("192.168.1.20", 8080, 2)),
        ("http://[fd00::5]", PlugAddress("fd00::5")),
    ],
)
def test_addresses_as_people_write_them(text, address):
    assert parse_plug_address(text) == address
    assert parse_plug_address(address.text) == address


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "address"),
        ("https://192.168.1.20", "address"),
        ("http://admin:secret@192.168.1.20", "address"),
        ("192.168.1.20/relay/0", "address"),
        ("192.168.1.20/0", "address"),
        ("192.168.1.20:99999", "address"),
        ("host name", "address"),
        ("169.254.169.254", "link_local"),
        ("http://[fe80::1]", "link_local"),
        ("[::ffff:169.254.169.254]", "link_local"),
    ],
)
def test_addresses_that_are_refused(text, code):
    with pytest.raises(PlugFault) as raised:
        parse_plug_address(text)
    assert raised.value.code == f"fault.plug.{code}"
    assert sentence(raised.value)


# ---- the contract of meters


class TestContract(MeterContract):
    @pytest.fixture
    def meter(self, clock):
        with (
            ShellyGen2(clock=clock).running() as plug,
            FineTasmota(mac="001122334455", clock=clock).running() as other,
        ):
            yield PlugMeter([plug.address, other.address], clock)
