"""The frame in which a speaker puts each sentence forward, by grammar and by what introduces it."""
