"""The machine we run on: clock, paths, settings, locks, logs, HTTP."""
