"""The arithmetic of real_gpu.py, and what it says where there is no GPU."""

import subprocess
import sys

import pytest
from benchmarks import real_gpu
from benchmarks.real_gpu import CannotTry, compare, paired

WINDOW = {"id": "a", "shape": "steady", "seconds": 40.0, "counter_j": 3600.0, "zeus_j": 3564.0}


def _session(best_wh):
    energy = {"best": best_wh, "low": 0.95 * best_wh, "high": 1.05 * best_wh}
    return {"clips": [{"iterations": [{"external_id": "a", "energy_wh": energy}]}]}


def test_an_iteration_is_held_against_the_counter_and_against_zeus():
    (one,) = compare(_session(1.005), [WINDOW])
    assert one.off_counter == pytest.approx(0.005)
    assert one.off_zeus == pytest.approx(1.005 / 0.99 - 1)
    assert one.is_met
    (far,) = compare(_session(1.02), [WINDOW])
    assert not far.is_met


def test_a_window_that_was_not_recorded_is_said():
    with pytest.raises(CannotTry, match="steady"):
        compare({"clips": []}, [WINDOW])


def test_pairs_see_a_slowdown_and_call_noise_noise():
    noise = [1.00, 1.01, 0.99, 1.005, 0.995, 1.0]
    ratio, low, high = paired([x * 1.05 for x in noise], list(reversed(noise)))
    assert low > 1.0
    assert ratio == pytest.approx(1.05, abs=0.01)
    ratio, low, high = paired(noise, [1.0] * 6)
    assert low <= 1.0 <= high


def test_without_torch_or_gpu_it_says_what_it_needs(tmp_path):
    call = [sys.executable, real_gpu.__file__, "--python", sys.executable, "--pairs", "1"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode != 2:
        pytest.skip("there is a GPU with torch here")
    assert done.stderr.startswith("This needs an NVIDIA GPU")
    assert "Traceback" not in done.stderr
