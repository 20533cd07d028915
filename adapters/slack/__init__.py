"""Cards, forms and lists as Slack shows them."""
