"""Questions, papers, grading and attempts: a library without state, shared by whoever tests people."""
