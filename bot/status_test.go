package bot

import (
	"strings"
	"testing"
)

// TestSlowKernels holds that moderators and the operator are told where questions are read by the slow code, and nowhere else.
func TestSlowKernels(t *testing.T) {
	o := newOffice(t, "testdata/dialogue")
	for _, k := range []struct {
		name string
		slow bool
	}{{"avx2", false}, {"portable", true}} {
		o.prep = func(b *Bot) { b.health.kernels = k.name }
		o.leave()
		o.stage.log.Reset()
		o.start()
		if told := o.slash(o.mod, o.general, "facts status", nil).Content; strings.Contains(told, slowKernels) != k.slow {
			t.Errorf("with the kernels %q the status is\n%s", k.name, told)
		}
		if log := o.stage.log.String(); strings.Contains(log, "kernels="+k.name) != k.slow {
			t.Errorf("with the kernels %q the log is\n%s", k.name, log)
		}
	}
}
