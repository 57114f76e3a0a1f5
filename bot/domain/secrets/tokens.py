"""Finds keys and tokens by their form: of vendors, private keys, addresses and headers with credentials."""

import re
from collections.abc import Iterator

from bot.domain.secrets.values import Span, is_placeholder, is_plain

# Only what is that long can be a token: everything else is read once, and no further.
_LONG = re.compile(r"[\w.~+/=:-]{16,}+")
_BODY = r"[\w-]"
_TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    rf"eyJ{_BODY}{{8,}}+\.{_BODY}{{8,}}+(?:\.{_BODY}*+){{0,3}}"  # JWT
    r"|(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[0-9A-Z]{16}(?![0-9A-Za-z])"
    r"|[\w~.-]{3}\dQ~[\w~.-]{31,34}"  # Azure, Entra
    rf"|AIza{_BODY}{{30,}}+|ya29\.{_BODY}{{20,}}+|GOCSPX-{_BODY}{{20,}}+"  # Google
    rf"|gh[pousr]_{_BODY}{{16,}}+|github_pat_{_BODY}{{16,}}+"
    rf"|gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas)-[\w.-]{{16,}}+|GR1348941{_BODY}{{16,}}+"
    rf"|xox[a-z](?:-\d)?-[\w%-]{{10,}}+|xapp-[\w-]{{16,}}+|xwfp-[\w-]{{16,}}+"  # Slack
    rf"|[spr]k_(?:live|test|prod)_{_BODY}{{10,}}+|whsec_{_BODY}{{16,}}+"  # Stripe
    rf"|sk-{_BODY}{{16,}}+|SK[0-9a-f]{{32}}"
    rf"|SG\.{_BODY}{{16,}}+\.{_BODY}{{16,}}+"
    rf"|npm_{_BODY}{{16,}}+|pypi-{_BODY}{{16,}}+|hf_{_BODY}{{16,}}+|r8_{_BODY}{{16,}}+"
    rf"|AT(?:ATT|CTT|BB)[\w=-]{{20,}}+"  # Atlassian
    rf"|NR(?:AK|II|JS|RA|BR|AA|AL)-{_BODY}{{16,}}+|[0-9a-f]{{32,36}}NRAL"
    rf"|hv[sbr]\.{_BODY}{{16,}}+|s\.[A-Za-z0-9]{{24}}(?![\w.])"  # Vault
    rf"|do[opr]_v1_[0-9a-f]{{40,}}+|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{{32}}|sq0(?:atp|csp|idp)-{_BODY}{{16,}}+"
    rf"|key-[0-9a-z]{{32}}|[0-9a-f]{{32}}-us\d{{1,2}}(?!\w)"  # Mailgun, Mailchimp
    rf"|dckr_(?:pat|oat)_{_BODY}{{16,}}+|PMAK-[\w-]{{20,}}+|dapi[0-9a-f]{{32}}|lin_(?:api|oauth)_{_BODY}{{16,}}+"
    rf"|LTAI[A-Za-z0-9]{{16,24}}(?!\w)|CFPAT-{_BODY}{{20,}}+|EZ[AT]K[A-Za-z0-9]{{50,}}+|f?fio-u-{_BODY}{{40,}}+"
    rf"|dp\.(?:[a-z]{{2,5}}\.){{1,2}}[A-Za-z0-9]{{40,}}+|pat[A-Za-z0-9]{{14}}\.[0-9a-f]{{64}}"
    rf"|(?:sk|pk|rk|api|key|pat|token|secret|bk[a-z]{{2}})_[0-9a-f]{{32,}}+"
    rf"|nvapi-{_BODY}{{20,}}+|gsk_{_BODY}{{20,}}+|xai-{_BODY}{{20,}}+|figd_{_BODY}{{20,}}+|HRKU-[\w-]{{30,}}+|tskey-[\w-]{{16,}}+"
    rf"|A3-[A-Z0-9]{{6}}-[A-Z0-9-]{{20,}}+|ops_eyJ{_BODY}{{20,}}+|AGE-SECRET-KEY-1[0-9A-Z]{{40,}}+"
    rf"|\d{{8,10}}:AA{_BODY}{{32,}}+|\d{{8,10}}:{_BODY}{{35}}(?![\w:-])"  # Telegram
    rf"|[MNO][\w-]{{23,27}}\.[\w-]{{6}}\.[\w-]{{27,}}+"  # Discord
    rf"|\d{{6}}(?:-\d{{6}}){{7}}+(?![\w-])"  # a recovery key of BitLocker
    r")"
)
# The form that most vendors took up: a short name, an underscore, what a machine made, and what checks it.
_NAMED = re.compile(
    r"(?<![\w.])[A-Za-z][A-Za-z0-9]{1,11}(?:_[A-Za-z0-9]{1,8}){0,2}_(?P<body>[A-Za-z0-9]{20,}+)"
    r"(?:={0,2}_[A-Za-z0-9]{4,80}+)?(?![\w.-])"
)
# The same with a hyphen, in capitals and small letters: hashes and names of machines are in one of them.
_HYPHENED = re.compile(
    r"(?<![\w./=:-])[a-z]{2,6}-(?=[a-z0-9]*[A-Z])(?=[A-Z0-9]*[a-z])(?P<body>[A-Za-z0-9]{24,}+)(?![\w./=+-])"
)

_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|Private-MAC:[^\n]{0,200}")

_IN_ADDRESS = re.compile(
    r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://(?:[^\s/:@]{0,100}:(?P<secret>[^\s/]{1,200})|(?P<user>[\w.~-]{20,200}))@",
    re.IGNORECASE,
)
_HOOK = re.compile(
    r"(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/"
    r"|\.office\.com/webhook(?:b2)?/|chat\.googleapis\.com/v1/spaces/)(?P<secret>[^\s\"'<>)]{10,300})"
)
_IN_QUERY = re.compile(
    r"[?&;](?:sig|signature|code|key|auth|hash|hmac|ticket|x-amz-(?:signature|security-token|credential)|x-goog-signature"
    r"|sharedaccesssignature)=(?P<secret>[\w%.~+/=-]{16,2000})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\b(?:proxy-)?authorization[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?"
    r"(?:(?:bearer|basic|token|splunk|api-?key|negotiate|ntlm|ssws|bot|key|digest|aws4[a-z0-9-]+)[ \t]{1,3})?"
    r"(?P<header>[^\s\"'`,;<>]{8,4000})"
    r"|\b(?:bearer|basic)[ \t]{1,3}(?P<bare>[\w.~+/=-]{16,4000})",
    re.IGNORECASE,
)
_COOKIE = re.compile(
    r"\b(?:set-)?cookie2?[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?(?P<secret>[\w.-]{1,60}=[^\n\"'`<>]{4,4000})",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"(?<!\S)(?:-u|--user|--proxy-user)[ =][\"']?[^\s:\"']{1,60}:(?P<secret>[^\s\"']{3,200})"
    r"|(?<!\S)-u[ \t]{1,3}\S{1,60}[ \t]{1,3}-p[ \t]{1,3}[\"']?(?P<psexec>[^\s\"']{3,200})"
    r"|\bredis-cli\b[^\n]{0,80}?[ \t]-a[ \t]{1,3}[\"']?(?P<redis>[^\s\"']{3,200})"
    r"|\bsshpass[ \t]{1,3}-p[ \t]{0,3}[\"']?(?P<ssh>[^\s\"']{3,200})"
    r"|\bldap(?:search|modify|add|delete|passwd|whoami)\b[^\n]{0,120}?[ \t]-w[ \t]{1,3}"
    r"[\"']?(?P<ldap>[^\s\"']{3,200})"
    r"|\b(?:smbclient|rpcclient)\b[^\n]{0,80}?[ \t]-U[ \t]{0,3}[\"']?[^\s%\"']{1,60}%(?P<smb>[^\s\"']{3,200})"
    r"|(?<!\S)-pass(?:in|out)[ \t]{1,3}pass:(?P<openssl>[^\s\"']{3,200})"
    r"|\b(?:7z|unzip|zip|rar|unrar)\b[^\n]{0,80}?[ \t]-p[ \t]?[\"']?"
    r"(?=\S{0,40}[\d!#$%^&*])(?P<archive>[^\s\"'-][^\s\"']{2,200})"
    r"|\bmysql(?:dump|admin)?\b[^\n]{0,80}?[ \t]-p(?P<mysql>[^\s\"'-][^\s\"']{2,100})"
    r"|(?<!\S)/user:\S{1,60}[ \t]{1,3}(?!/|-|pass)(?P<net>[^\s/][^\s]{3,100})"
    r"|\bnet[ \t]{1,3}user[ \t]{1,3}[^\s/]{1,60}[ \t]{1,3}(?P<account>[^\s/*][^\s]{3,100})(?=[ \t]{1,3}/)"
    r"|(?<!\S)-pw[ \t]{1,3}[\"']?(?P<plink>[^\s\"']{3,200})"
    r"|\bsqlcmd\b[^\n]{0,80}?[ \t]-P[ \t]{0,3}[\"']?(?P<sql>[^\s\"']{3,200})"
    r"|(?<!\S)/p:[\"']?(?P<rdp>[^\s\"']{4,100})",
    re.IGNORECASE,
)
_IN_CODE = re.compile(
    r"\bConvertTo-SecureString[ \t]{1,3}(?:-String[ \t]{1,3})?[\"'](?P<secure>[^\"'\n]{3,200})"
    r"|\.log_?in\([^\n,]{1,100},[ \t]{0,3}[\"'](?P<login>[^\"'\n]{3,200})",
    re.IGNORECASE,
)
_CARD_CODE = re.compile(
    r"\b(?:cvv2?|cvc2?|csc)\b[ \t:=.#]{0,4}(?:is |es )?(?P<cvv>\d{3,4})(?!\w)", re.IGNORECASE
)
# How systems keep a password: with its help it can be guessed.
_HASH = re.compile(
    r"(?P<hash>\$(?:1|2[abxy]?|5|6|7|y|apr1|argon2id?|krb5[a-z]{3,5})\$[\w./$+=,@:*-]{16,4000})"
)


def find_tokens(text: str) -> Iterator[Span]:
    """Yield keys and tokens, whole private keys, and credentials in addresses, headers and commands."""
    for long in _LONG.finditer(text):
        yield from _in_long(text, *long.span())
    yield from _private_keys(text)
    lower = text.lower()
    for pattern, words in _BY_WORD:
        if any(word in lower for word in words):
            yield from _found(pattern, text)


def _in_long(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _TOKENS.finditer(text, start, end):
        yield found.span()
    for pattern in (_NAMED, _HYPHENED):
        for found in pattern.finditer(text, start, end):
            if _is_mixed(found["body"]):
                yield found.span()


def _is_mixed(body: str) -> bool:
    """Tell whether letters and digits are mixed as no name of a thing has them; a hash is none."""
    digits = sum(map(str.isdigit, body))
    return digits >= 3 and len(body) - digits >= 6 and re.fullmatch("[0-9a-f]+|[0-9A-F]+", body) is None


def _private_keys(text: str) -> Iterator[Span]:
    at = 0
    while (begin := _KEY_BEGIN.search(text, at)) is not None:
        end = _KEY_END.search(text, begin.end())
        at = end.end() if end else len(text)
        yield begin.start(), at


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for found in pattern.finditer(text):
        for name, value in found.groupdict().items():
            if value is not None and not is_placeholder(value) and _may_be(name, value):
                yield found.span(name)


def _may_be(name: str, value: str) -> bool:
    """Tell whether what has the place of a token may be one: the word after “bearer” often is none."""
    if name == "bare":
        return any(map(str.isdigit, value)) or len(value) > 30
    return name != "header" or not is_plain(value) or len(value) > 20


_BY_WORD = (
    (_IN_ADDRESS, ("://",)),
    (_HOOK, ("hooks.slack", "/webhook", "chat.googleapis")),
    (_IN_QUERY, ("sig", "code=", "key=", "auth=", "hash=", "hmac=", "ticket=", "x-amz-")),
    (_HEADER, ("authorization", "bearer", "basic")),
    (_COOKIE, ("cookie",)),
    (_HASH, ("$",)),
    (_IN_CODE, ("securestring", ".login(", ".log_in(")),
    (_CARD_CODE, ("cvv", "cvc", "csc")),
    (
        _COMMAND,
        (
            "-u ",
            "--user",
            "-user",
            "sshpass",
            "mysql",
            "redis-cli",
            "ldap",
            "client",
            "-pass",
            "7z",
            "zip",
            "rar",
            "/user:",
            "/p:",
            "net user",
            "-pw",
            "sqlcmd",
        ),
    ),
)
