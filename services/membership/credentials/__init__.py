"""How people prove who they are: passwords, the codes they set them with, and the waiting after failures."""
