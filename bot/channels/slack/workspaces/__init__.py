"""Workspaces in which the app is installed: one by its token, or several by OAuth."""
