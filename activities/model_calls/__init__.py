"""A model call: the conversation as the model is shown it, the call, and what its answer means."""
