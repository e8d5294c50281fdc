"""Run the command line with `python -m app.cli`, as the console script does."""

from app.cli.main import main

if __name__ == "__main__":
    main()
