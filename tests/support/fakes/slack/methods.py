"""The Web API's methods, as Slack answers them."""

from collections.abc import Callable
from typing import Any

from tests.support.fakes.slack.blocks import (
    ONE_TABLE,
    message_problems,
    too_long,
    unfetchable,
    view_problems,
)
from tests.support.fakes.slack.workspace import Channel, Json, Refusal, Workspace

EMOJI = frozenset({"white_check_mark", "memo", "leftwards_arrow_with_hook"})  # as much as we use
Method = Callable[[Workspace, Json], Json]


def auth_test(work: Workspace, args: Json) -> Json:
    return {
        "url": "https://acme.slack.com/",
        "team": "Acme",
        "user": "firstline",
        "team_id": work.team,
        "user_id": work.bot_user,
        "bot_id": work.bot,
        "enterprise_id": work.enterprise,
    }


def post_message(work: Workspace, args: Json) -> Json:
    channel = work.writable(_needed(args, "channel"))
    _check_content(args)
    thread = args.get("thread_ts")
    if thread and channel.message(str(thread)) is None:
        raise Refusal("thread_not_found")
    message = _own_message(work, args, work.next_ts())
    if thread:
        message["thread_ts"] = thread
        work.statuses.pop((channel.id, str(thread)), None)  # Slack takes it away when the app posts
    work.put(channel, message)
    return {"channel": channel.id, "ts": message["ts"], "message": _without_metadata(message)}


def update(work: Workspace, args: Json) -> Json:
    channel = work.writable(_needed(args, "channel"))
    _check_content(args)
    message = channel.message(_needed(args, "ts"))
    if message is None:
        raise Refusal("message_not_found")
    if message.get("bot_id") != work.bot:
        raise Refusal("cant_update_message")
    own = _own_message(work, args, message["ts"])
    message.update(own | {"edited": {"user": own.get("user", ""), "ts": work.next_ts()}})
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"]}


def delete(work: Workspace, args: Json) -> Json:
    channel = work.writable(_needed(args, "channel"))
    message = channel.message(_needed(args, "ts"))
    if message is None:
        raise Refusal("message_not_found")
    if message.get("bot_id") != work.bot:
        raise Refusal("cant_delete_message")
    channel.messages.remove(message)
    return {"channel": channel.id, "ts": message["ts"]}


def add_reaction(work: Workspace, args: Json) -> Json:
    work.granted("reactions:write")
    users = _reaction(work, args)
    if work.bot_user in users:
        raise Refusal("already_reacted")
    users.append(work.bot_user)
    return {}


def remove_reaction(work: Workspace, args: Json) -> Json:
    work.granted("reactions:write")
    users = _reaction(work, args)
    if work.bot_user not in users:
        raise Refusal("no_reaction")
    users.remove(work.bot_user)
    return {}


def _reaction(work: Workspace, args: Json) -> list[str]:
    name, message = (
        _needed(args, "name"),
        work.readable(_needed(args, "channel")).message(_needed(args, "timestamp")),
    )
    if message is None:
        raise Refusal("message_not_found")
    if name not in EMOJI:
        raise Refusal("invalid_name")
    users: list[str] = message.setdefault("reactions", {}).setdefault(name, [])
    return users


def upload_url(work: Workspace, args: Json) -> Json:
    work.granted("files:write")
    name, length = _needed(args, "filename"), int(str(args.get("length") or 0))
    if length <= 0:
        raise Refusal("invalid_arguments", "length must be above 0")
    file = work.next_id("F")
    described = {"id": file, "name": name, "size": length, "user": work.bot_user, "body": None}
    work.files[file] = described | {"alt_txt": args.get("alt_txt", "")}
    return {"upload_url": f"{work.address}/upload/{file}", "file_id": file}


def complete_upload(work: Workspace, args: Json) -> Json:
    work.granted("files:write")
    channel = work.writable(_needed(args, "channel_id"))
    given = args.get("files")
    if not isinstance(given, list) or not given:
        raise Refusal("invalid_arguments", "files")
    thread = args.get("thread_ts")
    if thread and channel.message(str(thread)) is None:
        raise Refusal("thread_not_found")
    shared = []
    for one in given:
        file = work.files.get(str(one.get("id")))
        if file is None or file["body"] is None:
            raise Refusal("file_not_found")
        if file.get("shares"):
            raise Refusal("file_already_shared")
        file |= {"title": str(one.get("title") or file["name"]), "shares": {channel.id: True}}
        shared.append(file)
    message = _own_message(work, {"text": str(args.get("initial_comment") or "")}, work.next_ts())
    message |= {"files": [_described(work, file) for file in shared]}
    work.put(channel, message | ({"thread_ts": thread} if thread else {}))
    return {"files": [{"id": file["id"], "title": file["title"]} for file in shared]}


def file_info(work: Workspace, args: Json) -> Json:
    work.granted("files:read")
    file = work.files.get(_needed(args, "file"))
    if file is None:
        raise Refusal("file_not_found")
    return {"file": _described(work, file)}


def delete_file(work: Workspace, args: Json) -> Json:
    work.granted("files:write")
    file = work.files.get(_needed(args, "file"))
    if file is None:
        raise Refusal("file_not_found")
    if file["user"] != work.bot_user:
        raise Refusal("cant_delete_file")
    del work.files[file["id"]]
    for channel in work.channels.values():
        kept = [m for m in channel.messages if file["id"] not in [f["id"] for f in m.get("files", ())]]
        channel.messages[:] = kept
    return {}


def _described(work: Workspace, file: Json) -> Json:
    shown = {name: value for name, value in file.items() if name != "body"}
    return shown | {"url_private_download": f"{work.address}/files-pri/{file['id']}"}


def post_ephemeral(work: Workspace, args: Json) -> Json:
    channel = work.writable(_needed(args, "channel"))
    _check_content(args)
    if _needed(args, "user") not in channel.members:
        raise Refusal("user_not_in_channel")
    work.ephemerals.append(dict(args) | {"ts": work.next_ts()})
    return {"message_ts": work.ephemerals[-1]["ts"]}


def open_view(work: Workspace, args: Json) -> Json:
    problems = view_problems(args.get("view"))
    if problems:
        raise Refusal("invalid_arguments", *problems)
    user = work.use_trigger(_needed(args, "trigger_id"))
    view = dict(args["view"]) | {"id": work.next_id("V"), "hash": work.next_id("h."), "user": user}
    work.views[view["id"]] = view
    return {"view": view}


def publish_view(work: Workspace, args: Json) -> Json:
    user = _needed(args, "user_id")
    if user not in work.users:
        raise Refusal("user_not_found")
    problems = view_problems(args.get("view"))
    if problems or args["view"]["type"] != "home":
        raise Refusal("invalid_arguments", *problems)
    work.homes[user] = dict(args["view"]) | {"id": f"V{user}"}
    return {"view": work.homes[user]}


def open_conversation(work: Workspace, args: Json) -> Json:
    return {"channel": {"id": work.dm(_needed(args, "users")).id}}


def members(work: Workspace, args: Json) -> Json:
    channel = work.known(_needed(args, "channel"))
    if channel.private and work.bot_user not in channel.members:
        raise Refusal("channel_not_found")
    page, cursor = _page(channel.members, args)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def info(work: Workspace, args: Json) -> Json:
    channel = work.known(_needed(args, "channel"))
    if channel.private and work.bot_user not in channel.members:
        raise Refusal("channel_not_found")
    return {
        "channel": {
            "id": channel.id,
            "name": channel.name,
            "is_private": channel.kind == "group",
            "is_im": channel.kind == "im",
            "is_archived": channel.archived,
            "is_member": work.bot_user in channel.members,
        }
    }


def history(work: Workspace, args: Json) -> Json:
    channel = work.readable(_needed(args, "channel"))
    tops = [message for message in channel.messages if message.get("thread_ts") in (None, message["ts"])]
    return _messages(channel, tops[::-1], args)


def replies(work: Workspace, args: Json) -> Json:
    channel, root = work.readable(_needed(args, "channel")), _needed(args, "ts")
    if channel.message(root) is None:
        raise Refusal("thread_not_found")
    thread = [message for message in channel.messages if root in (message["ts"], message.get("thread_ts"))]
    return _messages(channel, thread, args)


def user_info(work: Workspace, args: Json) -> Json:
    user = work.users.get(_needed(args, "user"))
    if user is None:
        raise Refusal("user_not_found")
    shown = dict(user)
    if not _true(args.get("include_locale")):
        shown.pop("locale", None)
    return {"user": shown}


def user_by_email(work: Workspace, args: Json) -> Json:
    email = _needed(args, "email").casefold()  # as generous as it may be
    for user in work.users.values():
        if str((user.get("profile") or {}).get("email")).casefold() == email:
            return {"user": dict(user)}
    raise Refusal("users_not_found")


def set_prompts(work: Workspace, args: Json) -> Json:
    work.granted("assistant:write")
    channel, prompts = work.writable(_needed(args, "channel_id")), args.get("prompts")
    if channel.kind != "im":
        raise Refusal("channel_not_found")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise Refusal("invalid_arguments", "prompts")
    for prompt in prompts:
        if set(prompt) != {"title", "message"} or not all(prompt.values()):
            raise Refusal("invalid_arguments", "prompts")
    if args.get("thread_ts"):
        raise Refusal("invalid_thread_ts")  # these prompts are to stand at the top of the chat
    work.prompts[channel.id] = {"title": args.get("title", ""), "prompts": prompts}
    return {}


def set_status(work: Workspace, args: Json) -> Json:
    channel = work.writable(_needed(args, "channel_id"))
    thread, status = _needed(args, "thread_ts"), args.get("status")
    if not isinstance(status, str):
        raise Refusal("invalid_arguments", "status")
    if channel.message(thread) is None:
        raise Refusal("invalid_thread_ts")
    work.statuses[channel.id, thread] = status
    return {}


METHODS: dict[str, Method] = {
    "assistant.threads.setStatus": set_status,
    "assistant.threads.setSuggestedPrompts": set_prompts,
    "auth.test": auth_test,
    "chat.postMessage": post_message,
    "chat.update": update,
    "chat.delete": delete,
    "chat.postEphemeral": post_ephemeral,
    "files.completeUploadExternal": complete_upload,
    "files.delete": delete_file,
    "files.getUploadURLExternal": upload_url,
    "files.info": file_info,
    "reactions.add": add_reaction,
    "reactions.remove": remove_reaction,
    "views.open": open_view,
    "views.publish": publish_view,
    "conversations.open": open_conversation,
    "conversations.members": members,
    "conversations.info": info,
    "conversations.history": history,
    "conversations.replies": replies,
    "users.info": user_info,
    "users.lookupByEmail": user_by_email,
}


def _needed(args: Json, name: str) -> str:
    value = args.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal("invalid_arguments", f"missing required field: {name}")
    return value


def _true(value: Any) -> bool:
    return value in (True, 1, "1", "true", "True")


def _check_content(args: Json) -> None:
    text, blocks = args.get("text"), args.get("blocks")
    if not text and not blocks:
        raise Refusal("no_text")
    if text and len(text) > 40_000:
        raise Refusal("msg_too_long")
    if blocks is not None:
        problems = message_problems(blocks)
        if problems == [ONE_TABLE]:
            raise Refusal("invalid_attachments", *problems)
        if problems:
            raise Refusal("invalid_blocks", *problems)
        if unfetchable(blocks):  # the whole message is refused for one picture
            raise Refusal("invalid_blocks", "downloading image failed")
        if too_long(blocks):
            raise Refusal("msg_blocks_too_long")
    metadata = args.get("metadata")
    if metadata is not None and not (
        isinstance(metadata, dict)
        and set(metadata) == {"event_type", "event_payload"}
        and isinstance(metadata["event_payload"], dict)
    ):
        raise Refusal("invalid_metadata_format")


def _own_message(work: Workspace, args: Json, ts: str) -> Json:
    kept = {name: args[name] for name in ("text", "blocks", "metadata", "mrkdwn", "parse") if name in args}
    return {"type": "message", "user": work.bot_user, "bot_id": work.bot, "ts": ts, "text": ""} | kept


def _without_metadata(message: Json) -> Json:
    return {name: value for name, value in message.items() if name != "metadata"}


def _messages(channel: Channel, messages: list[Json], args: Json) -> Json:
    page, cursor = _page(messages, args)
    if not _true(args.get("include_all_metadata")):
        page = [_without_metadata(message) for message in page]
    return {
        "messages": page,
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def _page(items: list[Any], args: Json) -> tuple[list[Any], str]:
    limit = int(args.get("limit") or 100)
    if not 1 <= limit <= 1000:
        raise Refusal("invalid_limit")
    start = int(str(args.get("cursor") or "from:0").removeprefix("from:"))
    end = start + limit
    return items[start:end], f"from:{end}" if end < len(items) else ""
