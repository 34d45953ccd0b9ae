"""What guests sent for the activities that they speak at, for those who run them."""
