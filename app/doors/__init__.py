"""Other protocols that lead to the same services: each package is one door, mounted by `app.main`."""
