package handlers

import (
	"net/http"
	"strings"
)

// hint tells a browser that asks for a page what every page needs, before this one is made (103 Early Hints): where a question and its
// answer take long, style and scripts come one such time sooner. Only browsers that speak HTTP/2 are told, the others may not
// understand; one that has the files already does not ask for them.
func (s *Server) hint(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor < 2 || r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Dest") != "document" {
		return
	}
	h := w.Header()
	h.Add("Link", "<"+s.Assets.URL("app.css")+">; rel=preload; as=style")
	h.Add("Link", "<"+s.Assets.URL("app.js")+">; rel=modulepreload; as=script")
	if strings.HasPrefix(r.URL.Path, "/sessions/") { // of whom marks
		h.Add("Link", "<"+s.Assets.URL("attendance.js")+">; rel=modulepreload; as=script")
	}
	w.WriteHeader(http.StatusEarlyHints)
	h.Del("Link")
}
