package bucket_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taphuan/app/bucket"
)

// gateway is a server that speaks S3 (Versity's gateway over a folder), installed with Go's own tools where it is not yet.
const gateway = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

const accessKey, secretKey = "taphuan-test", "a-key-of-nobody"

// serveS3 serves one bucket, "giay-chung-nhan", from a folder, and gives the address and the folder.
func serveS3(t *testing.T) (address, folder string) {
	t.Helper()
	dir := t.TempDir()
	install := exec.Command("go", "install", gateway)
	install.Dir = dir
	install.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=", "CGO_ENABLED=0")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	folder, side := filepath.Join(dir, "data", "giay-chung-nhan"), filepath.Join(dir, "side")
	for _, d := range []string{folder, side} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 { // the port may be another's by the time the gateway asks for it
		if address = gatewayAt(t, filepath.Join(dir, "versitygw"), "--sidecar", side, filepath.Dir(folder)); address != "" {
			return address, folder
		}
	}
	t.Fatal("the gateway does not start")
	return "", ""
}

// gatewayAt starts the gateway on a port that is free, and gives "" where it ended at once.
func gatewayAt(t *testing.T, program string, posix ...string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	server := exec.Command(program, append([]string{"--access", accessKey, "--secret", secretKey, "--port", address, "--quiet", "posix"}, posix...)...)
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var status error
	go func() { status = server.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = server.Process.Kill()
		<-ended
	})
	for {
		res, err := http.Get("http://" + address)
		if err == nil {
			err = res.Body.Close()
		}
		select {
		case <-ended:
			t.Logf("the gateway ended: %v\n%s", status, &said)
			return ""
		case <-time.After(20 * time.Millisecond):
			if err == nil {
				return address
			}
		}
	}
}

func TestAStoreThatSpeaksS3KeepsDocuments(t *testing.T) {
	address, folder := serveS3(t)
	t.Setenv("AWS_ACCESS_KEY_ID", accessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	url := "s3://giay-chung-nhan?endpoint=http://" + address
	b, err := bucket.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	keeps(t, b)
	if file, err := os.ReadFile(filepath.Join(folder, "key")); err != nil || string(file) != body {
		t.Errorf("the gateway has kept %q: %v", file, err)
	}
	elsewhere, err := bucket.Open(t.Context(), "s3://khong-co?endpoint=http://"+address)
	if err != nil {
		t.Fatal(err)
	}
	if err := elsewhere.Put(t.Context(), "key", []byte(body)); err == nil {
		t.Error("a bucket that is not there has taken a document")
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "another")
	stranger, err := bucket.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Get(t.Context(), "key"); err == nil || errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "another") {
		t.Errorf("with a wrong key: %v", err)
	}
}

func TestAFolderKeepsDocuments(t *testing.T) {
	b, err := bucket.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	keeps(t, b)
}

const body = "%PDF-1.7 …"

func keeps(t *testing.T, b *bucket.Bucket) {
	t.Helper()
	if _, err := b.Get(t.Context(), "key"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before it was put: %v", err)
	}
	for range 2 { // a second time as well: who was broken off puts it again
		if err := b.Put(t.Context(), "key", []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := b.Get(t.Context(), "key"); err != nil || string(got) != body {
		t.Errorf("%q: %v", got, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoBucketIsRefusedWithoutRepeatingKeys(t *testing.T) {
	for _, url := range []string{"", "/srv/x", "gs://x", "s3://", "file:///no/such/folder", "s3://key:geheim@x", "s3://x?secret=geheim", "s3://x?endpoint=%zzgeheim", "file:///tmp?x=geheim"} {
		if b, err := bucket.Open(t.Context(), url); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v %v", url, b, err)
		}
	}
}
