"""What people have not read goes to them by mail: when, what it says, and how they end it by one click."""
