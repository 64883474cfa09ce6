"""Session summaries that others can read: csv, json, html."""
