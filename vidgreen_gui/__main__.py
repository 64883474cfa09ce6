"""The way in: a verb goes to the command line, anything else opens the window."""

import sys


def main() -> int:
    """Run what the user typed; return the process's exit status."""
    from vidgreen_gui.cli import run_command_line

    return run_command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
