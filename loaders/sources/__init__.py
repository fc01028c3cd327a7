"""The sources: files, folders and archives as batches of raw rows."""
