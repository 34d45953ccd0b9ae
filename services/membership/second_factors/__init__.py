"""What people prove besides their password: codes of an app, and recovery codes for when it is lost."""
