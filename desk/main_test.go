package desk_test

import (
	"testing"

	"undring/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
