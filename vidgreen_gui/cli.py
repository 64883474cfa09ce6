"""The command line: reads the call, runs the verb, says what became of it."""

from collections.abc import Sequence


def run_command_line(arguments: Sequence[str]) -> int:
    """Run the verb named by `arguments`; return 0, 1 (the work failed) or 2 (the call is wrong)."""
    return 0 if arguments else 2
