package testweb_test

import (
	"bytes"
	"fmt"
	"html"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"taphuan/internal/testweb"
)

func TestMain(m *testing.M) { testweb.Main(m) }

// site serves one page, and says after a POST what it got.
func site(t *testing.T, body string) string {
	t.Helper()
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, inner string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if _, err := io.WriteString(w, `<!doctype html><meta charset=utf-8><meta name=viewport content="width=device-width"><link rel=icon href="data:,"><title>T</title>`+inner); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { page(w, body) })
	mux.HandleFunc("GET /broken", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusInternalServerError) })
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		if _, err := w.Write([]byte("%PDF-\xff\x00")); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
		}
		status := http.StatusOK
		if r.FormValue("name") == "" {
			status = http.StatusUnprocessableEntity
		}
		var names []string
		for k, v := range r.Form {
			names = append(names, k+"="+strings.Join(v, ","))
		}
		for k, f := range r.MultipartForm.File {
			names = append(names, k+"="+f[0].Filename)
		}
		slices.Sort(names)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		page(w, "<p>"+html.EscapeString(strings.Join(names, " ")))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestAPersonsStepsWork(t *testing.T) {
	t.Parallel()
	url := site(t, `<form method=post action=/ enctype=multipart/form-data style="margin-top:2000px">
		<label for=n>Họ và tên</label><input id=n name=name value=cũ>
		<label>Ngày <input type=date name=day></label>
		<label for=g>Nhóm</label><select id=g name=group><option value=1>Một<option value=2>Hai</select>
		<label><input type=checkbox name=ok value=1> Đồng ý</label>
		<label>Tệp <input type=file name=file></label>
		<button>Lưu lại</button></form><ul><li>An <a href=/file>Tải về</a></li><li>Bình <a href=/broken>Tải về</a></li></ul>`)
	file := filepath.Join(t.TempDir(), "danh sách.xlsx")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := testweb.Browse(t, url)
	b.Go("/")
	b.Fill("Họ và tên", "Nguyễn Thị Ánh")
	b.Fill("Ngày", "2026-11-24")
	b.Fill("Nhóm", "Hai")
	b.Check("Đồng ý")
	b.Upload("Tệp", file)
	if v := b.Value("Họ và tên"); v != "Nguyễn Thị Ánh" {
		t.Errorf("the field holds %q", v)
	}
	if body, kind := b.Download("Tải về"); kind != "application/pdf" || !bytes.Equal(body, []byte("%PDF-\xff\x00")) {
		t.Errorf("downloaded %q, %s", body, kind)
	}
	b.Click("Lưu lại")
	b.Sees("day=2026-11-24 file=danh sách.xlsx group=2 name=Nguyễn Thị Ánh ok=1")
	b.Lacks("Lưu lại")
	b.Go("/")
	b.Fill("Họ và tên", "")
	b.Click("Lưu lại")
	b.Sees("name=") // a refused form is an answer like another
}

func TestWhatMovesWhileItIsPressedIsAimedAtOnceMore(t *testing.T) {
	t.Parallel()
	b := testweb.Browse(t, site(t, `<button onclick="this.after('đã nhấn')">Nhấn</button><script>
		const add = window.addEventListener.bind(window);
		let moved = false;
		window.addEventListener = (kind, ...more) => {
			add(kind, ...more);
			if (kind !== "mousedown" || moved) return;
			moved = true;
			document.body.prepend(Object.assign(document.createElement("button"), { style: "display: block; width: 100%; height: 300px", onclick: () => document.body.append("nhấn nhầm") }));
		};
	</script>`))
	b.Go("/")
	b.Click("Nhấn")
	b.Sees("đã nhấn")
	b.Lacks("nhấn nhầm")
}

func TestPicturesShowTheWholePageAtBothWidths(t *testing.T) {
	t.Parallel()
	b := testweb.Browse(t, site(t, `<body style="margin:0"><div style="height:3000px">cao</div>`))
	b.Go("/")
	b.Phone()
	for _, want := range []struct {
		whole         bool
		width, height int
	}{{true, 360, 3000}, {false, 360, 740}} {
		img, err := png.DecodeConfig(bytes.NewReader(b.Picture(want.whole)))
		if err != nil || img.Width != want.width || img.Height != want.height {
			t.Errorf("picture of %dx%d, %v; want %+v", img.Width, img.Height, err, want)
		}
	}
	b.Look("page")
}

func TestWhatIsWrongWithAPageFailsTheTest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, want string }{
		"console error":     {`<script>console.error("hỏng rồi")</script>`, "console: hỏng rồi"},
		"exception":         {`<script>setTimeout(() => { throw new Error("nổ") })</script>`, "script: Uncaught Error: nổ"},
		"another host":      {`<img src="http://192.0.2.7/x.png" alt="">`, "asked another host: http://192.0.2.7/x.png"},
		"server error":      {`<iframe src=/broken></iframe>`, "/broken answered 500"},
		"scrolls sideways":  {`<div class=wide style="width:700px">dài</div>`, `page (/) at 360 px scrolls`},
		"covered button":    {`<button>Lưu</button><div class=veil style="position:fixed;inset:0"></div>`, "veil"},
		"no such button":    {`<p>Lưu</p>`, "there is no such thing to press"},
		"nothing is amiss":  {`<button>Lưu</button>`, ""},
		"disabled is as no": {`<button disabled>Lưu</button>`, "there is no such thing to press"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := observed(t, func(tb testing.TB) {
				b := testweb.Browse(tb, site(t, tc.body))
				if tc.want != "" {
					testweb.Hurry(b)
				}
				b.Go("/")
				b.Look("page")
				b.Click("Lưu")
			})
			if tc.want == "" && name == "nothing is amiss" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("said %q, want %q", got, tc.want)
			}
		})
	}
}

// observer is a testing.TB that keeps what is said against the test.
type observer struct {
	testing.TB
	mu       sync.Mutex
	said     strings.Builder
	cleanups []func()
}

func observed(t *testing.T, f func(testing.TB)) string {
	o := &observer{TB: t}
	done := make(chan struct{})
	go func() { // a goroutine of its own, for Fatal to end
		defer close(done)
		defer func() {
			for _, c := range slices.Backward(o.cleanups) {
				c()
			}
		}()
		f(o)
	}()
	<-done
	return o.said.String()
}

func (o *observer) Cleanup(f func()) { o.cleanups = append(o.cleanups, f) }
func (o *observer) Error(args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	fmt.Fprintln(&o.said, args...)
}
func (o *observer) Errorf(format string, args ...any) { o.Error(fmt.Sprintf(format, args...)) }
func (o *observer) Fatal(args ...any)                 { o.Error(args...); runtime.Goexit() }
func (o *observer) Fatalf(format string, args ...any) { o.Errorf(format, args...); runtime.Goexit() }
