"""Kudos: members say publicly what a colleague did well."""
