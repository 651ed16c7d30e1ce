// Package bucket keeps documents outside of the database: in a folder, or in a store that speaks S3. A document that was put is there: it
// was read back, and from a folder's disk.
package bucket

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // folders
	_ "gocloud.dev/blob/s3blob"   // stores that speak S3
	"gocloud.dev/gcerrors"
)

// Bucket is an open bucket.
type Bucket struct {
	blobs *blob.Bucket
	where string
}

// How long the bucket may take for one document.
const (
	patienceGet = 15 * time.Second // somebody waits for it
	patiencePut = time.Minute
)

// defaults are the parameters of a URL that are set unless it says otherwise.
var defaults = map[string]map[string]string{
	// Files beside the document are of no use here, and another disk may hold the folder for temporary ones.
	"file": {"metadata": "skip", "no_tmp_dir": "true"},
	// Stores other than Amazon's ask for no region, and many know neither its host names nor its newer checksums.
	"s3": {"region": "us-east-1", "use_path_style": "true", "request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"},
}

// Open opens the bucket at the URL, file:///FOLDER or s3://BUCKET?endpoint=https://HOST (without endpoint: Amazon's). It looks whether the
// URL can be one, and whether the folder is there; a store is asked nothing yet. Keys come from where the AWS tools take them: the
// environment or a profile, never the URL.
func Open(ctx context.Context, address string) (*Bucket, error) {
	u, err := url.Parse(address)
	var q url.Values
	if err == nil {
		q, err = url.ParseQuery(u.RawQuery)
	}
	if err != nil || u.User != nil { // the parser's own words repeat the address
		return nil, errors.New("not the URL of a bucket: file:///FOLDER or s3://BUCKET?endpoint=https://HOST, with the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	where := u.Scheme + "://" + u.Host + u.Path
	if u.Scheme == "file" || q.Has("endpoint") {
		for k, v := range defaults[u.Scheme] {
			if !q.Has(k) {
				q.Set(k, v)
			}
		}
	}
	u.RawQuery = q.Encode()
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		// Without what else stands in the URL: it may be a key after all.
		return nil, fmt.Errorf("bucket %s: %s", where, strings.ReplaceAll(err.Error(), u.String(), where))
	}
	return &Bucket{blobs: b, where: where}, nil
}

// String says where the bucket is.
func (b *Bucket) String() string { return b.where }

// Close closes the bucket.
func (b *Bucket) Close() error { return b.blobs.Close() }

// Get reads a document. One that is not there is fs.ErrNotExist.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) {
	return b.get(ctx, key, nil)
}

func (b *Bucket) get(ctx context.Context, key string, o *blob.ReaderOptions) (body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, patienceGet)
	defer cancel()
	r, err := b.blobs.NewReader(ctx, key, o)
	if err == nil {
		var all bytes.Buffer
		_, err = all.ReadFrom(r)
		body, err = all.Bytes(), errors.Join(err, r.Close())
	}
	if gcerrors.Code(err) == gcerrors.NotFound {
		err = fmt.Errorf("%w: %v", fs.ErrNotExist, err)
	}
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %s: %w", b.where, key, err)
	}
	return body, nil
}

// Put writes a document, and reads it back: it is there when Put says so, also after the power has failed.
func (b *Bucket) Put(ctx context.Context, key string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, patiencePut)
	defer cancel()
	sum := md5.Sum(body)
	o := &blob.WriterOptions{ContentType: "application/octet-stream", ContentMD5: sum[:], BeforeWrite: func(as func(any) bool) error {
		var file *os.File
		if as(&file) {
			return file.Chmod(0o600)
		}
		return nil
	}}
	if err := b.blobs.WriteAll(ctx, key, body, o); err != nil {
		return fmt.Errorf("bucket %s: %s: %w", b.where, key, err)
	}
	got, err := b.get(ctx, key, &blob.ReaderOptions{BeforeRead: func(as func(any) bool) error {
		var file *os.File
		if as(&file) {
			return errors.Join(file.Sync(), syncFolder(filepath.Dir(file.Name())))
		}
		return nil
	}})
	if err == nil && !bytes.Equal(got, body) {
		err = fmt.Errorf("bucket %s: %s: reads otherwise than it was written", b.where, key)
	}
	return err
}

// syncFolder has the disk keep the names in a folder.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
