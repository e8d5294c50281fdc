"""`memcubed eval`: how well a service, and the language model behind it, writes memories."""
