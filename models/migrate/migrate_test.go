package migrate_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// all are the models, one for each table.
var all = []any{
	models.OrganisationEnd{}, models.CadreMerge{}, models.TwinPair{},
	models.Account{}, models.AuditEntry{}, models.Cadre{}, models.Certificate{}, models.CertificateDocument{}, models.CertificateHandover{}, models.CertificateScan{}, models.JobFile{}, models.CertificateShare{}, models.ProofKey{}, models.Proposal{}, models.Template{}, models.TemplateVersion{}, models.TemplatePicture{}, models.TemplateVersionPicture{}, models.Completion{}, models.CoverageChange{}, models.CoverageEntry{}, models.CoverageLedger{}, models.CoverageStanding{},
	models.Course{}, models.CourseComponent{}, models.CourseGroup{}, models.CourseQuota{}, models.CourseStaff{}, models.CourseTopic{},
	models.CourseType{}, models.CourseTypeComponent{}, models.Enrolment{}, models.ExpectedGroup{}, models.Feedback{}, models.FeedbackGiven{}, models.Grant{}, models.Headcount{}, models.HistoryImport{}, models.Issuer{}, models.Job{},
	models.Invitation{}, models.InvitationLetter{}, models.Leave{}, models.Mail{}, models.NameCheck{}, models.Mark{}, models.MarkEvent{}, models.MarkDispute{}, models.WalkIn{}, models.Organisation{}, models.OrganisationSuccessor{}, models.Plan{}, models.PlanComponent{},
	models.Posting{}, models.PostingGroup{}, models.Quiz{}, models.QuizAnswer{}, models.QuizQuestion{}, models.QuizTry{}, models.Recognition{}, models.RecognitionComponent{}, models.Register{}, models.RequestKey{}, models.RosterImport{}, models.RosterImportPage{}, models.Session{}, models.Setting{},
	models.Room{}, models.Signatory{}, models.SignIn{}, models.SignInFailure{}, models.SignInName{}, models.Slip{}, models.SignedSheet{}, models.SigningKey{}, models.StoredFile{}, models.TargetGroup{}, models.TargetGroupLevel{},
	models.Token{}, models.Topic{}, models.Trainer{}, models.TrainerRating{}, models.TrainerTopic{}, models.Venue{},
}

// column is what the two dialects must agree on.
type column struct{ nullable, primary bool }

func TestTheModelsAndBothSchemasHaveTheSameColumns(t *testing.T) {
	t.Parallel()
	want := map[string]map[string]bool{}
	for _, m := range all {
		s, err := schema.Parse(m, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			t.Fatal(err)
		}
		want[s.Table] = map[string]bool{}
		for _, name := range s.DBNames {
			want[s.Table][name] = true
		}
	}
	lite, maria := tables(t, store.SQLite), tables(t, store.MySQL)
	for _, name := range slices.Sorted(maps.Keys(union(want, union(lite, maria)))) {
		for col := range union(want[name], union(lite[name], maria[name])) {
			l, inLite := lite[name][col]
			m, inMaria := maria[name][col]
			if !want[name][col] || !inLite || !inMaria {
				t.Errorf("%s.%s: in the model %v, on SQLite %v, on MariaDB %v", name, col, want[name][col], inLite, inMaria)
			} else if l != m {
				t.Errorf("%s.%s: on SQLite %+v, on MariaDB %+v", name, col, l, m)
			}
		}
	}
}

func TestTheSameThingsAreUniqueOnBothDatabases(t *testing.T) {
	t.Parallel()
	lite, maria := unique(t, store.SQLite), unique(t, store.MySQL)
	for u := range union(lite, maria) {
		if !lite[u] || !maria[u] {
			t.Errorf("%s: unique on SQLite %v, on MariaDB %v", u, lite[u], maria[u])
		}
	}
}

func TestTheSameForeignKeysHoldOnBothDatabases(t *testing.T) {
	t.Parallel()
	lite, maria := references(t, store.SQLite), references(t, store.MySQL)
	if len(lite) == 0 {
		t.Error("there are no foreign keys")
	}
	for r := range union(lite, maria) {
		if !lite[r] || !maria[r] {
			t.Errorf("%s: on SQLite %v, on MariaDB %v", r, lite[r], maria[r])
		}
	}
}

// union gives the keys of both.
func union[V, W any](a map[string]V, b map[string]W) map[string]bool {
	u := map[string]bool{}
	for k := range a {
		u[k] = true
	}
	for k := range b {
		u[k] = true
	}
	return u
}

// names lists the tables that hold data of ours.
func names(t *testing.T, g *gorm.DB) []string {
	t.Helper()
	all, err := g.Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(n string) bool { return n == "goose_db_version" || strings.HasPrefix(n, "sqlite_") })
}

func tables(t *testing.T, d store.Dialect) map[string]map[string]column {
	t.Helper()
	g := testdb.Only(t, d).Read(t.Context())
	found := map[string]map[string]column{}
	for _, name := range names(t, g) {
		found[name] = map[string]column{}
		var cols []struct {
			Name              string
			Nullable, Primary bool
		}
		sql := `SELECT name, "notnull" = 0 AND pk = 0 AS nullable, pk > 0 AS "primary" FROM pragma_table_info(?)`
		if d == store.MySQL {
			sql = "SELECT COLUMN_NAME AS name, IS_NULLABLE = 'YES' AS nullable, COLUMN_KEY = 'PRI' AS `primary` FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND IS_GENERATED = 'NEVER'"
		}
		if err := g.Raw(sql, name).Scan(&cols).Error; err != nil {
			t.Fatal(err)
		}
		for _, c := range cols {
			found[name][c.Name] = column{c.Nullable, c.Primary}
		}
	}
	return found
}

// unique lists what is unique. That main postings do not overlap is a key of MariaDB's alone; SQLite has triggers for it
// (TestTheDatabaseItselfRefusesASecondMainPosting).
func unique(t *testing.T, d store.Dialect) map[string]bool {
	t.Helper()
	g := testdb.Only(t, d).Read(t.Context())
	found := map[string]bool{}
	for _, name := range names(t, g) {
		var keys []struct{ Cols string }
		sql := `SELECT (SELECT GROUP_CONCAT(name) FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) AS cols FROM pragma_index_list(?) l WHERE l."unique" = 1 AND l.origin <> 'pk'`
		if d == store.MySQL {
			sql = "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS cols FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND NON_UNIQUE = 0 AND INDEX_NAME NOT IN ('PRIMARY', 'uq_postings_main') GROUP BY INDEX_NAME"
		}
		if err := g.Raw(sql, name).Scan(&keys).Error; err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			found[name+" ("+k.Cols+")"] = true
		}
	}
	return found
}

func references(t *testing.T, d store.Dialect) map[string]bool {
	t.Helper()
	g := testdb.Only(t, d).Read(t.Context())
	found := map[string]bool{}
	for _, name := range names(t, g) {
		var keys []struct{ Col, Parent, Rule string }
		sql := `SELECT "from" AS col, "table" AS parent, on_delete AS rule FROM pragma_foreign_key_list(?)`
		if d == store.MySQL {
			sql = `SELECT k.COLUMN_NAME AS col, k.REFERENCED_TABLE_NAME AS parent, r.DELETE_RULE AS rule FROM information_schema.KEY_COLUMN_USAGE k
				JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
				WHERE k.TABLE_SCHEMA = DATABASE() AND k.TABLE_NAME = ? AND k.REFERENCED_TABLE_NAME IS NOT NULL`
		}
		if err := g.Raw(sql, name).Scan(&keys).Error; err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			rule := k.Rule
			if rule == "RESTRICT" {
				rule = "NO ACTION" // the same, on both
			}
			found[fmt.Sprintf("%s.%s -> %s on delete %s", name, k.Col, k.Parent, rule)] = true
		}
	}
	return found
}
