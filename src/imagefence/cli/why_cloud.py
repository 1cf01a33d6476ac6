"""What the cloud tells `why`: the opened message, the policies, the images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from imagefence.api.ram_diagnosis import (
    DECODE_DIAGNOSTIC_MESSAGE,
    DecodedDiagnosticMessage,
    DecodeDiagnosticMessage,
)
from imagefence.cli.options import Options
from imagefence.cli.options import open as open_cloud
from imagefence.cli.simulate_cloud import account_session, cloud_ground, find_image
from imagefence.cli.simulate_ground import Ground
from imagefence.cli.why_estate import Estate, unopened
from imagefence.errors import CloudFault, ImagefenceError
from imagefence.images.find import Wanted, images_in
from imagefence.images.image import Image


def of_cloud(options: Options) -> Estate:
    """The estate that the caller's credential sees."""
    session = open_cloud(options)

    @lru_cache(maxsize=1)
    def ground() -> Ground:
        return cloud_ground(options)

    def image(account_id: str, region: str, image_id: str) -> Image:
        return find_image(account_session(session, account_id).in_region(region), image_id)

    def images(account_id: str, region: str, keys: Iterable[str]) -> Sequence[Image]:
        tags = dict.fromkeys(keys, "")
        wanted = Wanted(tags, owner="self") if tags else Wanted(owner="others")
        return images_in(account_session(session, account_id).in_region(region), region, wanted)

    def decode(message: str, account_id: str) -> DecodedDiagnosticMessage:
        request = DecodeDiagnosticMessage(encoded_diagnostic_message=message)
        try:
            inside = account_session(session, account_id) if account_id else session
            return inside.call(DECODE_DIAGNOSTIC_MESSAGE, request).decoded_diagnostic_message
        except CloudFault as fault:
            raise ImagefenceError(unopened(fault)) from fault

    return Estate(ground, image, images, decode, session.region_id, session.account_id)
