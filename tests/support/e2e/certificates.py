"""Certificates of every kind for 127.0.0.1, and a server that shows one."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


class Authority:
    """An authority of the tests' own; `root` is what a machine must know to believe it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("The Tests' Authority")
        self._root = _certificate(self._name, self._key, self._name, self._key, days=10, host=None)
        self.root = folder / "root.pem"
        self.root.write_bytes(self._root.public_bytes(serialization.Encoding.PEM))

    def signed(self, *, days: int, host: str = "127.0.0.1") -> ssl.SSLContext:
        """A server's context with a certificate that is valid for so many more days."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(_name("server"), key, self._name, self._key, days=days, host=host)
        return self._context(made, key)

    def self_signed(self) -> ssl.SSLContext:
        """A server's context with a certificate that nobody has signed but itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(_name("server"), key, _name("server"), key, days=90, host="127.0.0.1")
        return self._context(made, key)

    def _context(self, made: x509.Certificate, key: Key) -> ssl.SSLContext:
        file = self._folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@asynccontextmanager
async def showing(context: ssl.SSLContext) -> AsyncIterator[str]:
    """The https address of a server that shows this certificate."""

    async def end(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(end, "127.0.0.1", 0, ssl=context)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)  # a client that says no
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, key: Key, issuer: x509.Name, signer: Key, *, days: int, host: str | None
) -> x509.Certificate:
    until = datetime.now(UTC) + timedelta(days=days, hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=365))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if host is None:
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        made = made.add_extension(usage, critical=True)
    else:
        names = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)]
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        made = made.add_extension(identifier, critical=False)
    return made.sign(signer, hashes.SHA256())
