// Package picture makes pictures of PDF documents: what a phone shows in a chat, and keeps among its photos.
package picture

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const (
	dpi     = 130     // an A4 page is 1521 by 1075 pixels, and its QR code is read from the picture
	quality = 85      // of JPEG: a quarter of a megabyte
	kept    = 48      // pictures that stay in memory
	pages   = 1 << 11 // of 64 KiB: what PDFium may take
)

// Renderer draws with PDFium, which runs in a sandbox of WebAssembly: it sees no file and no network. It is started by the first
// picture, draws one at a time and is put away when nobody has asked for a while. It is safe for concurrent use.
type Renderer struct {
	dir  string        // where the compiled program is kept between starts, "" for nowhere
	idle time.Duration // how long it waits for the next picture before it is put away
	turn chan struct{} // holds one while somebody draws

	pool  pdfium.Pool // under turn, as all below; nil: put away
	cache wazero.CompilationCache
	away  *time.Timer

	mu     sync.Mutex
	recent []drawn // the latest last
}

type drawn struct {
	sum  [sha256.Size]byte
	jpeg []byte
}

// New makes a renderer that keeps its compiled program in the user's cache folder, where there is one.
func New() *Renderer {
	dir, err := os.UserCacheDir()
	if err == nil {
		dir = filepath.Join(dir, "taphuan", "pdfium")
	}
	return &Renderer{dir: dir, idle: 2 * time.Minute, turn: make(chan struct{}, 1)}
}

// JPEG draws the first page of a PDF document. The same document is drawn once and remembered for a while. It gives up waiting for its
// turn when the context ends.
func (r *Renderer) JPEG(ctx context.Context, pdf []byte) ([]byte, error) {
	sum := sha256.Sum256(pdf)
	if b := r.remembered(sum); b != nil {
		return b, nil
	}
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-r.turn }()
	if b := r.remembered(sum); b != nil { // whoever was before wanted the same
		return b, nil
	}
	b, err := r.draw(pdf)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	r.remember(sum, b)
	return b, nil
}

func (r *Renderer) draw(pdf []byte) ([]byte, error) {
	if r.away != nil {
		r.away.Stop()
	}
	if r.pool == nil {
		if err := r.start(); err != nil {
			return nil, err
		}
	}
	r.away = time.AfterFunc(r.idle, r.putAway)
	at, err := r.pool.GetInstance(time.Minute)
	if err != nil {
		return nil, err
	}
	defer at.Close()
	doc, err := at.OpenDocument(&requests.OpenDocument{File: &pdf})
	if err != nil {
		return nil, err
	}
	page, err := at.RenderPageInDPI(&requests.RenderPageInDPI{DPI: dpi, Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document}}})
	if err != nil {
		return nil, err
	}
	defer page.Cleanup()
	var b bytes.Buffer
	err = jpeg.Encode(&b, page.Result.Image, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// start compiles PDFium, which takes seconds and three hundred megabytes for a moment, or reads what was compiled before.
func (r *Renderer) start() error {
	config := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).WithMemoryLimitPages(pages)
	if r.cache = compiled(r.dir); r.cache != nil {
		config = config.WithCompilationCache(r.cache)
	}
	pool, err := webassembly.Init(webassembly.Config{MaxIdle: 1, MaxTotal: 1, RuntimeConfig: config, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard})
	if err != nil {
		return err
	}
	r.pool = pool
	debug.FreeOSMemory()
	return nil
}

// compiled is the folder of what was compiled before; nil where there is none and none can be made, as for a service without a home.
func compiled(dir string) wazero.CompilationCache {
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		return nil
	}
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil
	}
	return cache
}

// putAway gives the memory back, unless somebody draws.
func (r *Renderer) putAway() {
	select {
	case r.turn <- struct{}{}:
		r.stop()
		<-r.turn
	default: // the one who draws sets the clock anew
	}
}

func (r *Renderer) stop() {
	if r.pool != nil {
		_ = r.pool.Close() // what is left of it is garbage either way
		r.pool = nil
	}
	if r.cache != nil {
		_ = r.cache.Close(context.Background())
		r.cache = nil
	}
	debug.FreeOSMemory()
}

func (r *Renderer) remembered(sum [sha256.Size]byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, d := range r.recent {
		if d.sum == sum {
			r.recent = append(append(r.recent[:i], r.recent[i+1:]...), d)
			return d.jpeg
		}
	}
	return nil
}

func (r *Renderer) remember(sum [sha256.Size]byte, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.recent) == kept {
		r.recent = append(r.recent[:0], r.recent[1:]...)
	}
	r.recent = append(r.recent, drawn{sum, b})
}
