package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"recado/domain"
)

// checkPublicURL looks whether the service answers where the outside reaches it.
func checkPublicURL(ctx context.Context, p *patient) []finding {
	address := p.cfg.PublicURL
	f := finding{Level: levelWarn, Means: "messengers may not reach it either"}
	switch {
	case address == "":
		f.Wrong, f.Means = "RECADO_PUBLIC_URL is not set", "recado cannot tell whether webhooks go here, nor set it"
		f.Do = "set it to the address at which messengers reach this installation"
	case !strings.HasPrefix(address, "https:"):
		f.Level, f.Wrong = levelFail, address+" is no https URL"
		f.Means, f.Do = "messengers deliver webhooks only by https", "put a proxy with a certificate before it"
	default:
		if err := answersAsRecado(ctx, address); err != nil {
			f.Wrong, f.Do = oneLine(err.Error(), 0), "look at DNS, the certificate and the proxy; from inside a network the address may be out of reach"
			return []finding{f}
		}
		return nil
	}
	return []finding{f}
}

// answersAsRecado gets what only Recado serves.
func answersAsRecado(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/v1/openapi.json", nil)
	if err != nil {
		return err
	}
	answer, err := messengerClient().Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, answer.Status)
	}
	return nil
}

// looksAtOnce bounds the messengers and endpoints that are asked at a time.
const looksAtOnce = 8

// checkConnections asks the messenger of each connection about it.
func checkConnections(ctx context.Context, p *patient) []finding {
	var conns []domain.Connection
	for _, kind := range domain.Kinds() {
		ids, err := p.store.ConnectionsOf(ctx, kind)
		if err != nil {
			return []finding{explainStore(err)}
		}
		for _, id := range ids {
			c, err := p.store.Connection(ctx, id)
			if err != nil {
				return []finding{explainStore(err)}
			}
			conns = append(conns, c)
		}
	}
	return each(conns, func(c domain.Connection) []finding { return p.connection(ctx, c) })
}

// messengerSlow is how long a messenger may take for the shortest of answers.
const messengerSlow = 2 * time.Second

// connection asks the messenger whether it takes the credentials, and how the
// connection fares.
func (p *patient) connection(ctx context.Context, c domain.Connection) (found []finding) {
	ctx, cancel := context.WithTimeout(ctx, messengerTimeout)
	defer cancel()
	about := string(c.ID)
	refused := func(err error) finding {
		return finding{
			About: about, Level: levelFail, Wrong: c.Kind.Traits().Name + " says: " + oneLine(err.Error(), 0),
			Means: "nothing is sent over it", Do: "correct its token or its base_url in the file, and run recado apply",
		}
	}
	connector, ok := p.connectors[c.Kind]
	if !ok {
		return []finding{{About: about, Level: levelFail, Wrong: "this program does not speak " + string(c.Kind), Means: "nothing is sent over it", Do: "start a version that does"}}
	}
	if checker, ok := connector.(domain.CredentialChecker); ok {
		began := time.Now()
		err := checker.CheckCredentials(ctx, c)
		took := time.Since(began)
		switch {
		case err != nil:
			found = append(found, refused(err))
		case took > messengerSlow:
			found = append(found, finding{
				About: about, Level: levelWarn, Wrong: fmt.Sprintf("%s takes %v to answer", c.Kind.Traits().Name, took.Round(time.Second)),
				Means: "messages wait for one another", Do: "look at the messenger's status page, or at the network",
			})
		}
	}
	if unofficial, ok := connector.(domain.Unofficial); ok {
		found = append(found, finding{
			About: about, Level: levelWarn, Wrong: "its account is linked in a way that the messenger does not permit", Means: domain.RiskOf(c.Kind, unofficial),
			Do: "use it only for an account that may be lost, or move to an official one",
		})
	}
	if watcher, ok := connector.(domain.Watcher); ok {
		seen, err := watcher.Watch(ctx, c, p.cfg.hookURL(c))
		if err != nil {
			found = append(found, refused(err))
		}
		for _, problem := range seen.Problems {
			found = append(found, explainProblem(about, problem))
		}
	}
	if missed := c.Watched.MissedAt; time.Since(missed) < missedWarn {
		found = append(found, finding{
			About: about, Level: levelWarn, Wrong: "messages came that no webhook told of, last at " + missed.UTC().Format(time.RFC3339),
			Means: "they were found late, and edits and reactions are lost", Do: "restart the session at the gateway",
		})
	}
	return orOK(about, found)
}

// missedWarn is how long a lost webhook is a problem.
const missedWarn = 24 * time.Hour

// lookBack lets the service look for messages that no webhook told of, over every
// connection whose messenger can be asked for them.
func lookBack(ctx context.Context, p *patient) (found []finding) {
	if p.back <= 0 {
		return nil
	}
	since := time.Now().Add(-p.back)
	for kind, connector := range p.connectors {
		if _, ok := connector.(domain.Lookback); !ok {
			continue
		}
		ids, err := p.store.ConnectionsOf(ctx, kind)
		for _, id := range ids {
			u := domain.Update{Connection: id, Fact: domain.LookRequested{Since: since}, Received: time.Now()}
			if _, err = p.store.Apply(ctx, domain.Batch{Updates: []domain.Update{u}}); err != nil {
				break
			}
			found = append(found, finding{About: string(id), Level: levelOK})
		}
		if err != nil {
			return append(found, explainStore(err))
		}
	}
	return found
}

// orOK lists also what is as it should be.
func orOK(about string, found []finding) []finding {
	if len(found) == 0 {
		return []finding{{About: about, Level: levelOK}}
	}
	return found
}

func explainProblem(about string, s domain.Signal) finding {
	f := finding{About: about, Level: levelWarn, Wrong: s.Title, Means: "it may soon neither send nor receive", Do: s.Details}
	if s.Kind == domain.SignalWebhook {
		f.Means = "messages may not arrive"
	}
	if s.Level == domain.LevelCritical {
		f.Level, f.Means = levelFail, "messages do not arrive, or are not sent"
	}
	if f.Do == "" {
		f.Do = "look at the messenger's own pages"
	}
	return f
}

// certificateWarn is how long before its end a certificate is a problem.
const certificateWarn = 14 * 24 * time.Hour

// checkEndpoints connects to each endpoint, and sends nothing.
func checkEndpoints(ctx context.Context, p *patient) []finding {
	companies, err := p.companies(ctx)
	if err != nil {
		return []finding{explainStore(err)}
	}
	var endpoints []domain.Endpoint
	for _, c := range companies {
		states, err := p.store.Endpoints(ctx, c)
		if err != nil {
			return []finding{explainStore(err)}
		}
		for _, s := range states {
			endpoints = append(endpoints, s.Endpoint)
		}
	}
	return each(endpoints, func(e domain.Endpoint) []finding { return p.endpoint(ctx, e) })
}

// companies lists those that pay for something.
func (p *patient) companies(ctx context.Context) (ids []domain.CompanyID, err error) {
	usage, err := p.store.Usage(ctx, "")
	for _, u := range usage {
		if !slices.Contains(ids, u.Company) {
			ids = append(ids, u.Company)
		}
	}
	return ids, err
}

func (p *patient) endpoint(ctx context.Context, e domain.Endpoint) (found []finding) {
	about := string(e.ID)
	reach, err := p.deliverer.Reach(ctx, e)
	if err != nil {
		f := finding{
			About: about, Level: levelFail, Wrong: oneLine(err.Error(), 0), Means: "its events wait, in order, for at most 7 days",
			Do: "correct its url, or tell who runs it",
		}
		if strings.Contains(f.Wrong, "RECADO_CALLBACK_ALLOW_NETWORKS") { // crm says which address
			f.Do = "run doctor with the service's RECADO_CALLBACK_ALLOW_NETWORKS (of the demo: 127.0.0.0/8), add the endpoint's network to it, or correct its url"
		}
		found = append(found, f)
	}
	if ends := reach.CertificateEnds; !ends.IsZero() && time.Until(ends) < certificateWarn {
		found = append(found, finding{
			About: about, Level: levelWarn, Wrong: "its certificate ends on " + ends.Format(time.DateOnly), Means: "then its events wait",
			Do: "tell who runs it to renew it",
		})
	}
	if e.Status == domain.EndpointDisabled {
		found = append(found, finding{
			About: about, Level: levelFail, Wrong: "it is disabled", Means: "its events expire after 7 days",
			Do: "POST /v1/endpoints/" + about + "/enable when it works, or delete it",
		})
	}
	return orOK(about, found)
}

// each looks at several things at a time.
func each[T any](list []T, look func(T) []finding) (found []finding) {
	results := make([][]finding, len(list))
	var wg sync.WaitGroup
	slots := make(chan struct{}, looksAtOnce)
	for i, item := range list {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = look(item)
		})
	}
	wg.Wait()
	return slices.Concat(results...)
}
