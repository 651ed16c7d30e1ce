// Package migrate holds the versioned migrations, one folder a dialect. A migration that has landed is frozen; MariaDB
// cannot roll back DDL, so each holds one statement that changes the schema.
package migrate

import "embed"

// Files are the migrations: sqlite/*.sql and mysql/*.sql.
//
//go:embed sqlite/*.sql mysql/*.sql
var Files embed.FS
