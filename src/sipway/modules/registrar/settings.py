"""What the parameters of registrar come to when a script starts, and what save() needs besides.

Compiled (see `settings.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sipway.modules.usrloc.locations import Locations

if TYPE_CHECKING:
    from sipway.core.statistics import Statistic


class Settings:
    """The parameters as they are called, those of usrloc too.

    refuses_brief  a time below `min_expires` is refused
    nat_flag       the bit of `nat_bflag`, 0 without it
    sock_flag      the bit of the parameter, 0 without it
    server_id      of the settings of the core
    is_usual       no parameter makes more of a REGISTER than is in its To, its Contact and its
                   Expires (see `usual`)
    locations      the tables of the server
    next_id        makes the id of a new contact
    accepted, rejected
                   the counters of REGISTERs
    """

    def __init__(
        self,
        *,
        default_expires: int,
        default_expires_range: int,
        expires_range: int,
        min_expires: int,
        refuses_brief: bool,
        max_expires: int,
        default_q: int,
        realm_prefix: str,
        append_branches: bool,
        case_sensitive: bool,
        received_avp: str | None,
        received_param: bytes,
        max_contacts: int,
        retry_after: int,
        sock_flag: int,
        sock_hdr_name: str | None,
        sock_mode: int,
        method_filtering: bool,
        use_path: bool,
        path_mode: int,
        path_use_received: bool,
        path_check_local: bool,
        xavp_cfg: str | None,
        xavp_rcd: str | None,
        xavp_rcd_mask: int,
        gruu_enabled: bool,
        outbound_mode: int,
        flow_timer: int,
        contact_max_size: int,
        lookup_filter_mode: int,
        use_expired: bool,
        use_domain: bool,
        matching_mode: int,
        cseq_delay: int,
        nat_flag: int,
        xavp_contact: str | None,
        server_id: int,
        locations: Locations,
        next_id: Callable[[], bytes],
        accepted: Statistic,
        rejected: Statistic,
    ) -> None:
        self.default_expires = default_expires
        self.default_expires_range = default_expires_range
        self.expires_range = expires_range
        self.min_expires = min_expires
        self.refuses_brief = refuses_brief
        self.max_expires = max_expires
        self.default_q = default_q
        self.realm_prefix = realm_prefix
        self.append_branches = append_branches
        self.case_sensitive = case_sensitive
        self.received_avp = received_avp
        self.received_param = received_param
        self.max_contacts = max_contacts
        self.retry_after = retry_after
        self.sock_flag = sock_flag
        self.sock_hdr_name = sock_hdr_name
        self.sock_mode = sock_mode
        self.method_filtering = method_filtering
        self.use_path = use_path
        self.path_mode = path_mode
        self.path_use_received = path_use_received
        self.path_check_local = path_check_local
        self.xavp_cfg = xavp_cfg
        self.xavp_rcd = xavp_rcd
        self.xavp_rcd_mask = xavp_rcd_mask
        self.gruu_enabled = gruu_enabled
        self.outbound_mode = outbound_mode
        self.flow_timer = flow_timer
        self.contact_max_size = contact_max_size
        self.lookup_filter_mode = lookup_filter_mode
        self.use_expired = use_expired
        self.use_domain = use_domain
        self.matching_mode = matching_mode
        self.cseq_delay = cseq_delay
        self.nat_flag = nat_flag
        self.xavp_contact = xavp_contact
        self.server_id = server_id
        self.is_usual = (
            received_avp is None
            and not sock_flag
            and not sock_mode
            and not use_path
            and not outbound_mode
            and xavp_cfg is None
            and xavp_rcd is None
            and xavp_contact is None
            and not expires_range
            and not default_expires_range
            and default_q < 0
            and not (use_domain and realm_prefix)
        )
        self.locations = locations
        self.next_id = next_id
        self.accepted = accepted
        self.rejected = rejected
