package coverage

import (
	"encoding/csv"
	"io"
	"strconv"
)

// Columns are the names of a row's fields, in order, as JSON and CSV give them.
var Columns = []string{"organisation", "group", "target_percent", "roster", "declared", "denominator", "covered", "percent", "met", "unreported"}

// Cells gives a row's fields as text, in the order of Columns; what is null is empty.
func (r Row) Cells() []string {
	declared, percent, met := "", "", ""
	if r.Declared != nil {
		declared = strconv.Itoa(*r.Declared)
	}
	if r.Percent != nil {
		percent = r.Percent.String()
	}
	if r.Met != nil {
		met = strconv.FormatBool(*r.Met)
	}
	return []string{r.Organisation, r.Group, strconv.Itoa(r.TargetPercent), strconv.Itoa(r.Roster), declared, strconv.Itoa(r.Denominator),
		strconv.Itoa(r.Covered), percent, met, strconv.Itoa(r.Unreported)}
}

// WriteCSV writes rows with a heading line.
func WriteCSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	if err := out.Write(Columns); err != nil {
		return err
	}
	for _, r := range rows {
		if err := out.Write(r.Cells()); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// RecognisedRow says apart, for one group in one organisation and everything below it, how many of the covered are so only thanks to
// recognised training: they would not be covered without it.
type RecognisedRow struct {
	Organisation string `json:"organisation"` // code
	Group        string `json:"group"`        // code
	Covered      int    `json:"covered"`
	Recognised   int    `json:"recognised"`
}

// RecognisedRows gives a row for every organisation with every group, in the order of Rows.
func (r *Report) RecognisedRows() []RecognisedRow {
	rows := make([]RecognisedRow, 0, len(r.Nodes)*len(r.Plan.Groups))
	for _, n := range r.Nodes {
		for i, g := range r.Plan.Groups {
			rows = append(rows, RecognisedRow{Organisation: n.Code, Group: g.Code, Covered: n.Figures[i].Covered, Recognised: n.Figures[i].Recognised})
		}
	}
	return rows
}
