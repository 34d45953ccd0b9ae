"""The rules of a community: written, published as versions, acknowledged by every member."""
