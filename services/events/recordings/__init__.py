"""Recordings of activities: shown once everybody who could be seen or heard in them agreed."""
