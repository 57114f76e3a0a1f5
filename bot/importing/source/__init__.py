"""What a source holds: files of a folder or an archive, read within bounds."""
