"""Legal holds: what was said in an application is kept beyond its time, for as long as somebody needs it as evidence."""
