package notify_test

import (
	"os"
	"testing"

	"undring/postgres/pgtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(workerOf) != "" { // this process is a server that a test will kill
		runWorker()
		return
	}
	pgtest.Main(m)
}
