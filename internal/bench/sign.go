package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"

	"github.com/smallstep/pkcs7"

	"taphuan/app/signature"
	"taphuan/app/template"
)

// signCertificate draws and signs so many certificates with ECDSA on P-256, beside as many bare pages with a plain CMS
// signature over each that is put into no file.
func signCertificate(_ context.Context, _ *env, size int) (pair, error) {
	k, err := signature.NewDemoKey(template.Sample().IssuedAt, template.Sample().Issuer)
	if err != nil {
		return pair{}, err
	}
	return signedWith(k, size)
}

// signCertificateRSA is the same with RSA of 2048 bits.
func signCertificateRSA(_ context.Context, _ *env, size int) (pair, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return pair{}, err
	}
	at := template.Sample().IssuedAt
	own := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: template.Sample().SignName}, NotBefore: at.Add(-time.Hour), NotAfter: at.AddDate(3, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, own, own, private.Public(), private)
	if err != nil {
		return pair{}, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return pair{}, err
	}
	return signedWith(&signature.Key{Private: private, Certificate: c}, size)
}

func signedWith(k *signature.Key, size int) (pair, error) {
	s := template.Sample()
	look, err := standardTemplate()
	if err != nil {
		return pair{}, err
	}
	ours := func() error {
		for range size {
			b, err := look.Draw(s, template.Signed)
			if err != nil {
				return err
			}
			if _, err := signature.Sign(context.Background(), b, k, signature.Options{At: s.IssuedAt, Name: s.SignName}); err != nil {
				return err
			}
		}
		return nil
	}
	yardstick := func() error {
		for range size {
			b, err := barePage(s)
			if err != nil {
				return err
			}
			if err := plainCMS(b, k.Certificate, k.Private); err != nil {
				return err
			}
		}
		return nil
	}
	return pair{ours: side{run: ours}, yardstick: side{run: yardstick}}, nil
}

func plainCMS(b []byte, c *x509.Certificate, private crypto.PrivateKey) error {
	cms, err := pkcs7.NewSignedData(b)
	if err != nil {
		return err
	}
	cms.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := cms.AddSigner(c, private, pkcs7.SignerInfoConfig{}); err != nil {
		return err
	}
	cms.Detach()
	_, err = cms.Finish()
	return err
}
