"""What is asked for in a thread, and what is not.

Forms of systempromptio/systemprompt-mcp-server#1, microsoft/vscode#299097 and datarobot-oss/datarobot-genai#83 ask for
secrets; those of spring-projects/spring-ai#4471 and actionhero/keryx#545 do not."""

from typing import Any

import pytest

from threadwork.activities.tool_calls.secret_forms import is_secret

TEXT = {"type": "string"}


def form(message: str = "Please answer", /, schema: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "message": message,
        "requestedSchema": {"type": "object", "properties": fields or {"v": TEXT}, **(schema or {})},
    }


@pytest.mark.parametrize(
    "params",
    [
        form("Please provide your API credentials", apiKey={"type": "string", "description": "Your API key"}),
        form("Login", password={"type": "string", "title": "Password"}),
        form("Authentication token required for jira. Please provide your jira API token. It will be kept."),
        form(login={"type": "object", "properties": {"password": TEXT}}),
        form(schema={"allOf": [{"properties": {"password": TEXT}}]}),
        form(schema={"anyOf": [{"properties": {"a": {"title": "Password"}}}]}),
        form(schema={"oneOf": [{"properties": {"a": {"format": "password"}}}]}),
        form(schema={"title": "Your password"}),
        form(schema={"description": "Your password"}),
        form("Enter your password"),
        form("To go on, type in your PIN."),
        form("Please enter your username and password"),
        form("What is your password?"),
        form("Your password?"),
        form("Bitte geben Sie Ihr Passwort ein"),
        form("请输入您的密码"),
        form("Enter your pass\u200bword"),
        form(**{"pass\u00adword": TEXT}),
        form(**{"p\u0430ssword": TEXT}),
        form(**{"p a s s w o r d": TEXT}),
        form(PINCode=TEXT),
        form(v={"type": "string", "title": "TAN"}),
        form(v={"type": "string", "title": "2FA code"}),
        form(bearer=TEXT),
        form(sessionCookie=TEXT),
        form(cookie=TEXT),
        form(v={"type": "string", "title": "Seed phrase"}),
    ],
)
def test_a_form_that_wants_a_secret_is_declined(params: dict[str, Any]) -> None:
    assert is_secret(params)


@pytest.mark.parametrize(
    "params",
    [
        form(  # server-everything 2026.8.31
            "Please provide inputs for the following fields:",
            integer={
                "description": "Your favorite integer (do not give us your phone number, pin, or other sensitive info)"
            },
        ),
        form("what is your favorite number?", number={"type": "integer"}),
        form("What display name should we show other people?", displayName=TEXT),
        form("No tables available at 7 PM. Would you like to try 8 PM?", retry={"type": "boolean"}),
        form("What token limit should it have?", token_limit={"type": "integer"}),
        form(max_tokens={"type": "integer"}),
        form("Pin the message?", pin_message={"type": "boolean"}),
        form("Choose where to pin the message"),
        form("Please enter a cookie recipe", recipe={"type": "string", "title": "Cookie recipe"}),
        form(v={"type": "string", "title": "Cookie banner text"}),
        form("Enter the name of the token to revoke"),
        form("Never enter your password here. Which city?"),
        form("Do not share your password. How many rows?"),
        form("Reset the password of which user?", user=TEXT),
        form("Enter the password policy"),
        form("The token has expired. Continue?", go={"type": "boolean"}),
        form("Sure?", save_token={"type": "boolean", "description": "Save the token"}),
        form(credential_type={"type": "string", "enum": ["user", "service"]}),
        form(issue_key=TEXT),
        form(projectKey={"type": "string", "description": "Jira project key"}),
        form(v={"type": "string", "title": "Key points"}),
        form(secretary=TEXT),
        form(tokenizer=TEXT),
        form(stan=TEXT),
        form(v={"type": "string", "title": "Card title"}),
        form(v={"type": "string", "title": "Ключевые слова"}),
        {"mode": "url", "message": "Enter your password on the page", "url": "https://bank.example/"},
    ],
)
def test_a_form_that_only_speaks_of_such_things_is_asked(params: dict[str, Any]) -> None:
    assert not is_secret(params)
