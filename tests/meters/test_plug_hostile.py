"""Whatever answers at a plug's address: an outlet, or a fault with its sentence."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_plug import ShellyGen1, ShellyGen2, Tasmota

from vidgreen_gui.meters.plug_address import PlugAddress
from vidgreen_gui.meters.plug_client import PlugClient
from vidgreen_gui.meters.plug_form import Meterage, Outlet, PlugFault
from vidgreen_gui.system.http import Reply
from vidgreen_gui.system.resources import load_texts

TEXTS = load_texts("en")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
ROUTES = (
    "/shelly", "/status", "/settings", "/rpc/Shelly.GetStatus", "/rpc/Switch.GetStatus?id=0",
    "/cm?cmnd=Status 0", "/cm?cmnd=Status 10",
)  # fmt: skip


class Answers:
    """Stands for the HTTP client: answers as `plug` does, with some routes replaced."""

    def __init__(self, plug, replaced):
        self._plug = plug
        self._replaced = replaced

    async def request(self, _method, url, **_how):
        route = "/" + url.partition("://")[2].partition("/")[2].replace("%20", " ")
        said = self._replaced.get(route, self._plug.says(route))
        if said is None:
            return Reply(404, b"", {})
        return Reply(200, said if isinstance(said, bytes) else json.dumps(said).encode(), {})


def outcome(http):
    """Return what recognising and reading comes to."""

    async def ask():
        client = PlugClient(http, PlugAddress("127.0.0.1"))
        outlet = await client.recognise()
        assert isinstance(outlet, Outlet)
        return await client.measure(outlet)

    try:
        return asyncio.run(ask())
    except PlugFault as fault:
        TEXTS.fault(fault)
        return None


def damaged(value, dice):
    """Return a documented answer in which one place is something else."""
    if isinstance(value, bytes):
        value = json.loads(value)
    if isinstance(value, dict) and value:
        key = dice.draw(st.sampled_from(sorted(value)))
        return value | {key: damaged(value[key], dice)}
    if isinstance(value, list) and value:
        return [damaged(value[0], dice), *value[1:]]
    return dice.draw(VALUES)


@given(st.sampled_from([ShellyGen1, ShellyGen2, Tasmota]), st.sampled_from(ROUTES), st.data())
def test_an_answer_with_one_wrong_place(kind, route, dice):
    plug = kind()
    said = plug.says(route)
    found = outcome(Answers(plug, {} if said is None else {route: damaged(said, dice)}))
    assert found is None or isinstance(found, Meterage)
    if found is not None:
        assert 1.0 <= found.power_w <= 12_000.0
        assert found.energy_mj is None or 0 <= found.energy_mj < 2**63


@given(st.dictionaries(st.sampled_from(ROUTES), st.binary(max_size=40) | VALUES, min_size=1))
def test_answers_of_any_kind(said):
    outcome(Answers(ShellyGen2(), said))


@pytest.mark.parametrize("total", [b"1e305", b"-1", b"9" * 5000])
def test_a_counter_beyond_all_numbers_of_a_shelly(total):
    said = b'{"switch:0":{"apower":120.0,"aenergy":{"total":%b}}}' % total
    assert outcome(Answers(ShellyGen2(), {"/rpc/Shelly.GetStatus": said})) is None
    reading = said.removeprefix(b'{"switch:0":').removesuffix(b"}")
    assert outcome(Answers(ShellyGen2(), {"/rpc/Switch.GetStatus?id=0": reading})) is None


@pytest.mark.parametrize("route", ["/cm?cmnd=Status 0", "/cm?cmnd=Status 10"])
def test_a_counter_beyond_all_numbers_of_a_tasmota(route):
    said = (
        Tasmota().says(route).replace(b'"Total": ', b'"Total": %b.00000, "Was": ' % (b"9" * 5000))
    )
    assert outcome(Answers(Tasmota(), {route: said})) is None
