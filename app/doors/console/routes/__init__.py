"""The routes of the console, by screen."""
