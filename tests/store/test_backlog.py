"""The backlog keeps order, gives up samples by age and loses no event."""

from hypothesis import given
from hypothesis import strategies as st
from support.recorded import anchor, power

from vidgreen_gui.store.backlog import Backlog
from vidgreen_gui.store.batch import Batch

KEEP_S = 10


@given(st.lists(st.tuples(st.floats(0, 8), st.booleans(), st.booleans()), max_size=40))
def test_events_stay_and_old_samples_go(steps):
    backlog, now_s, added = Backlog(KEEP_S), 0.0, []
    for number, (step_s, has_samples, is_retried) in enumerate(steps):
        now_s += step_s
        blocks = (power(number, 3),) if has_samples else ()
        backlog.add(Batch(run_id="run-1", events=(anchor(number),), blocks=blocks), now_s)
        added.append((now_s, len(blocks) * 3))
        if is_retried:
            backlog.put_back(*backlog.take())
    kept = [backlog.take()[1] for _ in range(len(backlog))]
    assert [batch.events[0].seq for batch in kept] == list(range(len(steps)))
    for batch, (since_s, samples) in zip(kept, added, strict=True):
        expected = samples if since_s >= now_s - KEEP_S else 0
        assert sum(len(block.t_ns) for block in batch.blocks) == expected
    left = sum(len(block.t_ns) for batch in kept for block in batch.blocks)
    assert backlog.dropped_samples == sum(samples for _, samples in added) - left
