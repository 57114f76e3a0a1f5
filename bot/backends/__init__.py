"""Where tickets are mirrored, a package each; without one they live in our database alone."""
