package telegram

import "recado/domain"

// accountRules are those of a gateway, which ends a description with the type of
// Telegram's error, in capitals. They read top to bottom; the first match decides.
// https://core.telegram.org/api/errors
var accountRules = []rule{
	// There is no such peer.
	{code: 400, text: "phone_not_occupied", reason: domain.ReasonNoAccount},
	{code: 400, text: "phone_number_unoccupied", reason: domain.ReasonNoAccount},
	{code: 400, text: "phone_number_invalid", reason: domain.ReasonNoAccount},
	{code: 400, text: "username_not_occupied", reason: domain.ReasonNoAccount},
	{code: 400, text: "input_user_deactivated", reason: domain.ReasonNoAccount},
	{code: 400, text: "peer_id_invalid", reason: domain.ReasonNoAccount},
	{code: 400, text: "user_id_invalid", reason: domain.ReasonNoAccount},
	{code: 400, text: "chat_id_invalid", reason: domain.ReasonNoAccount},
	{code: 400, text: "channel_invalid", reason: domain.ReasonNoAccount},

	// The peer does not want it.
	{code: 403, text: "user_is_blocked", reason: domain.ReasonPeerRefuses},
	{code: 403, text: "you_blocked_user", reason: domain.ReasonPeerRefuses},
	{code: 403, text: "user_privacy_restricted", reason: domain.ReasonPeerRefuses},
	{code: 403, text: "privacy_premium_required", reason: domain.ReasonPeerRefuses},
	{code: 403, text: "allow_payment_required", reason: domain.ReasonPeerRefuses},
	{code: 403, text: "voice_messages_forbidden", reason: domain.ReasonPeerRefuses}, // the privacy of the peer, not our tariff
	{code: 400, text: "peer_flood", reason: domain.ReasonStrangers},

	// The group does not let us.
	{code: 403, text: "chat_write_forbidden", reason: domain.ReasonPermission},
	{code: 403, text: "chat_restricted", reason: domain.ReasonPermission},
	{code: 403, text: "chat_guest_send_forbidden", reason: domain.ReasonPermission},
	{code: 403, text: "chat_send_", reason: domain.ReasonPermission}, // plain, media, voices … forbidden
	{code: 403, text: "user_banned_in_channel", reason: domain.ReasonPermission},
	{code: 403, text: "channel_private", reason: domain.ReasonPermission},
	{code: 403, text: "chat_admin_required", reason: domain.ReasonPermission},
	{code: 403, text: "user_restricted", reason: domain.ReasonPermission},
	{code: 400, text: "upgraded to a supergroup", reason: domain.ReasonPermission}, // and again at its new id, or without one

	// The message is wrong.
	{code: 400, text: "message_too_long", reason: domain.ReasonInvalid},
	{code: 400, text: "message_empty", reason: domain.ReasonInvalid},
	{code: 400, text: "message_not_modified", reason: domain.ReasonInvalid}, // of an edit this is what it wanted
	{code: 400, text: "message_edit_time_expired", reason: domain.ReasonInvalid},
	{code: 400, text: "message_author_required", reason: domain.ReasonInvalid},
	{code: 400, text: "message_delete_forbidden", reason: domain.ReasonInvalid},
	{code: 400, text: "message_id_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "msg_id_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "reaction_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "entity_", reason: domain.ReasonInvalid},
	{code: 400, text: "geo_point_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "venue_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "contact_invalid", reason: domain.ReasonInvalid},
	{code: 404, text: "method_not_found", reason: domain.ReasonInvalid}, // the gateway is older than the method
	{code: 409, reason: domain.ReasonInvalid},                           // its client_id is that of another message
	{code: 400, text: "media_", reason: domain.ReasonMedia},
	{code: 400, text: "file_part", reason: domain.ReasonMedia},
	{code: 400, text: "file_reference_", reason: domain.ReasonMedia}, // expired, although the gateway asked for a new one
	{code: 400, text: "file_id_invalid", reason: domain.ReasonMedia},
	{code: 400, text: "photo_", reason: domain.ReasonMedia},
	{code: 400, text: "webpage_", reason: domain.ReasonMedia},
	{code: 413, reason: domain.ReasonMedia},

	// The account.
	{code: 403, text: "frozen_", reason: domain.ReasonLocked},
	{code: 401, text: "user_deactivated", reason: domain.ReasonLocked}, // and _ban
	{code: 401, text: "phone_number_banned", reason: domain.ReasonLocked},
	{code: 401, text: "session_password_needed", reason: domain.ReasonDisconnected},
	{code: 401, text: "not_logged_in", reason: domain.ReasonDisconnected},
	{code: 401, reason: domain.ReasonUnauthorized}, // the key or the session was ended, or the token is another
	{code: 404, reason: domain.ReasonUnauthorized}, // the gateway has no such account

	// Not now.
	{code: 429, text: "slowmode_wait", reason: domain.ReasonPairThrottled},
	{code: 429, text: "retry_contacts", reason: domain.ReasonPairThrottled}, // to look up the phone number
	{code: 429, reason: domain.ReasonThrottled},                             // FLOOD_WAIT and the like
}
