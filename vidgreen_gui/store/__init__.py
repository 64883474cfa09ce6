"""What is kept: one event log and checksummed sample blocks in SQLite."""
