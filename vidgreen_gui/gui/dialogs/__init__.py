"""Dialogs: opened by the user, never by an event."""
