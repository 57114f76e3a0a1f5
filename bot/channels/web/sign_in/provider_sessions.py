"""Opens the sessions of people whom an identity provider knows, and asks it again while they last."""

import asyncio
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

import structlog

from bot.channels.web.access.accounts import CHANNEL, ROOM, Participant, Role, digest_of
from bot.channels.web.access.refusal import SessionStale
from bot.channels.web.sign_in.attempt import Attempt
from bot.channels.web.sign_in.errors import ProviderUnavailable, SignInRefused
from bot.channels.web.sign_in.options import ProviderOptions
from bot.channels.web.sign_in.provider import ANOTHER_SUBJECT, Provider, Tokens
from bot.channels.web.sign_in.roles import ADDRESS, Claims, values_of, verified_email
from bot.channels.web.sign_in.sealing import seal, unseal
from bot.desk.ports.channels import Host, ProviderSession, Session
from bot.domain.errors import RosterUnavailable
from bot.domain.people import Identity
from bot.domain.secrets.masking import clean_name

log = structlog.get_logger()

LEASE = timedelta(seconds=60)  # within which one replica has asked the provider, or another may
MARGIN = timedelta(seconds=30)  # before the end of an access token, when it is not used any more


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom the provider knows, with their role here."""

    subject: str
    id: str
    name: str
    role: Role
    email: str
    sid: str


class ProviderSessions:
    """Sessions of people of one provider; each request may ask whether their holder still has a role."""

    def __init__(self, host: Host, provider: Provider, options: ProviderOptions) -> None:
        self._host = host
        self._provider = provider
        self._options = options
        self._looks: dict[str, asyncio.Task[Participant | None]] = {}

    # --- signing in

    async def open(self, code: str, attempt: Attempt, address: str) -> str:
        """Exchange a code for a session; return its key, raise `SignInRefused` or `ProviderUnavailable`."""
        now = self._host.clock()
        tokens = await self._provider.exchange(code, attempt)
        claims = await self._provider.verifier.id_token(
            tokens.id_token, now, nonce=attempt.nonce, since=attempt.at
        )
        known = await self._known(claims, tokens)
        until, ends_at = await self._lasts(attempt, known, now)
        key = secrets.token_urlsafe(32)
        held = replace(self._held(key, known, tokens, now, ends_at), sign_in=digest_of(attempt.state))
        session = Session(known.id, self._options.grant, now, until, held)
        if not await self._host.run(self._host.sessions.open, digest_of(key), session):
            raise SignInRefused("used_before", "again")
        log.info("page_signed_in", person=known.id, role=str(known.role), by="oidc", address=address)
        await self._tell_address(known)
        if known.role is Role.ENGINEER:
            self._host.refresh_roster(CHANNEL)
        return key

    async def _lasts(self, attempt: Attempt, known: Known, now: datetime) -> tuple[datetime, datetime]:
        """Until when a new session lasts without its holder, and at most; what renews one takes its place.

        A window renews by itself: else one that nobody sits at would stay signed in for good.
        """
        if not attempt.renews:
            ends_at = now + self._options.longest
            return min(now + self._options.idle, ends_at), ends_at
        before = await self._host.read(self._host.sessions.find, attempt.renews, now)
        if before is None or before.provider is None or before.grant != self._options.grant:
            raise SignInRefused("session_over", "again")
        if before.person != known.id:
            raise SignInRefused(ANOTHER_SUBJECT, "again")
        if await self._host.run(self._host.sessions.end, attempt.renews, now) is None:
            raise SignInRefused("session_over", "again")  # it was ended at this moment
        return before.expires_at, before.provider.ends_at

    async def _tell_address(self, known: Known) -> None:
        """Tell by which verified address this account may be joined with others."""
        await self._host.addressed(Identity(CHANNEL, "", known.id), [known.email] if known.email else [])

    async def _known(self, claims: Claims, tokens: Tokens, *, again: bool = False) -> Known:
        """Somebody by their claims and what the provider adds; raise `SignInRefused` without a role."""
        rules = self._options.roles
        if "email" in claims and (not rules.claim or values_of(claims, rules.claim)):
            return await self._person(claims, again=again)
        # Some providers keep their tokens short. What the ID token says is signed, and wins.
        more = await self._more(claims, tokens)
        if "email" not in claims:
            claims = {name: value for name, value in claims.items() if name not in ADDRESS}
        return await self._person({**more, **claims}, again=again)

    async def _more(self, claims: Claims, tokens: Tokens) -> Claims:
        """What the userinfo adds; nothing where it is not for us."""
        try:
            found = await self._provider.userinfo(tokens.access, claims["sub"])
        except SignInRefused as refused:
            if refused.code == ANOTHER_SUBJECT:
                raise
            return {}
        # That an address is verified is believed of the address that stands beside it alone.
        return {name: value for name, value in found.items() if name not in ADDRESS or "email" not in claims}

    async def _person(self, claims: Claims, *, again: bool) -> Known:
        rules = self._options.roles
        cut_short, role = rules.cut_short(claims), rules.role_of(claims)
        if cut_short:
            log.error(
                "oidc_groups_cut_short",
                claim=rules.claim,
                next_step=(
                    "let Entra send app roles, or only the groups of the application: "
                    "`firstline docs sign-in`"
                ),
            )
        if role is not Role.ENGINEER and await self._in_a_room(claims, needed=again or role is None):
            role = Role.ENGINEER
        if role is None:
            raise SignInRefused("groups_cut_short" if cut_short else "no_role", "role")
        person = account_of(self._options.issuer, claims["sub"])
        sid = claims.get("sid")
        return Known(
            claims["sub"],
            person,
            _name_of(claims, person),
            role,
            verified_email(claims),
            self._hashed(str(sid)) if sid else "",
        )

    async def _in_a_room(self, claims: Claims, *, needed: bool) -> bool:
        """Whether chat platforms say that they are in the engineers' rooms; raise `ProviderUnavailable`.

        Where nobody can say, who has another role comes in with that, and who was in stays what they were.
        """
        email = verified_email(claims)
        if not self._options.room_engineers or not email:
            return False
        try:
            return await self._host.suffices_for_room(ROOM, email)
        except RosterUnavailable as error:
            if needed:
                raise ProviderUnavailable("The members of the engineers' room could not be read.") from error
            return False

    def _held(
        self, key: str, known: Known, tokens: Tokens, now: datetime, ends_at: datetime
    ) -> ProviderSession:
        sealed = _sealed(key, known.subject, tokens, now)
        return ProviderSession(
            known.name, str(known.role), known.email, sealed, known.sid, now + self._options.check, ends_at
        )

    # --- while it lasts

    async def holder(self, key: str, session: Session, *, acting: bool) -> Participant | None:
        """Who holds a session, asked anew where it is time; raise `SessionStale` where the browser must ask.

        `acting`: whether the person did something themself, which makes the session last longer.
        """
        held = session.provider
        if held is None or not hmac.compare_digest(session.grant, self._options.grant):
            return None
        now = self._host.clock()
        if held.look_at <= now or digest_of(key) in self._looks:
            return await self._look_again(key, session, held)
        if acting:
            await self._extend(key, session, held, now)
        return _participant(session.person, held)

    async def _extend(self, key: str, session: Session, held: ProviderSession, now: datetime) -> None:
        until = min(now + self._options.idle, held.ends_at)
        if until - session.expires_at > self._options.idle / 20:  # not with each request: it is a statement
            await self._host.run(self._host.sessions.extend, digest_of(key), until)

    async def _look_again(self, key: str, session: Session, held: ProviderSession) -> Participant | None:
        """Ask once for all requests of this session that wait in this process."""
        digest = digest_of(key)
        running = self._looks.get(digest)
        if running is None:
            running = self._looks[digest] = asyncio.create_task(self._look(key, digest, session, held))
            running.add_done_callback(lambda _: self._looks.pop(digest, None))
        return await asyncio.shield(running)

    async def _look(
        self, key: str, digest: str, session: Session, held: ProviderSession
    ) -> Participant | None:
        now, book = self._host.clock(), self._host.sessions
        tokens = unseal(key, held.sealed)
        if not _may_ask(tokens, now):
            raise SessionStale
        # A refresh token may be good for one use: of all replicas one asks.
        if not await self._host.run(book.take_look, digest, held.look_at, now + LEASE):
            other = await self._host.read(book.find, digest, now)
            return _participant(other.person, other.provider) if other and other.provider else None
        try:
            fresh, id_token = await self._refreshed(tokens, now)
            if fresh.refresh != tokens.get("refresh", ""):
                # It replaces the one that we had: kept at once, for what follows may fail.
                sealed = _sealed(key, tokens["sub"], fresh, now)
                await self._host.run(book.renew, digest, replace(held, sealed=sealed, look_at=now + LEASE))
            known = await self._asked(tokens["sub"], fresh, id_token, now)
            if known.id != session.person:
                raise SignInRefused(ANOTHER_SUBJECT)
        except ProviderUnavailable:
            return _participant(session.person, held)  # asked again after the lease; they go on meanwhile
        except SignInRefused as refused:
            await self.end_refused(digest, refused)
            return None
        renewed = self._held(key, known, fresh, now, held.ends_at)
        renewed = replace(renewed, sign_in=held.sign_in, sid=renewed.sid or held.sid)
        if renewed.role != held.role:
            await self._doubt(session.person)
        await self._host.run(book.renew, digest, renewed)
        if renewed.email != held.email:
            await self._tell_address(known)
        return _participant(session.person, renewed)

    async def end_refused(self, digest: str, refused: SignInRefused) -> None:
        """End a session whose holder the provider no longer vouches for."""
        person = await self._host.run(self._host.sessions.end, digest, self._host.clock())
        if person is not None:
            log.info("page_session_ended", person=person, reason=refused.code)
            await self._doubt(person)

    async def _doubt(self, person: str) -> None:
        """Have the provider asked anew in all sessions of somebody; until then those count for nothing."""
        await self._host.run(self._host.sessions.doubt, person)
        self._host.refresh_roster(CHANNEL)

    async def _refreshed(self, kept: Mapping[str, str], now: datetime) -> tuple[Tokens, str]:
        """The tokens to ask with from now on, and the new ID token where the provider gave one."""
        old = Tokens(
            kept.get("id_token", ""), kept.get("access", ""), kept.get("refresh", ""), _left(kept, now)
        )
        if not old.refresh:
            return old, ""
        found = await self._provider.refresh(old.refresh)
        fresh = replace(found, id_token=found.id_token or old.id_token, refresh=found.refresh or old.refresh)
        return fresh, found.id_token

    async def _asked(self, subject: str, fresh: Tokens, id_token: str, now: datetime) -> Known:
        """Who this is now."""
        if id_token:
            claims = await self._provider.verifier.id_token(id_token, now)
            return await self._known(claims, fresh, again=True)
        claims = await self._provider.userinfo(fresh.access, subject)
        if not claims:
            raise SessionStale
        return await self._person(claims, again=True)

    async def everybody(self) -> Sequence[Participant]:
        """Who is signed in now."""
        found: Sequence[Session] = await self._host.read(
            self._host.sessions.signed_in, self._options.grant, self._host.clock()
        )
        return [_participant(one.person, one.provider) for one in found if one.provider is not None]

    # --- signing out

    async def sign_out_url(self, key: str) -> str:
        """Where the browser goes to sign out at the provider, too; empty where that is nowhere."""
        now = self._host.clock()
        session = await self._host.read(self._host.sessions.find, digest_of(key), now)
        if session is None or session.provider is None:
            return ""
        try:
            return await self._provider.sign_out_url(unseal(key, session.provider.sealed).get("id_token", ""))
        except ProviderUnavailable:
            return ""

    async def end_all(self, token: str) -> int:
        """End what the provider's logout token names; raise `SignInRefused` or `ProviderUnavailable`."""
        now = self._host.clock()
        claims = await self._provider.verifier.logout_token(token, now)
        subject, sid = claims.get("sub"), claims.get("sid")
        # Of both, the session is meant.
        person = account_of(self._options.issuer, str(subject)) if subject and not sid else ""
        count: int = await self._host.run(
            self._host.sessions.end_all, person, self._hashed(str(sid)) if sid else "", now
        )
        log.info("page_sessions_ended", count=count, reason="provider")
        if count:
            self._host.refresh_roster(CHANNEL)
        return count

    def _hashed(self, sid: str) -> str:
        return sha256(f"{self._options.issuer}\n{sid}".encode()).hexdigest()


def account_of(issuer: str, subject: str) -> str:
    """The id of somebody's account on the page: it follows from issuer and subject, and from nothing else."""
    return "oidc:" + sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:32]


def _sealed(key: str, subject: str, tokens: Tokens, now: datetime) -> str:
    kept = {
        "sub": subject,
        "id_token": tokens.id_token,
        "refresh": tokens.refresh,
        "access": tokens.access,
    }
    if tokens.access_seconds is not None:
        kept["until"] = (now + timedelta(seconds=tokens.access_seconds) - MARGIN).isoformat()
    return seal(key, {name: value for name, value in kept.items() if value})


def _participant(person: str, held: ProviderSession) -> Participant:
    return Participant(person, held.name, Role(held.role))


def _name_of(claims: Claims, person: str) -> str:
    names = (claims.get(name) for name in ("name", "preferred_username", "nickname"))
    name = next((one for one in names if isinstance(one, str) and one.strip()), "")
    return clean_name(name, person) or person


def _may_ask(tokens: Mapping[str, str], now: datetime) -> bool:
    """Whether there is a token to ask the provider with; where not, the browser has to."""
    until = tokens.get("until")
    return bool(tokens.get("refresh")) or (
        bool(tokens.get("access")) and (until is None or datetime.fromisoformat(until) > now)
    )


def _left(tokens: Mapping[str, str], now: datetime) -> float | None:
    until = tokens.get("until")
    return (datetime.fromisoformat(until) + MARGIN - now).total_seconds() if until else None
