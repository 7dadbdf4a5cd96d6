package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// The fields that hold one of a list of values. Each type documents the list
// of the domain, so that a new value appears in the OpenAPI document by itself.
type (
	kind              domain.Kind
	connectionStatus  domain.ConnectionStatus
	endpointStatus    domain.EndpointStatus
	deliveryState     domain.DeliveryState
	endpointOrigin    domain.EndpointOrigin
	eventPattern      domain.EventType // or "*"
	tariff            domain.Tariff
	subscriptionState domain.SubscriptionState
	countMode         domain.CountMode
	direction         domain.Direction
	origin            domain.Origin
	eventType         domain.EventType
	replayState       domain.ReplayState
	deliveryStatus    domain.DeliveryStatus // null for an incoming message
	mediaState        domain.MediaState
	outboundType      domain.MessageType
	messageType       domain.MessageType // an open list: clients must accept types that are added later
)

// Schema lists the states of a file that can be seen.
func (mediaState) Schema(huma.Registry) *huma.Schema { return oneOf(domain.MediaStates) }

// Schema lists the kinds of connections.
func (kind) Schema(huma.Registry) *huma.Schema { return oneOf(domain.Kinds()) }

// Schema lists the statuses of a connection.
func (connectionStatus) Schema(huma.Registry) *huma.Schema { return oneOf(domain.ConnectionStatuses) }

// Schema lists the statuses of an endpoint.
func (endpointStatus) Schema(huma.Registry) *huma.Schema { return oneOf(domain.EndpointStatuses) }

// Schema lists the states of a delivery.
func (deliveryState) Schema(huma.Registry) *huma.Schema { return oneOf(domain.DeliveryStates) }

// Schema lists the origins of an endpoint.
func (endpointOrigin) Schema(huma.Registry) *huma.Schema { return oneOf(domain.EndpointOrigins) }

// Schema lists what an endpoint can ask for.
func (eventPattern) Schema(huma.Registry) *huma.Schema {
	return oneOf(append([]domain.EventType{"*"}, domain.EventTypes...))
}

// Schema lists the tariffs.
func (tariff) Schema(huma.Registry) *huma.Schema { return oneOf(domain.Tariffs) }

// Schema lists the states of a subscription.
func (subscriptionState) Schema(huma.Registry) *huma.Schema { return oneOf(domain.SubscriptionStates) }

// Schema lists the modes of counting dialogs.
func (countMode) Schema(huma.Registry) *huma.Schema { return oneOf(domain.CountModes) }

// Schema lists the directions.
func (direction) Schema(huma.Registry) *huma.Schema { return oneOf(domain.Directions) }

// Schema lists the origins.
func (origin) Schema(huma.Registry) *huma.Schema { return oneOf(domain.Origins) }

// Schema lists the states of a replay.
func (replayState) Schema(huma.Registry) *huma.Schema { return oneOf(domain.ReplayStates) }

// Schema lists the types of events.
func (eventType) Schema(huma.Registry) *huma.Schema { return oneOf(domain.EventTypes) }

// Schema lists the types that can be asked for.
func (outboundType) Schema(huma.Registry) *huma.Schema { return oneOf(domain.OutboundTypes) }

// Schema lists the statuses of a message, and null.
func (deliveryStatus) Schema(huma.Registry) *huma.Schema {
	s := oneOf(domain.DeliveryStatuses)
	s.Enum, s.Nullable = append(s.Enum, nil), true
	return s
}

// Schema names the types in its text only: a validating client must not
// reject a message for a type that was added after the client was built.
func (messageType) Schema(huma.Registry) *huma.Schema {
	var names []string
	for _, t := range domain.MessageTypes {
		names = append(names, string(t))
	}
	return &huma.Schema{Type: huma.TypeString, Description: strings.Join(names, ", ") + "; more may be added."}
}

// oneOf is the schema of a string that has one of the values.
func oneOf[T ~string](values []T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}
