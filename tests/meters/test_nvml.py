"""NVML through the real binding: every error becomes its fault, and one GPU's alone."""

import sys
import types

import pynvml
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import Reading, SlowField, Wants
from vidgreen_gui.system.resources import load_texts

ERRORS = {
    name: code
    for name, code in vars(pynvml).items()
    if name.startswith("NVML_ERROR_") and isinstance(code, int)
}
EXPECTED = {
    "NVML_ERROR_UNINITIALIZED": MeterFaultKind.DRIVER_NOT_LOADED,
    "NVML_ERROR_NOT_SUPPORTED": MeterFaultKind.NOT_SUPPORTED,
    "NVML_ERROR_FUNCTION_NOT_FOUND": MeterFaultKind.NOT_SUPPORTED,
    "NVML_ERROR_ARGUMENT_VERSION_MISMATCH": MeterFaultKind.NOT_SUPPORTED,
    "NVML_ERROR_DEPRECATED": MeterFaultKind.NOT_SUPPORTED,
    "NVML_ERROR_NO_PERMISSION": MeterFaultKind.NO_PERMISSION,
    "NVML_ERROR_OPERATING_SYSTEM": MeterFaultKind.NO_PERMISSION,
    "NVML_ERROR_DRIVER_NOT_LOADED": MeterFaultKind.DRIVER_NOT_LOADED,
    "NVML_ERROR_LIBRARY_NOT_FOUND": MeterFaultKind.LIBRARY_MISSING,
    "NVML_ERROR_LIB_RM_VERSION_MISMATCH": MeterFaultKind.LIBRARY_MISMATCH,
    "NVML_ERROR_TIMEOUT": MeterFaultKind.TIMEOUT,
    "NVML_ERROR_NOT_READY": MeterFaultKind.TIMEOUT,
    "NVML_ERROR_IN_USE": MeterFaultKind.TIMEOUT,
    "NVML_ERROR_NOT_FOUND": MeterFaultKind.GPU_LOST,
    "NVML_ERROR_GPU_NOT_FOUND": MeterFaultKind.GPU_LOST,
    "NVML_ERROR_GPU_IS_LOST": MeterFaultKind.GPU_LOST,
    "NVML_ERROR_RESET_REQUIRED": MeterFaultKind.RESET_REQUIRED,
}
TEXTS = [load_texts(language) for language in ("en", "fr")]
ALL = Wants.POWER | Wants.COUNTER
SLOW = Wants.POWER | Wants.SLOW
USERS = Wants.POWER | Wants.PROCESSES
# One round of what the sampler asks of each of two GPUs.
ROUND = (ALL, SLOW, SLOW, SLOW, SLOW, USERS, USERS, USERS, USERS, Wants.POWER)
# Drivers with field values, and those without.
SHAPES = ["fields", "plain"]


def two(shape="fields"):
    standin = NvmlStandin(Gpu("GPU-a"), Gpu("GPU-b", power_mw=50_000))
    if shape == "plain":
        standin.without.add("nvmlDeviceGetFieldValues")
    return standin


def test_the_probe_tells_what_each_gpu_is():
    gpus = [
        Gpu("GPU-a", bus_id="00000000:0A:00.0"),
        Gpu("GPU-b", architecture=pynvml.NVML_DEVICE_ARCH_PASCAL, energy_mj=None, limit_mw=None),
        Gpu("GPU-c", architecture=None, memory_total=None),
    ]
    with installed(NvmlStandin(*gpus)):
        devices = NvmlMeter().open()
    assert [device.id for device in devices] == [gpu.uuid for gpu in gpus]
    assert [device.has_counter for device in devices] == [True, False, True]
    assert [device.architecture for device in devices] == ["Ada", "Pascal", None]
    assert devices[0].power_limit_mw == 450_000
    assert devices[1].power_limit_mw is None
    assert devices[2].memory_bytes is None
    assert devices[0].pci_bus_id == "00000000:0A:00.0"
    assert devices[0].driver == "610.57"


@pytest.mark.parametrize("shape", SHAPES)
def test_no_tick_costs_more_than_two_calls_and_none_asks_for_more_than_was_wanted(shape):
    with installed(two(shape)) as standin:
        meter = NvmlMeter()
        (first, _) = meter.open()
        for wants in ROUND * 3:
            del standin.calls[:]
            meter.read(first.id, wants)
            assert len(standin.calls) <= 2
            asked = [name for name, _ in standin.calls]
            assert not any("Fan" in name for name in asked)
            assert any("Process" in name for name in asked) == (wants is USERS)


def test_power_and_counter_are_one_call_where_there_are_field_values():
    with installed(two()) as standin:
        meter = NvmlMeter()
        meter.open()
        del standin.calls[:]
        assert meter.read("GPU-a", ALL) == Reading(power_mw=100_000, energy_mj=5_000_000)
        assert standin.calls == [("nvmlDeviceGetFieldValues", "GPU-a")]


def test_slow_fields_are_read_in_turn():
    with installed(two()):
        meter = NvmlMeter()
        (first, _) = meter.open()
        found = [meter.read(first.id, SLOW) for _ in SlowField]
    assert [reading.temperature_c for reading in found if reading.temperature_c] == [60]
    assert [reading.utilisation_pct for reading in found if reading.utilisation_pct] == [97]
    assert [r.memory_used_bytes for r in found if r.memory_used_bytes] == [10 * 2**30]
    assert [reading.power_limit_mw for reading in found if reading.power_limit_mw] == [450_000]


def test_a_gpu_without_power_but_with_a_counter_is_read_by_its_counter():
    with installed(NvmlStandin(Gpu("GPU-a", power_mw=None))):
        meter = NvmlMeter()
        (device,) = meter.open()
        reading = meter.read(device.id, ALL)
    assert reading.power_mw is None
    assert reading.energy_mj == 5_000_000


def test_a_gpu_with_neither_is_left_out_and_said():
    with installed(NvmlStandin(Gpu("GPU-a"), Gpu("GPU-b", power_mw=None, energy_mj=None))):
        meter = NvmlMeter()
        (device,) = meter.open()
    assert device.id == "GPU-a"
    assert [fault.kind for fault in meter.skipped] == [MeterFaultKind.NOT_SUPPORTED]


def test_a_mig_parent_without_utilisation_is_tolerated():
    with installed(NvmlStandin(Gpu("GPU-a", utilisation_pct=None))):
        meter = NvmlMeter()
        (device,) = meter.open()
        found = [meter.read(device.id, SLOW) for _ in range(8)]
    assert all(reading.power_mw == 100_000 for reading in found)
    assert all(reading.utilisation_pct is None for reading in found)
    assert sum(reading.temperature_c is not None for reading in found) >= 2


def test_identity_is_the_uuid_when_the_order_changes():
    with installed(two()) as standin:
        meter = NvmlMeter()
        meter.open()
        standin.gpus.reverse()
        for gpu in standin.gpus:
            gpu.lost = pynvml.NVML_ERROR_GPU_IS_LOST
        for device_id in ("GPU-a", "GPU-b"):
            with pytest.raises(MeterFault):
                meter.read(device_id, Wants.POWER)
        for gpu in standin.gpus:
            gpu.lost = None
        assert meter.read("GPU-a", Wants.POWER).power_mw == 100_000
        assert meter.read("GPU-b", Wants.POWER).power_mw == 50_000
        assert [device.id for device in meter.open()] == ["GPU-b", "GPU-a"]


@pytest.mark.parametrize("lost", range(3))
def test_a_gpu_lost_at_the_start_leaves_the_others(lost):
    gpus = [Gpu(f"GPU-{n}") for n in range(3)]
    gpus[lost].lost = pynvml.NVML_ERROR_GPU_IS_LOST
    with installed(NvmlStandin(*gpus)):
        meter = NvmlMeter()
        devices = meter.open()
    assert {device.id for device in devices} == {gpu.uuid for gpu in gpus if gpu.lost is None}
    assert [fault.kind for fault in meter.skipped] == [MeterFaultKind.GPU_LOST]


def test_no_gpu_at_all_is_a_fault():
    with installed(NvmlStandin()):
        meter = NvmlMeter()
        with pytest.raises(MeterFault) as raised:
            meter.open()
    assert raised.value.kind is MeterFaultKind.NO_DEVICE


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_while_nvml_starts_is_its_fault(name):
    with installed(two()) as standin:
        standin.fail("nvmlInitWithFlags", 0, ERRORS[name])
        with pytest.raises(MeterFault) as raised:
            NvmlMeter()
    assert raised.value.kind is EXPECTED.get(name, MeterFaultKind.UNKNOWN)
    assert str(raised.value.arguments["detail"]).startswith("nvmlInit: NVML_ERROR_")
    assert all(texts.fault(raised.value) for texts in TEXTS)


@pytest.mark.parametrize("function", ["nvmlDeviceGetFieldValues", "nvmlDeviceGetPowerUsage"])
def test_an_error_number_of_the_future_is_unknown(function):
    with installed(two("plain" if "Usage" in function else "fields")) as standin:
        meter = NvmlMeter()
        meter.open()
        standin.fail(function, None, 777)
        with pytest.raises(MeterFault) as raised:
            meter.read("GPU-a", Wants.POWER)
    assert raised.value.kind is MeterFaultKind.UNKNOWN
    assert "777" in str(raised.value.arguments["detail"])


def test_no_library_is_missing_and_nothing_else_is():
    with installed(None), pytest.raises(MeterFault) as raised:
        NvmlDoor()
    assert raised.value.kind is MeterFaultKind.LIBRARY_MISSING


@pytest.mark.parametrize("shape", ["package", "too old"])
def test_a_namesake_of_the_binding_is_detected(monkeypatch, shape):
    namesake = types.ModuleType("pynvml")
    namesake.__file__ = "/somewhere/pynvml/__init__.py"
    if shape == "package":
        namesake.__path__ = []
        namesake.nvmlDeviceGetArchitecture = None
    monkeypatch.setitem(sys.modules, "pynvml", namesake)
    with pytest.raises(MeterFault) as raised:
        NvmlDoor()
    assert raised.value.kind is MeterFaultKind.WRONG_PACKAGE
    assert "/somewhere" in str(raised.value.arguments["detail"])


def test_the_binding_is_not_loaded_before_it_is_needed():
    import subprocess

    code = "import sys, vidgreen_gui.meters.choose; sys.exit('pynvml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("shape", SHAPES)
@given(
    power_mw=st.integers(0, 0xFFFFFFFF),
    limit_mw=st.one_of(st.none(), st.integers(1, 10**6)),
)
def test_absurd_power_is_a_gap(shape, power_mw, limit_mw):
    standin = NvmlStandin(Gpu("GPU-a", limit_mw=limit_mw, power_mw=1))
    standin.without |= {"nvmlDeviceGetFieldValues"} if shape == "plain" else set()
    with installed(standin):
        meter = NvmlMeter()
        meter.open()
        standin.gpus[0].power_mw = power_mw
        highest_mw = 1.5 * limit_mw if limit_mw else 2_000_000
        if 0 < power_mw <= highest_mw:
            assert meter.read("GPU-a", Wants.POWER).power_mw == power_mw
        else:
            with pytest.raises(MeterFault) as raised:
                meter.read("GPU-a", Wants.POWER)
            assert raised.value.kind is MeterFaultKind.IMPLAUSIBLE


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("wants", [Wants.POWER, ALL])
def test_a_portable_that_is_plugged_in_is_believed(shape, wants):
    with installed(two(shape)) as standin:
        gpu = standin.gpus[0]
        gpu.limit_mw, gpu.power_mw = 35_000, 20_000
        meter = NvmlMeter()
        meter.open()
        gpu.limit_mw, gpu.power_mw = 140_000, 120_000
        # A lost GPU is asked for its power alone.
        assert meter.read("GPU-a", wants).power_mw == 120_000


@pytest.mark.parametrize("value", [-1, -(2**40), float("nan"), float("inf"), 1e9, 0.0])
def test_a_field_of_any_type_that_cannot_be_true_is_a_gap(value):
    with installed(NvmlStandin(Gpu("GPU-a"))) as standin:
        meter = NvmlMeter()
        meter.open()
        standin.gpus[0].fields[pynvml.NVML_FI_DEV_POWER_INSTANT, 0] = value
        for wants in (Wants.POWER, ALL):
            with pytest.raises(MeterFault) as raised:
                meter.read("GPU-a", wants)
            assert raised.value.kind is MeterFaultKind.IMPLAUSIBLE
        standin.gpus[0].fields.clear()
        assert meter.read("GPU-a", ALL).power_mw == 100_000


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("energy_mj", [2**63, 2**64 - 1, 0xFFFFFFFF])
def test_a_counter_that_fits_no_column_is_implausible(energy_mj, shape):
    with installed(two(shape)) as standin:
        meter = NvmlMeter()
        meter.open()
        standin.gpus[0].energy_mj = energy_mj
        with pytest.raises(MeterFault) as raised:
            meter.read("GPU-a", ALL)
    assert raised.value.kind is MeterFaultKind.IMPLAUSIBLE


def test_blank_slow_values_are_absent():
    blank = Gpu("GPU-a", temperature_c=0xFFFFFFFF, utilisation_pct=0xFFFFFFFF)
    blank.memory_used = 0xFFFFFFFFFFFFFFFF
    with installed(NvmlStandin(blank)):
        meter = NvmlMeter()
        meter.open()
        found = [meter.read("GPU-a", SLOW) for _ in range(8)]
    assert all(reading.power_mw == 100_000 for reading in found)
    assert {reading.temperature_c for reading in found} == {None}
    assert {reading.utilisation_pct for reading in found} == {None}
    assert {reading.memory_used_bytes for reading in found} == {None}


def test_a_raised_limit_raises_what_is_believed():
    with installed(NvmlStandin(Gpu("GPU-a", limit_mw=200_000))) as standin:
        meter = NvmlMeter()
        meter.open()
        standin.gpus[0].limit_mw = 400_000
        for _ in SlowField:
            meter.read("GPU-a", SLOW)
        standin.gpus[0].power_mw = 390_000
        assert meter.read("GPU-a", Wants.POWER).power_mw == 390_000


@pytest.mark.parametrize(
    "quantity",
    ["TotalEnergyConsumption", "the counter's field", "UtilizationRates", "ProcessUtilization"],
)
def test_one_quantity_that_fails_is_reported_once_and_power_goes_on(quantity):
    with installed(two("plain" if quantity.startswith("Total") else "fields")) as standin:
        meter = NvmlMeter()
        meter.open()
        if quantity == "the counter's field":
            standin.gpus[0].field_errors[83] = pynvml.NVML_ERROR_UNKNOWN
        else:
            standin.fail(f"nvmlDeviceGet{quantity}", None, pynvml.NVML_ERROR_UNKNOWN)
        faults = 0
        for wants in ROUND * 4:
            try:
                assert meter.read("GPU-a", wants).power_mw == 100_000
            except MeterFault:
                faults += 1
    assert faults == 1


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_in_the_field_itself_is_its_fault_too(name):
    with installed(two()) as standin:
        meter = NvmlMeter()
        meter.open()
        standin.gpus[0].field_errors[pynvml.NVML_FI_DEV_POWER_INSTANT] = ERRORS[name]
        with pytest.raises(MeterFault) as raised:
            meter.read("GPU-a", ALL)
        assert raised.value.kind is EXPECTED.get(name, MeterFaultKind.UNKNOWN)
        assert "POWER_INSTANT" in str(raised.value.arguments["detail"])
        assert meter.read("GPU-b", ALL).power_mw == 50_000
        standin.gpus[0].field_errors.clear()
        assert meter.read("GPU-a", ALL).power_mw == 100_000


def play(shape, error_at=None, code=None):
    """Open two GPUs and read one round of each; return calls, how many were the opening's, faults.

    Faults come with their place and the readings with theirs. `error_at` is the position among
    all calls at which `code` is returned once.
    """
    standin = two(shape)
    with installed(standin):
        if error_at is not None:
            plain = standin._call

            def faulty(name, answer, arguments):
                if len(standin.calls) == error_at:
                    standin.calls.append((name, "failed"))
                    return code
                return plain(name, answer, arguments)

            standin._call = faulty
        faults, readings = [], []
        try:
            meter = NvmlMeter()
            opened = [device.id for device in meter.open()]
        except MeterFault as fault:
            return standin.calls, len(standin.calls), [("open", "", fault)], readings
        first_read = len(standin.calls)
        faults += [("open", "skipped", fault) for fault in meter.skipped]
        for wants in ROUND:
            for device_id in opened:
                try:
                    readings.append((device_id, wants, meter.read(device_id, wants)))
                except MeterFault as fault:
                    faults.append((device_id, wants, fault))
        meter.close()
    return standin.calls, first_read, faults, readings


PLAYED = {shape: play(shape)[:2] for shape in SHAPES}


def check_position(shape, position, name):
    """One error at one call: at most one typed fault per GPU call, the other GPU complete."""
    calls, first_read = PLAYED[shape]
    function = calls[position][0]
    _, _, faults, readings = play(shape, position, ERRORS[name])
    kind = EXPECTED.get(name, MeterFaultKind.UNKNOWN)
    for _, _, fault in faults:
        assert isinstance(fault, MeterFault)
        assert all(texts.fault(fault) for texts in TEXTS)
    if function == "nvmlShutdown":
        assert not faults
    elif function in {"nvmlInitWithFlags", "nvmlDeviceGetCount_v2"}:
        assert [fault.kind for _, _, fault in faults] == [kind]
    else:
        victim = owner(calls, position)
        said = [fault.kind for _, _, fault in faults]
        quiet = tolerated(function, position < first_read, name, kind)
        assert said == ([] if quiet else [kind])
        other = {"GPU-a": "GPU-b", "GPU-b": "GPU-a"}[victim] if victim else None
        for device_id in [other] if other else ["GPU-a", "GPU-b"]:
            mine = [reading for who, _, reading in readings if who == device_id]
            assert len(mine) == len(ROUND)
            watts = {"GPU-a": 100_000, "GPU-b": 50_000}[device_id]
            assert all(reading.power_mw == watts for reading in mine)


def owner(calls, position):
    """Return whose call it is; a handle's index tells where the call itself does not."""
    function, uuid = calls[position]
    if function.startswith("nvmlDeviceGetHandleByIndex"):
        earlier = [name for name, _ in calls[:position]].count(function)
        return ("GPU-a", "GPU-b")[earlier]
    return uuid


def tolerated(function, opening, name, kind):
    """Return whether this call may fail in silence."""
    if opening:
        # Facts the probe can do without; power and counter are asked again by the first reading.
        return not function.startswith(
            ("nvmlDeviceGetHandleByIndex", "nvmlDeviceGetUUID", "nvmlDeviceGetName")
        )
    if "Process" in function:
        # Not told, not permitted; more than there was room for; nobody was busy.
        return kind in {MeterFaultKind.NOT_SUPPORTED, MeterFaultKind.NO_PERMISSION} or (
            name == "NVML_ERROR_INSUFFICIENT_SIZE"
            or (name == "NVML_ERROR_NOT_FOUND" and function.endswith("ProcessUtilization"))
        )
    # A slow field that this GPU does not have.
    return kind is MeterFaultKind.NOT_SUPPORTED and function not in {
        "nvmlDeviceGetFieldValues",
        "nvmlDeviceGetPowerUsage",
        "nvmlDeviceGetTotalEnergyConsumption",
    }


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["NVML_ERROR_GPU_IS_LOST", "NVML_ERROR_UNKNOWN"])
def test_an_error_at_a_call_position_stays_where_it_is(shape, name):
    for position in range(0, len(PLAYED[shape][0]), 5):
        check_position(shape, position, name)


@pytest.mark.full
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ERRORS)
def test_every_error_at_every_call_position_stays_where_it_is(shape, name):
    for position in range(len(PLAYED[shape][0])):
        check_position(shape, position, name)
