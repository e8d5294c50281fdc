"""Build the image without a container engine, and run it as strictly as one would."""
