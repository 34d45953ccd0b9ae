"""The directory of the company's people: registering, finding, changing, moving, importing."""
