"""Who holds an account, and how money moves between accounts."""
