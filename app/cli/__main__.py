"""`python -m app.cli`: what the console script `memcubed` runs."""

from app.cli.main import main

if __name__ == "__main__":
    main()
