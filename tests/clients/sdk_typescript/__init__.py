"""The TypeScript client: built, packed, installed as an app would, and run."""
