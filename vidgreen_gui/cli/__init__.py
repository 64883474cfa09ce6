"""The command line: stable words for scripts and tests; one sentence for every wrong call."""
