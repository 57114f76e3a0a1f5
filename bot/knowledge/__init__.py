"""Sources of articles and intents; `files.FileSource` reads them from two folders."""
