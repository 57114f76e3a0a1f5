"""Known outages: started by an engineer or an alert, joined by employees, ended for all."""
