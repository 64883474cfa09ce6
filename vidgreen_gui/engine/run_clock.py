"""A clock whose steady time counts from the start of this run, and the row that ties it to UTC."""

from vidgreen_gui import __version__
from vidgreen_gui.model.events import Run
from vidgreen_gui.model.ports import Clock


class RunClock:
    """The machine's clocks, with steady time counted from the moment this was made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.origin_ns = clock.steady_ns()
        self.boottime_ns = clock.boottime_ns
        self.utc_ns = clock.utc_ns

    def steady_ns(self) -> int:
        """Return nanoseconds since the run began."""
        return self._clock.steady_ns() - self.origin_ns

    def run(self, run_id: str, boot_id: str, host: str) -> Run:
        """Return the row that ties this run's steady zero to boot time and UTC."""
        since_ns = self.steady_ns()
        return Run(
            id=run_id,
            boot_id=boot_id,
            steady_ns=self.origin_ns,
            boottime_ns=self.boottime_ns() - since_ns,
            utc_ns=self.utc_ns() - since_ns,
            app_version=__version__,
            host=host,
        )
