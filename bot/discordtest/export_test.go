package discordtest

import "fmt"

// CheckAnswer validates an answer of the server's own against the description, for the package's tests.
func (s *Spec) CheckAnswer(method, path string, status int, body any) (route string, problems []Violation) {
	rt, _, _ := match(routes(), method, path)
	if rt == nil {
		return "", []Violation{{Message: "no route"}}
	}
	sch, err := s.response(rt.method, rt.path, fmt.Sprint(status))
	if err != nil {
		return rt.path, []Violation{{Message: err.Error()}}
	}
	if sch == nil {
		return rt.path, nil
	}
	return rt.path, violations(sch.Validate(body))
}

// CheckSchema validates a value against one of the description's components.
func (s *Spec) CheckSchema(name string, v any) []Violation {
	sch, err := s.compile("/components/schemas/" + name)
	if err != nil {
		return []Violation{{Message: err.Error()}}
	}
	return violations(sch.Validate(v))
}

// RoutePaths lists every route as METHOD path.
func RoutePaths() []string {
	var out []string
	for _, r := range routes() {
		out = append(out, r.method+" "+r.path)
	}
	return out
}
