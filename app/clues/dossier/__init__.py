"""A dossier: all that stands behind some findings, in one folder that can be read without the software."""
