"""The check of the webhook for alerts for `firstline doctor`."""

from collections.abc import Sequence

from bot.alerts.webhook.webhook import PATH
from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding


def examination(host: DoctorHost) -> Examination:
    """What is to be compared at the other side: nobody can be asked."""

    async def look() -> Sequence[Finding]:
        address = f"{host.public_url or 'https://your-address'}{PATH}"
        remedy = "alerts.doctor.compare"
        return [host.tell.skipped("address", "alerts.doctor.unasked", remedy=remedy, address=address)]

    return Examination((Check("address", look),))
