"""Articles: written, reviewed, published, revised beside what readers see, archived."""
