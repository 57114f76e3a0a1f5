"""One repository for each kind of object that the desk stores."""
