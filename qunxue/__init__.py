"""The command line and the one-process runner: the only place that imports every service."""
