"""What people see of a task: read, selected, laid out and brought to every place that is told of it."""
