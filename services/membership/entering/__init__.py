"""Ways in that members take themselves: joining an open community, and accepting an invitation. Invitations of speakers from outside are of events."""
