"""Papers: what is drawn from question banks for a test or a contest, and the versions of it that change no more."""
