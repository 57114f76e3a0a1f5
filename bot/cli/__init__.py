"""The commands, one module for each kind; a module is imported only when its command runs."""
