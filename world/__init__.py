"""Synthetic worlds with planted cases, honest look-alikes and a truth file."""
