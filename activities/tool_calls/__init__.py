"""A tool call: what is offered, the call, and what servers ask people meanwhile."""
