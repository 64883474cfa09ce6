"""Plug meters on loopback: real sockets, and the JSON that their makers document."""

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.system.clock import SystemClock


class FakePlug:
    """One plug. `power_w` may be set while it runs, or be a function of seconds since the start.

    Its counter is its power at `clock` times the time since the start. `answers` (route to value,
    bytes or status) replace what it would say; `delay_s` makes it slow. `asked` are the routes.
    """

    def __init__(self, *, mac="AABBCCDDEEFF", name="Desk", power_w=120.0, clock=SystemClock):
        self.mac = mac
        self.name = name
        self.power_w = power_w
        self.is_on = True
        self.answers = {}
        self.delay_s = 0.0
        self.asked = []
        self._clock = clock
        self._began_ns = clock.steady_ns()
        self._server = None
        self._connections = set()

    @property
    def address(self):
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def elapsed_s(self):
        return (self._clock.steady_ns() - self._began_ns) / NS_PER_S

    @property
    def watts(self):
        return self.power_w(self.elapsed_s) if callable(self.power_w) else self.power_w

    @property
    def total_wh(self):
        return 6532.0 + self.watts * self.elapsed_s / 3600

    @contextmanager
    def running(self, port=0):
        plug = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet

            def setup(self):
                super().setup()
                plug._connections.add(self.connection)

            def do_GET(self):
                plug._answer(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        # Who asked may have given up meanwhile.
        self._server.handle_error = lambda *_: None
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
            # Like a plug that was pulled: nothing more is said on what is connected.
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._connections.clear()

    def _answer(self, handler):
        route = unquote(handler.path)
        self.asked.append(route)
        if self.delay_s:
            time.sleep(self.delay_s)
        said = self.answers.get(route, self.says(route))
        status = said if isinstance(said, int) else 404 if said is None else 200
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        handler.send_response(status)
        kind = "text/html" if body.startswith(b"<") else "application/json"
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def says(self, route):
        """Return the answer to a route as the documents show it, None for one it does not have."""
        raise NotImplementedError


class ShellyGen1(FakePlug):
    """A Shelly Plug S; `type` "SHSW-1" with no meters is a plain relay, `emeters` an energy meter.

    https://shelly-api-docs.shelly.cloud/gen1/
    """

    type = "SHPLG-S"
    num_meters = 1
    emeters = 0
    auth = False

    def says(self, route):
        if route == "/shelly":
            return {
                "type": self.type, "mac": self.mac, "auth": self.auth,
                "fw": "20230913-113421/v1.14.0-gcb84623", "discoverable": False, "longid": 1,
                "num_outputs": 1, "num_meters": self.num_meters,
            }  # fmt: skip
        if route == "/settings":
            return {
                "device": {"type": self.type, "mac": self.mac, "num_outputs": 1},
                "name": self.name, "max_power": 2500, "relays": [{"name": None, "ison": True}],
            }  # fmt: skip
        if route != "/status":
            return None
        meter = {
            "power": self.watts, "overpower": 0.0, "is_valid": True, "timestamp": 1790000000,
            "counters": [120.1, 119.8, 120.0], "total": int(self.total_wh * 60),
        }  # fmt: skip
        status = {
            "wifi_sta": {"connected": True, "ssid": "home", "ip": "192.168.1.20", "rssi": -61},
            "mac": self.mac, "relays": [{"ison": self.is_on, "has_timer": False}],
            "meters": [meter], "temperature": 31.2, "uptime": 5461,
        }  # fmt: skip
        if self.emeters:
            status["emeters"] = [
                {"power": self.watts + 100 * index, "reactive": 3.1, "voltage": 231.8,
                 "is_valid": True, "total": self.total_wh, "total_returned": 0.0}
                for index in range(self.emeters)
            ]  # fmt: skip
        return status


class ShellyGen2(FakePlug):
    """A Shelly Plus Plug S; other components stand in `components` by their keys.

    https://shelly-api-docs.shelly.cloud/gen2/
    """

    auth = False

    @property
    def switch(self):
        return {
            "id": 0, "source": "init", "output": self.is_on, "apower": self.watts,
            "voltage": 231.9, "current": 0.53,
            "aenergy": {"total": round(self.total_wh, 3), "by_minute": [2000.1, 1999.8, 2001.0],
                        "minute_ts": 1790000000},
            "temperature": {"tC": 38.9, "tF": 102.1},
        }  # fmt: skip

    @property
    def components(self):
        return {"switch:0": self.switch}

    def says(self, route):
        if route == "/shelly":
            return {
                "name": self.name, "id": f"shellyplusplugs-{self.mac.lower()}", "mac": self.mac,
                "slot": 0, "model": "SNPL-00112EU", "gen": 2, "fw_id": "20240625-122715/1.3.3",
                "ver": "1.3.3", "app": "PlusPlugS", "auth_en": self.auth, "auth_domain": None,
            }  # fmt: skip
        if route == "/rpc/Shelly.GetStatus":
            return {"ble": {}, "cloud": {"connected": False}, "mqtt": {"connected": False},
                    **self.components, "sys": {"mac": self.mac, "restart_required": False,
                                               "uptime": 5461}}  # fmt: skip
        for key, component in self.components.items():
            kind, _, number = key.partition(":")
            if route.lower() == f"/rpc/{kind}.getstatus?id={number}":
                return component
        return None


class Tasmota(FakePlug):
    """A Tasmota plug; `extra_w` are the watts of further sockets, `decimals` those of Total.

    https://tasmota.github.io/docs/JSON-Status-Responses/
    """

    extra_w = ()
    decimals = 3
    metering = True
    password = False

    def says(self, route):
        if not route.startswith("/cm?cmnd=Status "):
            return None
        if self.password:
            return {"WARNING": "Need user=<username>&password=<password>"}
        sensors = self._sensors()
        if route.endswith("Status 10"):
            return sensors
        state = {"Time": "2026-11-22T02:30:00", "Uptime": "0T01:31:01"}
        names = [f"POWER{n + 1}" for n in range(1 + len(self.extra_w))]
        state |= dict.fromkeys(names if self.extra_w else ["POWER"], "ON" if self.is_on else "OFF")
        whole = {
            "Status": {"Module": 0, "DeviceName": self.name, "FriendlyName": [self.name],
                       "Topic": "tasmota_DDEEFF", "Power": "1"},
            "StatusFWR": {"Version": "14.2.0(release-tasmota)"},
            "StatusNET": {"Hostname": "tasmota", "IPAddress": "192.168.1.21",
                          "Mac": ":".join(self.mac[i : i + 2] for i in range(0, 12, 2))},
            "StatusSTS": state,
        }  # fmt: skip
        return json.dumps(whole)[:-1].encode() + b", " + sensors[1:]

    def _sensors(self):
        if not self.metering:
            return b'{"StatusSNS": {"Time": "2026-11-22T02:30:00"}}'
        total = f"{self.total_wh / 1000:.{self.decimals}f}"
        powers = [self.watts, *self.extra_w]
        power = json.dumps(powers if self.extra_w else powers[0])
        totals = f"[{', '.join([total] * len(powers))}]" if self.extra_w else total
        return (
            f'{{"StatusSNS": {{"Time": "2026-11-22T02:30:00", "ENERGY": {{"Total": {totals},'
            f' "Yesterday": 0.028, "Today": 0.026, "Power": {power}, "ApparentPower": 130,'
            f' "Factor": 0.92, "Voltage": 231, "Current": 0.53}}}}}}'
        ).encode()
