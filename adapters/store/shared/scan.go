package shared

import "recado/domain"

// ScanWebhook scans id, hook_id, kind, received_at, body.
func ScanWebhook(row Row) (domain.Webhook, error) {
	var w domain.Webhook
	err := row.Scan(&w.ID, &w.Hook, &w.Kind, Moment(&w.Received), &w.Body)
	return w, err
}

// ScanLocation scans id, chat_id, connection_id, provider_id, status, target.
func ScanLocation(row Row) (domain.MessageLocation, error) {
	var h domain.MessageLocation
	err := row.Scan(&h.ID, &h.Chat, &h.Connection, &h.ProviderID, &h.Status, &h.Target)
	return h, err
}

// ScanOrphan scans the OrphanColumns.
func ScanOrphan(row Row) (domain.OrphanUpdate, error) {
	return scan(row, OrphanColumns)
}

// SelectDelivery reads deliveries d with their events e, which are to follow; see
// Delivery.
const SelectDelivery = `
SELECT d.id, d.endpoint_id, d.event_id, d.chat_id, e.type, e.body, d.created_at, d.state, d.attempts,
       d.next_at, d.failed_at, d.failures, d.refusals, d.refused_since, d.last_error, more
FROM `

// ScanDelivery scans a row of SelectDelivery.
func ScanDelivery(row Row) (domain.Delivery, error) {
	var d domain.Delivery
	err := row.Scan(&d.ID, &d.Endpoint, &d.Event, &d.Chat, &d.Type, &d.Body, Moment(&d.Created), &d.State, &d.Attempts,
		Moment(&d.NextAt), Moment(&d.FailedAt), &d.Failures, &d.Refusals, Moment(&d.RefusedSince), &d.LastError, &d.MoreInChat)
	return d, err
}

// ScanPeer returns a function that scans rows of connection_id, peer_id, chat_id into a map.
func ScanPeer(peers map[domain.PeerKey]domain.ChatID) func(Row) error {
	return func(row Row) error {
		var key domain.PeerKey
		var chat domain.ChatID
		err := row.Scan(&key.Connection, &key.Peer, &chat)
		peers[key] = chat
		return err
	}
}

// ScanUnanswered returns a function that scans rows of chat_id, inbound_seq, at into a map.
func ScanUnanswered(waiting map[domain.ChatID][]domain.UnansweredMessage) func(Row) error {
	return func(row Row) error {
		var chat domain.ChatID
		var w domain.UnansweredMessage
		err := row.Scan(&chat, &w.Seq, Moment(&w.At))
		waiting[chat] = append(waiting[chat], w)
		return err
	}
}

// ScanRef returns a function that scans rows of company_id, client_ref, message_id, asked into a map.
func ScanRef(refs map[domain.RefKey]domain.ClientRef) func(Row) error {
	return func(row Row) error {
		var key domain.RefKey
		var ref domain.ClientRef
		err := row.Scan(&key.Company, &key.Ref, &ref.Message, &ref.Digest)
		refs[key] = ref
		return err
	}
}
