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

	"taphuan/app/certificate"
	"taphuan/app/signature"
)

// signCertificate draws and signs so many certificates with ECDSA on P-256, beside as many bare pages with a plain CMS
// signature over each that is put into no file.
func signCertificate(_ context.Context, _ *env, size int) (pair, error) {
	k, err := signature.NewDemoKey(snapshot().IssuedAt, snapshot().Issuer)
	if err != nil {
		return pair{}, err
	}
	return signedWith(k, size), nil
}

// signCertificateRSA is the same with RSA of 2048 bits.
func signCertificateRSA(_ context.Context, _ *env, size int) (pair, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return pair{}, err
	}
	at := snapshot().IssuedAt
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: snapshot().SignName}, NotBefore: at.Add(-time.Hour), NotAfter: at.AddDate(3, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return pair{}, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return pair{}, err
	}
	return signedWith(&signature.Key{Private: private, Certificate: c}, size), nil
}

func signedWith(k *signature.Key, size int) pair {
	s := snapshot()
	ours := func() error {
		for range size {
			b, err := certificate.Render(s)
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
	return pair{ours: side{run: ours}, yardstick: side{run: yardstick}}
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
