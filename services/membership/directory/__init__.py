"""The people of the company as those who keep them see them: registering, finding, changing, moving, importing."""
