"""Activities, contests, surveys and meetings. The package name is the only "event" in the code."""
