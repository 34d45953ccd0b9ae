"""What waits to be sent outside, by mail or messenger, one row for each message and channel, and its sending."""
