// A service worker that does nothing. That it can be registered shows that the browser trusts the server's certificate.
export {};
