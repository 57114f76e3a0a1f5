"""Sources of alerts, which open and close known outages; a package each."""
