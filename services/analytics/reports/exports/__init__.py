"""Exports: figures as files that spreadsheets open, written by a job."""
