package main

import (
	"os"
	"testing"
)

func TestThePictureIsThatOfTheTable(t *testing.T) {
	t.Parallel()
	drawn, err := os.ReadFile("../../docs/visit.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(drawn) != page() {
		t.Error("docs/visit.md is not what the table says: run make gen")
	}
}
