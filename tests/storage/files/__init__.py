"""The files of a database: who reaches them, how they are copied and put back."""
