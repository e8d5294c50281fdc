"""States that one person or thing is in at a time: what a sentence tells of them, and which excludes which."""
