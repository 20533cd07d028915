"""Whether a form of a tool server asks for something that is nobody's business in a thread.

The names and words of its fields count wherever they stand; its message only where it asks for a secret."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import category, normalize

from threadwork.activities.tool_calls.server_forms import choices, fields

WANTED = (
    r"(?:passw[o0]rds?|pass(?:phrase|code|wd)|\bpwd\b|secret(?!ar)|token(?!i[sz])|api.?key|\bkey\b|credential|"
    r"\bpin ?\d?\b|\bcvv|\bcvc|card.?num|credit.?card|\bcard\b|\bssn\b|social.?security|\biban\b|"
    r"one.?time.?(?:pass|pin|code)|\b[mt]?otp\b|private.?key|\b(?:[pim]|sms|chip|push)?[ -]?tan\b|\b[2m]fa\b|\b2 fa\b|"
    r"\btwo.?factor|\bbearer\b|\bjwt\b|(?:session|auth|login|browser|your) cookies?|cookie (?:value|header)|"
    r"^\W*cookies?\W*$|(?:seed|recovery|backup) ?(?:phrase|words|codes?)|mnemonic|"
    r"(?:verification|security|authenticator|auth|sms|login|\d.digit) code|"
    r"passwor[td]|kennwort|geheim|schlüssel|zugangsdaten|kreditkarte|wachtwoord|lösenord|adgangskode|passord|salasana|"
    r"mot.?de.?passe|secr[eè]t(?!ar)|jeton|\bclé|carte.?bancaire|contraseñ|\bclave|tarjeta|senha|chave|cart[aã]o|"
    r"segredo|\bparola|chiave|segreto|carta.?di.?credito|has[łl]o|klucz|heslo|jelszó|şifre|\bparol(?!e)|"
    r"парол|секрет|\bключ(?!ев)|токен|密码|密碼|口令|密钥|密鑰|验证码|驗證碼|パスワード|暗証|秘密|비밀번호|암호|인증번호|"
    r"كلمة.?(?:ال)?(?:مرور|سر)|סיסמ|पासवर्ड|รหัสผ่าน|mật.?khẩu|kata.?sandi)"
)
NAMES = re.compile(WANTED, re.IGNORECASE)
HARMLESS = re.compile(
    r"\b(?:max(?:imum)?|min(?:imum)?|total|input|output|context|number of|completion) tokens?\b|"
    r"\btokens? (?:limit|count|budget|usage|symbol|amount|contract|standard|name|type|balance|pair)s?\b|"
    r"\b(?:issue|project|primary|foreign|sort|partition|public|cache|object|translation|shortcut|ticket) keys?\b|"
    r"\bkey (?:points?|results?|takeaways?|areas?|findings?|features?|words?|dates?|contacts?|figures?|names?)\b|"
    r"\bpin (?:the|this|that|these|it|them|a|an|message|post|to (?:the )?(?:top|channel|board))\b|\bpinned\b|"
    r"\bcookies? (?:recipes?|consent|banner|policy|jar|dough|flavou?rs?|preferences)\b|"
    r"\b(?:trello|business|greeting|playing|report|id|story|task|birthday|graphics|sim|memory) card\b|"
    r"\bcard (?:title|description|list|games?|deck|layout|colou?r|label|position|id)\b|"
    r"\bpassword (?:policy|policies|length|strength|manager|resets?|protected|rules?)\b|"
    r"\b(?:reset|forgotten|expired) passwords?\b|\bsecret santa\b|\btan (?:colou?r|leather)\b|"
    r"\b(?:light|dark) tan\b|\bbearer of\b|\bsecurity code review\b",
    re.IGNORECASE,
)
DENIED = re.compile(r"\b(?:never|not|don['’]?t|no|without)\b[^.!?;:,\n]*", re.IGNORECASE)
ASIDE = re.compile(
    r"\([^()]*\b(?:never|not|don['’]?t|no|without)\b[^()]*\)", re.IGNORECASE
)  # server-everything has one
OTHERS = r"(?:for|of|to|in|on|from|about|with|if|whether|by|that|which|what|before|after|how|where|when)\b|\w+ing\b"
WORDS_BETWEEN = rf"(?:\s+(?!{OTHERS})[\w'’/&-]+){{0,5}}?\s*"
ASKS = (
    r"(?:enter|type(?: in)?|provide|paste|input|supply|submit|insert|specify|fill in|key in|reply with|"
    r"(?:give|tell|send) (?:me|us)|what(?: i|['’])s|share your|confirm your|needs? your|requires? your|"
    r"gib|geben|introduce|introduzca|ingresa|ingrese|entrez|saisissez|inserisci|digite|insira|voer|введите|укажите|"
    r"podaj|wpisz|zadejte)"
)
ASKED = re.compile(
    rf"(?:^|[.!?:;,\n(—-]\s*|\b(?:please|to|must|should|you|now|and|then|kindly|bitte|por favor|пожалуйста)\s+)"
    rf"{ASKS}\b{WORDS_BETWEEN}{WANTED}|"
    rf"\b(?:choose|set|pick) (?:a|your|the)(?: new)? passw|"
    rf"{WANTED}\w*(?: is| are)? (?:required|needed|please|eingeben)|"
    rf"^\W*(?:(?:your|the|my|ihr|new|current) ){{0,2}}{WANTED}\w*\W*$|"
    rf"(?:输入|輸入|入力|입력|提供).{{0,12}}{WANTED}|{WANTED}.{{0,8}}(?:输入|輸入|入力|입력)",
    re.IGNORECASE,
)
ALIKE = str.maketrans(
    "аеорсухіјѕԁԛԝкмтвнгαεορντυικ", "aeopcyxijsdqwkmtbhraeopvtuik"
)  # as they are taken for one another
SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\W_]{1,2}){2,}[^\W_](?![^\W_])")  # p a s s w o r d

READ = 4_000  # characters of a text that are looked at: people are shown fewer


def is_secret(params: Mapping[str, Any]) -> bool:
    if params.get("mode") == "url":  # a page is the place for it
        return False
    schema = params.get("requestedSchema")
    return any(_named(text[:READ]) for text in _words(schema, fields(params))) or _asked(
        str(params.get("message", ""))[:READ]
    )


def _named(text: str) -> bool:
    return any(NAMES.search(HARMLESS.sub(" ", ASIDE.sub(" ", one))) for one in _read(text))


def _asked(text: str) -> bool:
    return any(ASKED.search(DENIED.sub(" ", HARMLESS.sub(" ", one))) for one in _read(text))


def _read(text: str) -> tuple[str, str]:
    """As people read it: nothing unseen, words apart, spaced letters together; also with look-alikes in Latin."""
    seen = "".join(c for c in normalize("NFKC", text) if category(c) != "Cf" and not "\ufe00" <= c <= "\ufe0f")
    whole = SPACED.sub(lambda found: re.sub(r"[\W_]", "", found[0]), seen)
    apart = re.sub(r"_+|(?<=\w)[-.](?=\w)|(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", whole)
    return apart, apart.lower().translate(ALIKE)


def _words(schema: Any, top: Mapping[str, Any]) -> Iterator[str]:
    """Every title, description and name, however deep: `unfit` bounds how deep. A field that is a choice of the
    server's own answers can give nothing away."""
    if isinstance(schema, list):
        for inner in schema:
            yield from _words(inner, {})
    if not isinstance(schema, dict):
        return
    yield " ".join(str(schema[word]) for word in ("title", "description") if isinstance(schema.get(word), str))
    if schema.get("format") == "password" or schema.get("writeOnly") is True:
        yield "password"
    for name, inner in schema.items():
        if name in ("properties", "patternProperties", "$defs", "definitions") and isinstance(inner, dict):
            for own, field in inner.items():
                if not (own in top and name == "properties" and _closed(field)):
                    yield f"{own} "
                    yield from _words(field, {})
        elif name not in ("default", "examples", "enum", "const", "enumNames"):
            yield from _words(inner, {})


def _closed(field: Any) -> bool:
    kind = field.get("type", "string") if isinstance(field, dict) else None
    return kind == "boolean" or (kind == "string" and bool(choices(field)))
