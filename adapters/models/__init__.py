"""Models: LiteLLM, and the scripted demo."""
