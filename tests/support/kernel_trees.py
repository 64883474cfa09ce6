"""Builds sysfs trees as the kernel lays them out: powercap zones and graphics cards with hwmon.

`KernelTree(tmp_path)` is an empty one; its methods add hardware and return the folder whose files
a test may then change. Class folders hold links to the devices, as in a real /sys.
"""

import os


class KernelTree:
    """A /sys under a temporary folder."""

    def __init__(self, root):
        self.root = root / "sys"
        self.root.mkdir()
        self._hwmons = 0

    # ---- powercap

    def zone(self, name, label, *, energy_uj=1_000_000, range_uj=262_143_328_850, control=None):
        """Add a zone such as "intel-rapl:0" or, inside it, "intel-rapl:0:2"."""
        control = control or name.split(":")[0]
        parent = self.root / "devices/virtual/powercap" / control
        outer = name.rsplit(":", 1)[0]
        folder = parent / outer / name if name.count(":") == 2 else parent / name
        fill(folder, name=label, energy_uj=energy_uj, max_energy_range_uj=range_uj, enabled=1)
        link(self.root / "class/powercap" / name, folder)
        return folder

    # ---- graphics cards

    def card(self, address, driver, files, sensors):
        """Add a PCI card with one hwmon folder; return (card's folder, hwmon's folder)."""
        folder = self.root / "devices/pci0000:00/0000:00:01.1" / address
        fill(folder, **files)
        fill(folder / "power", runtime_status=files.get("runtime_status", "active"))
        (folder / "runtime_status").unlink(missing_ok=True)
        hwmon = folder / "hwmon" / f"hwmon{self._hwmons}"
        self._hwmons += 1
        fill(hwmon, name=driver, **sensors)
        link(hwmon / "device", folder)
        link(self.root / "class/hwmon" / hwmon.name, hwmon)
        return folder, hwmon

    def amd(self, address="0000:03:00.0", *, files=None, **sensors):
        """Add a Radeon RX 7900 XTX; a sensor given as None is not there."""
        files = {
            "vendor": "0x1002",
            "device": "0x744c",
            "revision": "0xc8",
            "unique_id": "5a3c1f0e9b7d2468",
            "gpu_busy_percent": 97,
            "mem_info_vram_used": 10 * 2**30,
            "mem_info_vram_total": 24 * 2**30,
            **(files or {}),
        }
        sensors = {
            "power1_average": 300_000_000,
            "power1_label": "PPT",
            "power1_cap": 339_000_000,
            "temp1_input": 61_000,
            **sensors,
        }
        return self.card(address, "amdgpu", files, sensors)

    def apu(self, address="0000:0d:00.0", *, files=None, **sensors):
        """Add the graphics of an AMD processor: its watts are the whole socket's."""
        files = {
            "vendor": "0x1002",
            "device": "0x164e",
            "revision": "0xcb",
            "gpu_busy_percent": 3,
            "mem_info_vram_used": 2**28,
            "mem_info_vram_total": 2**29,
            **(files or {}),
        }
        sensors = {
            "power1_input": 45_000_000,
            "power1_label": "PPT",
            "in1_input": 1_050,
            "in1_label": "vddnb",
            "temp1_input": 48_000,
            **sensors,
        }
        return self.card(address, "amdgpu", files, sensors)

    def intel(self, address="0000:04:00.0", *, driver="xe", files=None, **sensors):
        """Add an Arc card: it tells energy, not power."""
        files = {"vendor": "0x8086", "device": "0xe20b", "revision": "0x00", **(files or {})}
        sensors = {
            "energy1_input": 5_000_000_000,
            "energy1_label": "card",
            "power1_max": 190_000_000,
            **sensors,
        }
        return self.card(address, driver, files, sensors)


def fill(folder, **files):
    """Write files that hold one value each; None leaves a file out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        if value is not None:
            (folder / name).write_text(f"{value}\n")


def link(path, target):
    """Link to a folder by a relative path, as sysfs does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(os.path.relpath(target, path.parent), target_is_directory=True)


class DrivenClock:
    """A clock that lets counters move on with it: `drive(file, watts)` adds microjoules."""

    def __init__(self, clock):
        self._clock = clock
        self._driven = []

    def __getattr__(self, name):
        return getattr(self._clock, name)

    def drive(self, path, watts, wraps_uj=None):
        """From now on the counter in `path` rises by `watts`."""
        self._driven.append((path, watts, wraps_uj))

    def advance(self, seconds):
        """Let time go by, and energy with it."""
        self._clock.advance(seconds)
        for path, watts, wraps_uj in self._driven:
            value = int(path.read_text()) + round(watts * seconds * 1e6)
            path.write_text(f"{value % wraps_uj if wraps_uj else value}\n")
