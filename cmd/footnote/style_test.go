package main

import (
	"bytes"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// goFiles reads every Go file of the module, hidden folders aside, by its path from the module's root.
func goFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	root := os.DirFS(module)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		files[name], err = fs.ReadFile(root, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestGofmt(t *testing.T) {
	for name, text := range goFiles(t) {
		want, err := format.Source(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !bytes.Equal(text, want) {
			t.Errorf("%s: run gofmt -w %s", name, name)
		}
	}
}

// TestPackageDocs demands one package comment of every package, so that there is one place to begin reading.
func TestPackageDocs(t *testing.T) {
	docs := map[string][]string{} // the files with a comment, by folder
	for name, text := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		dir := path.Dir(name)
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Error(err)
			continue
		}
		if docs[dir] == nil {
			docs[dir] = []string{} // known, also when no file has a comment
		}
		if strings.TrimSpace(f.Doc.Text()) != "" {
			docs[dir] = append(docs[dir], name)
		}
	}
	for dir, in := range docs {
		if len(in) != 1 {
			t.Errorf("package %s needs one package comment, and has %d: %v", dir, len(in), in)
		}
	}
	if len(docs) < len(layers) {
		t.Errorf("found %d packages only", len(docs))
	}
}

func TestVet(t *testing.T) {
	vet := exec.CommandContext(t.Context(), "go", "vet", "./...")
	vet.Dir = module
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}
