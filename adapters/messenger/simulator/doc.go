// Package simulator plays Meta's Cloud API and Telegram's Bot API from the
// messengers' side: it takes what Recado sends, tells what became of it, and
// its clients write. It speaks HTTP only and shares no code with the connectors.
//
// A connection comes here by its base_url: http://HOST/meta/v23.0 for a number
// of Meta, http://HOST/telegram for a bot.
//
// Messengers have odd habits, and so has the simulator. Whoever has a phone
// number, or a Telegram id, with one of these endings always meets the habit:
//
//	0000  no-account     WhatsApp: error 131026. Telegram: 400 chat not found.
//	0001  payment        WhatsApp: error 131042. Telegram: 403 user is deactivated.
//	0002  throttled      Refused twice, with a delay, then taken: 130429 and 131056; 429 with retry_after.
//	0003  lost-answer    Taken, then the connection is cut; statuses of WhatsApp come as evidence.
//	0004  disorder       Statuses out of order, repeated and late. Telegram: every update comes twice.
//	0005  fails-later    Taken, then a status failed with 131026. Telegram: 500 once, then taken.
//	0006  blocked-us     Sent and never delivered. Telegram: 403 bot was blocked by the user.
//	0007  repeated       Every webhook of what they write comes twice.
//	0008  late           Webhooks of what they write come behind newer ones. Telegram keeps its order.
//
// Everybody else meets those that are not about the peer himself once in a
// while. Besides, every webhook is sent again after a slow answer, or another
// than the messenger wants; Telegram sends one update of a chat at a time, and
// one that is not taken holds back that chat only.
//
// With the same seed, the same calls in the same order give the same names,
// texts, ids and habits; chats do not disturb one another. Times differ, and
// Telegram's update_id counts over all chats of a bot.
package simulator
