"""What the company's HR system tells: who was hired, moved or left."""
