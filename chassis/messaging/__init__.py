"""Messages between services: outbox, relay, log, consumer, inbox, dead letters."""
