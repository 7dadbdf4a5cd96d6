package domain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// The tables of the package have a line for each of the constants and types
// that they are about: the source is read and counted.

func TestEveryReasonHasAPolicyWithATextedCode(t *testing.T) {
	reasons := constants[Reason](t, "failure.go", "Reason")
	if len(Policies) != len(reasons) {
		t.Errorf("%d policies for %d reasons", len(Policies), len(reasons))
	}
	for _, r := range reasons {
		if p, ok := Policies[r]; !ok || Texts[p.Code] == "" || p.Means == "" || p.Do == "" {
			t.Errorf("reason %s has the policy %+v and the text %q", r, p, Texts[p.Code])
		}
	}
}

// Rule 23: one text leaves something out, which its hint adds.
func TestTheHintOfTheDialogLimit(t *testing.T) {
	f := ownFailure(ReasonDialogLimit, "used up").Public()
	if len(Hints) != 1 || f.Hint != "Hay que mejorar la tarifa." || f.Code != DialogLimitReached {
		t.Errorf("published %+v", f)
	}
}

// Rule 23: exactly these texts.
func TestTextsOfCodes(t *testing.T) {
	want := map[Code]string{
		"messenger_account_not_found":   "No se encontró la cuenta de mensajero",
		"subscription_not_paid":         "Suscripción no pagada",
		"waba_no_paid_dialogs":          "No hay diálogos Waba pagados",
		"outgoing_dialog_limit_reached": "Se ha alcanzado el límite de diálogo saliente en la tarifa de suscripción",
		"voice_not_available_on_tariff": "Los mensajes de voz sólo están disponibles en las tarifas Avanzadas",
		"unknown_error":                 "Error desconocido. Póngase en contacto con el soporte técnico.",
	}
	codes := constants[Code](t, "failure.go", "Code")
	if len(codes) != len(want) || len(Texts) != len(want) {
		t.Errorf("%d codes and %d texts, want %d", len(codes), len(Texts), len(want))
	}
	for _, c := range codes {
		if Texts[c] != want[c] {
			t.Errorf("%s reads %q, want %q", c, Texts[c], want[c])
		}
	}
}

func TestListsAreComplete(t *testing.T) {
	same(t, EventTypes, constants[EventType](t, "event.go", "EventType"))
	same(t, Outcomes, constants[Outcome](t, "outcome.go", "Outcome"))
	same(t, Kinds(), constants[Kind](t, "kind.go", "Kind"))
	same(t, Tariffs, constants[Tariff](t, "subscription.go", "Tariff"))
	same(t, CountModes, constants[CountMode](t, "subscription.go", "CountMode"))
	same(t, ConnectionStatuses, constants[ConnectionStatus](t, "connection.go", "ConnectionStatus"))
	same(t, SubscriptionStates, constants[SubscriptionState](t, "subscription.go", "SubscriptionState"))
	same(t, Directions, constants[Direction](t, "message.go", "Direction"))
	same(t, Origins, constants[Origin](t, "message.go", "Origin"))
	same(t, MessageTypes, constants[MessageType](t, "message.go", "MessageType"))
	same(t, DeliveryStatuses, constants[DeliveryStatus](t, "message.go", "DeliveryStatus"))
	var statuses []DeliveryStatus
	for s := range moves {
		statuses = append(statuses, s)
	}
	same(t, statuses, constants[DeliveryStatus](t, "message.go", "DeliveryStatus"))
}

// What no line names would be applied without its message or chat.
func TestEveryFactHasARuleAndNames(t *testing.T) {
	var facts []string
	for _, d := range parse(t, "update.go").Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "fact" {
			facts = append(facts, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	if len(facts) < 12 {
		t.Fatalf("found the facts %v only", facts)
	}
	same(t, cases(t, "decide.go", "Decide"), facts)
	same(t, cases(t, "names.go", "namesOf"), facts)
}

// constants lists the constants of a type in a file.
func constants[T ~string](t *testing.T, file, typ string) (values []T) {
	t.Helper()
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != typ {
			return true
		}
		for _, v := range spec.Values {
			text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, T(text))
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("%s has no constants of type %s", file, typ)
	}
	return values
}

// cases lists the types that the type switch of a function names.
func cases(t *testing.T, file, function string) (types []string) {
	t.Helper()
	for _, d := range parse(t, file).Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != function {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CaseClause); ok {
				for _, typ := range c.List {
					types = append(types, typ.(*ast.Ident).Name)
				}
			}
			return true
		})
	}
	return types
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func same[T ~string](t *testing.T, got, want []T) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the table has %v, want %v", got, want)
	}
}
