"""The commands, packed by what they are about; a module is imported only when its command runs."""
