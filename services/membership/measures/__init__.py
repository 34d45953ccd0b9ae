"""What rules want of each member in each window: counted, shown to them, and reminded of."""
