"""An authority for one run, and the certificates that a provider may show: good ones and bad ones."""
import pathlib
import ssl
import subprocess


class Authorities:
    """Makes them all once, with openssl, in `folder`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        names = "DNS:localhost,IP:127.0.0.1"
        self._authority("trusted")
        self._authority("stranger")
        self.kinds = {"good": self._issue("good", "trusted", names),
                      "wrong-ca": self._issue("wrong-ca", "stranger", names),
                      "expired": self._issue("expired", "trusted", names, days="-1"),
                      "wrong-name": self._issue("wrong-name", "trusted", "DNS:elsewhere.example")}
        self.ca_file = self.folder / "trusted.pem"

    def _run(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def _key(self, name, *more):
        self._run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                  "-keyout", self.folder / f"{name}.key", *more)

    def _authority(self, name):
        self._key(name, "-x509", "-days", "2", "-out", self.folder / f"{name}.pem")

    def _issue(self, name, authority, names, days="2"):
        place, request, extra = self.folder / f"{name}.pem", self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        self._key(name, "-out", request)
        extra.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
        self._run("x509", "-req", "-in", request, "-CA", self.folder / f"{authority}.pem", "-CAkey",
                  self.folder / f"{authority}.key", "-CAcreateserial", "-days", days, "-extfile", extra, "-out", place)
        return place

    def shown(self, kind):
        """How a provider speaks TLS that shows the certificate of this kind."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.kinds[kind], self.kinds[kind].with_suffix(".key"))
        return context
