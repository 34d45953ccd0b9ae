"""Reports: what an operator shows others, as a page and on paper; and figures as files."""
