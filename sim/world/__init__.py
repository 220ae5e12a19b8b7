"""What a world is between two weeks, what a week hands on, and how a world is set up."""
