"""Names of files as they are shown: what they seem to be is what they are."""

import re

LONGEST = 150  # characters
# Marks that are not seen: some turn round what follows, so that "exe.pdf" may be shown for "fdp.exe".
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def shown_name(name: str) -> str:
    """A file's name on one line, without a path and unseen marks; "" where nothing is left."""
    one_line = _CONTROLS.sub(" ", _UNSEEN.sub("", name)).replace("/", "_").replace("\\", "_")
    return " ".join(one_line.split())[:LONGEST]
