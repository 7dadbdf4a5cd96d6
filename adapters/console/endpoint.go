package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"recado/domain"
)

// deliveriesAtOnce is how many deliveries a page of an endpoint's log holds.
const deliveriesAtOnce = 50

// A deliveryRow is a delivery in the log of an endpoint.
type deliveryRow struct {
	domain.Delivery
	Name     string // see domain.ShowDeliveryID
	When     string
	MayRetry bool
}

// showEndpoint handles GET /chat/account/endpoints/{endpoint}: what became of the
// deliveries, the newest first.
func (c *Console) showEndpoint(ctx context.Context, v *visit) error {
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	id := domain.EndpointID(v.r.PathValue("endpoint"))
	endpoint, err := c.Store.EndpointState(ctx, v.by.Company, id)
	if err != nil {
		return err
	}
	q := domain.DeliveryQuery{Endpoint: id, State: domain.DeliveryState(v.r.FormValue("state")), Limit: deliveriesAtOnce}
	if before := v.r.FormValue("before"); before != "" {
		if q.Before, err = strconv.ParseInt(before, 10, 64); err != nil {
			return errInvalid
		}
	}
	page, err := c.Store.Deliveries(ctx, v.by.Company, q)
	if err != nil {
		return err
	}
	var rows []deliveryRow
	for _, delivery := range page.Deliveries {
		rows = append(rows, deliveryRow{
			delivery, domain.ShowDeliveryID(delivery.ID), d.moment(delivery.Created),
			delivery.State != domain.DeliveryDelivered,
		})
	}
	replays, err := c.Store.Replays(ctx, v.by.Company, id)
	if err != nil {
		return err
	}
	return v.render("endpoint", map[string]any{
		"Title": string(id), "Endpoint": endpoint, "Rows": rows, "Next": page.Next, "State": q.State,
		"States": domain.DeliveryStates, "Replays": d.replayRows(replays), "Done": v.r.FormValue("done"),
	})
}

// retryDelivery handles POST …/endpoints/{endpoint}/deliveries/{delivery}/retry.
func (c *Console) retryDelivery(ctx context.Context, v *visit) error {
	id, err := domain.ParseDeliveryID(v.r.PathValue("delivery"))
	if err != nil {
		return err
	}
	if err := c.Store.RetryDelivery(ctx, v.by.Company, id); err != nil {
		return err
	}
	endpoint := domain.EndpointID(v.r.PathValue("endpoint"))
	c.Hint(domain.CallbackLane(endpoint))
	c.backToEndpoint(v, endpoint, "retried")
	return nil
}

// backToEndpoint shows the endpoint again, with a notice of what was done.
func (c *Console) backToEndpoint(v *visit, id domain.EndpointID, done string) {
	http.Redirect(v.w, v.r, c.base+"/account/endpoints/"+url.PathEscape(string(id))+"?done="+done, http.StatusSeeOther)
}
