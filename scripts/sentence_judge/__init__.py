"""Training and building the model of `app.llm.change_judge`."""
