"""A mail server for tests: aiosmtpd on a loopback port of its own, which delivers into a folder.

It refuses everybody whose name begins with "khongco" for good and everybody whose name begins with "ban" for now, keeps whoever writes to
a name that begins with "cham" for the first time waiting for its answer after it has delivered, and ends with its standard input.
"""
import asyncio, os, ssl, sys

from aiosmtpd.smtp import AuthResult, SMTP

folder, security, certificate, user, password = sys.argv[1:6]


class Handler:
    count = 0
    kept = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("khongco"):
            return "550 5.1.1 khong co hop thu nay"
        if address.startswith("ban"):
            return "451 4.2.1 hop thu dang ban"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = os.path.join(folder, "%06d.eml" % self.count)
        with open(path + ".part", "wb") as f:
            f.write(envelope.content)
        os.rename(path + ".part", path)
        for address in envelope.rcpt_tos:
            if address.startswith("cham") and address not in self.kept:
                self.kept.add(address)
                await asyncio.sleep(3600)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    ok = data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=ok, handled=ok)


async def main():
    handler, options, tls = Handler(), {}, None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
    if security == "starttls":
        options.update(tls_context=tls, require_starttls=True)
    if user:
        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=security == "starttls")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True, loop=loop, **options), "127.0.0.1", 0, ssl=tls if security == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
