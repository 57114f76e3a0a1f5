"""Systems that tickets are mirrored in, and desks that mirror theirs."""
