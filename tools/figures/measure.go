package main

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"strconv"
	"strings"
)

// house is all that was measured. The zero value but for folders is ready; print reads it
// and changes nothing.
type house struct {
	folders map[string]*folder
	// Lengths are kept one by one, as the median and the ninth tenth are asked for.
	files     []int // lines of each file that is not a test
	functions []function
	code      int // lines with code on them, of files that are no tests
	comments  int // lines with a comment and nothing else, of the same
	testCode  int
	exported  int // names
	explained int // of these, with a comment
	tests     int
	parallel  int
	ranks     map[string]int
	deps      int
}

// folder is one package, with its tests. A folder with tests alone has no files, and counts
// as no package.
type folder struct {
	files   int // that are no tests
	doc     bool
	imports map[string]bool
	code    int
	tests   int
}

// function is one function that is not a test's. Its name stands with its folder; a
// method's stands without its type.
type function struct {
	name       string
	lines      int
	complexity int
	reason     string // why it is as complex as it is; empty where nobody says
}

// whyComplex begins the line of a function's comment that says why it is more complex
// than functions are here. The reason is printed with the figure, so whoever reads the
// figures reads the reasons, too.
const whyComplex = "Complex because"

// add measures one file. What can't be parsed ends the measuring: a figure of half a house
// would pass for one of the whole.
func (h *house) add(file, at string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, file, raw, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	// By the line that generators write, wherever the file stands.
	if ast.IsGenerated(f) {
		return nil
	}
	dir := path.Dir(at)
	in := h.folders[dir]
	if in == nil {
		in = &folder{imports: map[string]bool{}}
		h.folders[dir] = in
	}
	code, comments := linesOf(raw)
	if isTest(at) {
		h.testCode += code
		h.countTests(f, in)
		return nil
	}
	in.files++
	in.code += code
	// One file of a package is enough, whichever it is.
	in.doc = in.doc || f.Doc != nil
	for _, i := range f.Imports {
		if name, err := strconv.Unquote(i.Path.Value); err == nil {
			in.imports[name] = true
		}
	}
	// Lines as an editor counts them: what is long to scroll through is long, comments or
	// not.
	h.files = append(h.files, strings.Count(string(raw), "\n"))
	h.code, h.comments = h.code+code, h.comments+comments
	for _, d := range f.Decls {
		h.countNames(d)
		// Functions that are named alone: one within another is part of its length.
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			// From the word func to the closing brace, blank lines included, the comment
			// before it not.
			lines := files.Position(fn.End()).Line - files.Position(fn.Pos()).Line + 1
			h.functions = append(h.functions, function{dir + "." + fn.Name.Name, lines, complexity(fn.Body), reasonOf(fn.Doc)})
		}
	}
	return nil
}

// reasonOf reads the reason from a function's comment: from the mark to the end of its
// paragraph. The mark has to begin a line: in the middle of a sentence it says nothing.
func reasonOf(doc *ast.CommentGroup) string {
	_, after, found := strings.Cut("\n"+doc.Text(), "\n"+whyComplex)
	if !found {
		return ""
	}
	reason, _, _ := strings.Cut(after, "\n\n")
	return strings.Join(strings.Fields(reason), " ")
}

// linesOf counts the lines with code and those with comments alone. The scanner knows
// the difference where a text only looks like a comment. A line with both is code; an empty
// one is neither. A comment or a text of several lines counts on each of them.
func linesOf(raw []byte) (code, comments int) {
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(raw))
	var s scanner.Scanner
	s.Init(file, raw, nil, scanner.ScanComments)
	const isComment, isCode = 1, 2
	lines := map[int]int{}
	for {
		at, kind, text := s.Scan()
		if kind == token.EOF {
			break
		}
		if kind == token.SEMICOLON && text == "\n" { // put in by the scanner
			continue
		}
		mark := isCode
		if kind == token.COMMENT {
			mark = isComment
		}
		first := file.Line(at)
		for n := range strings.Count(text, "\n") + 1 {
			lines[first+n] |= mark
		}
	}
	for _, what := range lines {
		if what&isCode != 0 {
			code++
		} else {
			comments++
		}
	}
	return code, comments
}

// countTests counts the tests of a file, and those that run in parallel. A test is parallel
// where it says so anywhere, also in its subtests. Helpers and benchmarks are no tests.
func (h *house) countTests(f *ast.File, in *folder) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") || fn.Name.Name == "TestMain" {
			continue
		}
		h.tests++
		in.tests++
		// Found by its name: any Parallel will do, since nothing else here is called so.
		alone := true
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Parallel" {
				alone = false
			}
			return alone
		})
		if !alone {
			h.parallel++
		}
	}
}

// countNames counts the exported names of a declaration, and those with a comment: their
// own, or their group's. Fields of structs and methods of interfaces are left out: their
// type's comment speaks for them.
func (h *house) countNames(d ast.Decl) {
	count := func(name *ast.Ident, docs ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		h.exported++
		for _, doc := range docs {
			if doc != nil {
				h.explained++
				return
			}
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		// A method of a type that nobody outside sees is not a public one.
		if d.Recv == nil || receiver(d).IsExported() {
			count(d.Name, d.Doc)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				count(s.Name, s.Doc, s.Comment, d.Doc)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					count(name, s.Doc, s.Comment, d.Doc)
				}
			}
		}
	}
}

// receiver is the type that a method belongs to. A pointer's or a generic one's name stands
// further in.
func receiver(d *ast.FuncDecl) *ast.Ident {
	t := d.Recv.List[0].Type
	for {
		switch of := t.(type) {
		case *ast.StarExpr:
			t = of.X
		case *ast.IndexExpr:
			t = of.X
		case *ast.IndexListExpr:
			t = of.X
		case *ast.Ident:
			return of
		default:
			return ast.NewIdent("_")
		}
	}
}

// complexity is one more than the places where a function's way forks: each if, loop,
// case, "and" and "or". It is McCabe's number as gocyclo counts it, so that figures of
// other projects can be set beside ours. A function within a function counts as part of it.
func complexity(body *ast.BlockStmt) int {
	n := 1
	ast.Inspect(body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
			n++
		case *ast.CaseClause:
			if node.List != nil { // default is where the others don't go
				n++
			}
		case *ast.CommClause:
			if node.Comm != nil {
				n++
			}
		case *ast.BinaryExpr:
			if node.Op == token.LAND || node.Op == token.LOR {
				n++
			}
		}
		return true
	})
	return n
}

// readRanks reads the ranks of packages from the test that holds imports against them. From
// the source and not by running the test: the tree may be one that does not build here.
func readRanks(file string) (map[string]int, error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Names[0].Name != "ranks" || len(v.Values) != 1 {
			return true
		}
		if table, ok := v.Values[0].(*ast.CompositeLit); ok {
			for _, e := range table.Elts {
				readRank(e, out)
			}
		}
		return false
	})
	return out, nil
}

// readRank reads one line of the ranks in server/house_test.go. A line that is none of
// "path": number is passed over.
func readRank(e ast.Expr, into map[string]int) {
	pair, ok := e.(*ast.KeyValueExpr)
	if !ok {
		return
	}
	key, isKey := pair.Key.(*ast.BasicLit)
	value, isValue := pair.Value.(*ast.BasicLit)
	if !isKey || !isValue {
		return
	}
	name, err := strconv.Unquote(key.Value)
	if rank, bad := strconv.Atoi(value.Value); err == nil && bad == nil {
		into[name] = rank
	}
}
