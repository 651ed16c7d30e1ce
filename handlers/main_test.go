package handlers_test

import (
	"testing"

	"taphuan/internal/testweb"
)

func TestMain(m *testing.M) { testweb.Main(m) }
