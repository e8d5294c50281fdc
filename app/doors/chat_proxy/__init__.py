"""OpenAI's chat completions with memory: recalled before the model answers, and remembered after it."""
