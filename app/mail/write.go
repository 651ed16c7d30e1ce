package mail

import (
	"html"
	"strings"
)

// Write makes a message, plain and as HTML, of paragraphs, a list, and the paragraphs behind it; each may be empty.
func Write(before, list, after []string) Message {
	return Message{Text: plainText(before, list, after), HTML: htmlText(before, list, after)}
}

func plainText(pars, list, after []string) string {
	var b strings.Builder
	for _, p := range pars {
		b.WriteString(p + "\n\n")
	}
	for _, l := range list {
		b.WriteString("- " + l + "\n")
	}
	if len(list) > 0 {
		b.WriteString("\n")
	}
	b.WriteString(strings.Join(after, "\n\n") + "\n")
	return b.String()
}

func htmlText(pars, list, after []string) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="vi"><body>`)
	par := func(p string) { b.WriteString("<p>" + html.EscapeString(p) + "</p>\n") }
	for _, p := range pars {
		par(p)
	}
	if len(list) > 0 {
		b.WriteString("<ul>\n")
		for _, l := range list {
			b.WriteString("<li>" + html.EscapeString(l) + "</li>\n")
		}
		b.WriteString("</ul>\n")
	}
	for _, p := range after {
		par(p)
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
