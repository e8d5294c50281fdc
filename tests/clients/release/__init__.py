"""What is released: the wheel and the source archive, installed where nothing but Python is."""
