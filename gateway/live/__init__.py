"""`GET /v1/stream`: a person's inbox as it changes, by Server-Sent Events."""
