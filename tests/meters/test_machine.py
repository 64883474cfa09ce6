"""The model of the rest of the machine: stated inputs, plain sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import ManualClock

from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.meters.machine import MachineFacts, MachineMeter, cpu_share, this_machine
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import DeviceKind, Wants
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.system.resources import load_texts

FACTS = MachineFacts(cpu_tdp_w=100.0, dimms=4, board_w=40.0)


class Processor:
    """Busy and whole seconds of a machine of eight threads; `run` lets time go by."""

    def __init__(self):
        self.busy_s, self.all_s = 1_000.0, 50_000.0

    def run(self, seconds, load):
        self.busy_s += 8 * seconds * load
        self.all_s += 8 * seconds

    def __call__(self):
        return self.busy_s, self.all_s


def modelled_w(facts=FACTS, *, load=0.5, senses_cpu=False, senses_memory=False):
    processor = Processor()
    meter = MachineMeter(
        facts, senses_cpu=senses_cpu, senses_memory=senses_memory, cpu_times=processor
    )
    (device,) = meter.open()
    processor.run(1.0, load)
    return meter.read(device.id, Wants.POWER).power_mw / 1000


class TestContract(MeterContract):
    @pytest.fixture
    def clock(self):
        return ManualClock()

    @pytest.fixture
    def meter(self, clock):
        def times():
            all_s = clock.steady_ns() / NS_PER_S
            return 0.3 * all_s, all_s

        return MachineMeter(FACTS, senses_cpu=False, senses_memory=False, cpu_times=times)


@pytest.mark.parametrize(("facts", "assumed"), [(FACTS, False), (MachineFacts(), True)])
def test_what_is_assumed_is_told_from_what_was_given(facts, assumed):
    (device,) = MachineMeter(facts, senses_cpu=False, senses_memory=False).open()
    processor, _, board = device.model
    assert processor.code.endswith("_guessed") == assumed
    texts = load_texts("en")
    assert ("assumed" in texts.say(board.code, **dict(board.arguments))) == assumed


def test_processor_memory_and_board_add_up():
    # 75 % of 100 W at half load, four modules of 5 W, 40 W of board.
    assert modelled_w() == 75.0 + 20.0 + 40.0
    assert modelled_w(load=0.0) == 12.0 + 20.0 + 40.0
    assert modelled_w(load=1.0) == 102.0 + 20.0 + 40.0


def test_what_a_sensor_sees_is_left_to_it():
    assert modelled_w(senses_cpu=True) == 20.0 + 40.0
    assert modelled_w(senses_memory=True) == 75.0 + 40.0
    assert modelled_w(senses_cpu=True, senses_memory=True) == 40.0


def test_it_is_a_model_with_its_range():
    (device,) = MachineMeter(FACTS, senses_cpu=False, senses_memory=False).open()
    assert (device.kind, device.grade) == (DeviceKind.MACHINE, Grade.MODEL)
    assert device.sensor.gain == 0.30
    assert device.sampling_ns == NS_PER_S
    assert not device.has_counter


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("tdp_w", [None, 105.0])
def test_the_model_is_stated_with_its_inputs(language, tdp_w):
    facts = MachineFacts(cpu_tdp_w=tdp_w, dimms=4, board_w=35.0, cores=16)
    (device,) = MachineMeter(facts, senses_cpu=False, senses_memory=False).open()
    texts = load_texts(language)
    said = [texts.say(one.code, **dict(one.arguments)) for one in device.model]
    assert ("105" if tdp_w else "128") in said[0]
    assert "4" in said[1]
    assert "35" in said[2]


@pytest.mark.parametrize(
    ("facts", "watts"),
    [
        # The processor at full load, ten watts of memory, the board.
        (MachineFacts(cores=6), 1.02 * 65 + 10 + 40),
        (MachineFacts(cores=16), 1.02 * 128 + 10 + 40),
        (MachineFacts(cores=96), 1.02 * 350 + 10 + 40),
        (MachineFacts(cores=16, portable=True), 1.02 * 45 + 10 + 15),
        (MachineFacts(cores=6, memory_bytes=128 * 2**30), 1.02 * 65 + 20 + 40),
    ],
)
def test_without_the_users_word_it_is_assumed(facts, watts):
    assert modelled_w(facts, load=1.0) == pytest.approx(watts, abs=0.001)


def test_a_second_look_at_the_same_moment_says_the_same():
    processor = Processor()
    meter = MachineMeter(FACTS, senses_cpu=False, senses_memory=False, cpu_times=processor)
    (device,) = meter.open()
    assert meter.read(device.id, Wants.POWER).power_mw is None
    processor.run(1.0, 0.5)
    first = meter.read(device.id, Wants.POWER)
    assert meter.read(device.id, Wants.POWER) == first


@given(load=st.floats(-0.5, 1.5))
def test_more_load_is_never_less_power(load):
    assert 0.12 <= cpu_share(load) <= 1.02
    assert cpu_share(load) <= cpu_share(load + 0.01)


def test_this_machine_can_be_modelled_without_waiting():
    facts = this_machine(board_w=33.0)
    assert facts.board_w == 33.0
    assert facts.cores >= 1
    meter = MachineMeter(facts, senses_cpu=True, senses_memory=True)
    (device,) = meter.open()
    reading = meter.read(device.id, Wants.POWER)
    assert reading.power_mw == 33_000
