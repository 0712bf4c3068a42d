// Train makes knowledge/rank/model.json: what the ranker has learned of how members ask. It is for those who work on Footnote; the binary needs nothing of it.
//
//	go run ./cmd/train -fresh knowledge/testdata/fresh -qa ../shared/qa -o knowledge/rank/model.json
//
// It gathers the evidence for the questions of many bases (data.go), as the binary does when it answers them, fits the model to the part of the bases
// that is for training (fit.go), and its scale and thresholds to the part that is for tuning (tune.go). The part for testing is not looked at: score it with score.py. The
// same data give the same bytes, on one machine; no base weighs more than another.
//
// The encoders are made by the scripts in cmd/train/encoder, before.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"footnote/knowledge"
	"footnote/knowledge/rank"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var o options
	out := flag.String("o", "", "write the model to this file (none: only report)")
	flag.StringVar(&o.fresh, "fresh", "knowledge/testdata/fresh", "the folder of fresh bases, with splits.json")
	flag.StringVar(&o.model, "model", "", "only fit scale and thresholds of this model anew")
	flag.StringVar(&o.qa, "qa", "", "the folder of public question sets; may be empty")
	flag.StringVar(&o.cache, "cache", "", "keep vectors in this folder")
	flag.IntVar(&o.bases, "bases", 0, "train on so many fresh bases only, for a learning curve (0: all)")
	flag.StringVar(&o.without, "without", "", "leave these features out, by name, separated by commas: an ablation")
	flag.BoolVar(&o.read, "read", true, "take a second look at the best facts, with the readers")
	flag.IntVar(&o.seeds, "seeds", 1, "how many models to take the mean of")
	flag.StringVar(&o.skip, "skip", "", "leave these fresh bases out, by name, separated by commas")
	flag.Float64Var(&o.seen, "seen", 1, "weight of a base that the encoders were tuned on, beside 1 of another")
	flag.IntVar(&o.epochs, "epochs", 5, "times through the data")
	flag.Float64Var(&o.decay, "decay", 1e-3, "weight decay of the vectors' products and differences")
	flag.Float64Var(&o.rate, "rate", 4e-3, "learning rate")
	flag.Parse()
	data, err := gather(ctx, o)
	if err != nil {
		return err
	}
	var model *rank.Model
	if o.model == "" {
		model = fit(data, o)
	} else if text, err := os.ReadFile(o.model); err != nil {
		return err
	} else if model, err = rank.ParseModel(text); err != nil {
		return err
	}
	report := tune(model, data, o)
	fmt.Fprint(os.Stderr, report)
	if *out == "" {
		return nil
	}
	text, err := json.Marshal(model)
	if err != nil {
		return err
	}
	return os.WriteFile(*out, append(text, '\n'), 0o666)
}

type options struct {
	fresh, qa, cache, without, skip, model string
	read                                   bool
	bases, epochs, seeds                   int
	like                                   *knowledge.Base // shares its vectors with all
	decay, rate, seen                      float64
}
