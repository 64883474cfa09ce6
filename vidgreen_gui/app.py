"""The desktop application: opens the store, the engine and the window, in that order."""
