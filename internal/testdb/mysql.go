package testdb

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// A template on MariaDB is a migrated database that stays on the server, and the statements that make another like it:
// running the migrations anew for each test would take ten times as long.
type mysqlTemplate []string

var mysqlTemplates templates[mysqlTemplate]

func newMariaDB(t testing.TB, o options) (string, error) {
	base, err := server()
	if err != nil {
		return "", err
	}
	pool, err := admin()
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	db := name()
	if _, err := pool.ExecContext(ctx, "CREATE DATABASE "+db); err != nil {
		return "", err
	}
	t.Cleanup(func() {
		if _, err := pool.ExecContext(ctx, "DROP DATABASE "+db); err != nil {
			t.Error("dropping the database:", err)
		}
	})
	if o.template == empty {
		return base + db, nil
	}
	tpl, err := mysqlTemplates.get(o.template, func() (mysqlTemplate, error) { return buildMariaDB(ctx, pool, base, o) })
	if err != nil {
		return "", err
	}
	return base + db, tpl.copyTo(ctx, pool, db)
}

func buildMariaDB(ctx context.Context, pool *sql.DB, base string, o options) (mysqlTemplate, error) {
	from := name()
	if _, err := pool.ExecContext(ctx, "CREATE DATABASE "+from); err != nil {
		return nil, err
	}
	if err := migrate(base+from, o); err != nil {
		return nil, err
	}
	columns, err := writable(ctx, pool, from)
	if err != nil {
		return nil, err
	}
	var tpl mysqlTemplate
	for table, names := range columns {
		var same, create string
		if err := pool.QueryRowContext(ctx, "SHOW CREATE TABLE "+from+"."+quote(table)).Scan(&same, &create); err != nil {
			return nil, err
		}
		tpl = append(tpl, create)
		var filled bool
		if err := pool.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+from+"."+quote(table)+")").Scan(&filled); err != nil {
			return nil, err
		}
		if filled {
			list := strings.Join(names, ", ")
			tpl = append(tpl, "INSERT INTO "+quote(table)+" ("+list+") SELECT "+list+" FROM "+from+"."+quote(table))
		}
	}
	return tpl, nil
}

// writable lists the tables of a database with the columns that are not computed from others.
func writable(ctx context.Context, pool *sql.DB, db string) (map[string][]string, error) {
	rows, err := pool.QueryContext(ctx, `SELECT c.TABLE_NAME, c.COLUMN_NAME FROM information_schema.COLUMNS c
		JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
		WHERE c.TABLE_SCHEMA = ? AND t.TABLE_TYPE = 'BASE TABLE' AND c.IS_GENERATED = 'NEVER' ORDER BY 1, c.ORDINAL_POSITION`, db)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return nil, err
		}
		columns[table] = append(columns[table], quote(column))
	}
	return columns, rows.Err()
}

// copyTo runs the statements on one connection, in any order, since no foreign key is looked at meanwhile.
func (tpl mysqlTemplate) copyTo(ctx context.Context, pool *sql.DB, db string) (err error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if e := conn.Close(); err == nil {
			err = e
		}
	}()
	all := append([]string{"USE " + db, "SET foreign_key_checks = 0", "START TRANSACTION"}, tpl...)
	all = append(all, "COMMIT", "SET foreign_key_checks = 1")
	if _, err := conn.ExecContext(ctx, strings.Join(all, ";\n")); err != nil {
		return fmt.Errorf("copying a template: %w", err)
	}
	return nil
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// admin is a pool of connections to the server itself, which lives as long as the process.
var admin = sync.OnceValues(func() (*sql.DB, error) {
	base, err := server()
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("TAPHUAN_TEST_MYSQL is to be mysql://USER:PASSWORD@HOST:PORT/")
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.MultiStatements = u.User.Username(), "tcp", u.Host, true
	cfg.Passwd, _ = u.User.Password()
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
})
