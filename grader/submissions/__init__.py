"""Hostile files, folders and archives in; submissions out."""
