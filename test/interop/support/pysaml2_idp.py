# An identity provider made of pysaml2, which signs with xmlsec1. No login page: every browser is the person of the
# settings. First line on stdin: where keys and xmlsec1 are. Then POST /settings, GET /metadata, GET /sso.
import json
import os
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_UNSPECIFIED, NameID
from saml2.server import Server
from saml2.sigver import verify_redirect_signature

place = json.loads(sys.stdin.readline())
settings = {}


def make_server(url):
    policy = {"lifetime": {"minutes": 5}, "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}
    config = {
        "entityid": "urn:pysaml2.example",
        "key_file": place["key"],
        "cert_file": place["cert"],
        "xmlsec_binary": place["xmlsec1"],
        "service": {
            "idp": {
                "endpoints": {"single_sign_on_service": [(url + "/sso", BINDING_HTTP_REDIRECT)]},
                "policy": {"default": policy},
            }
        },
    }
    if "serviceProvider" in settings:
        config["metadata"] = {"inline": [settings["serviceProvider"]]}
    return Server(config=IdPConfig().load(config))


class IdentityProvider(BaseHTTPRequestHandler):
    def url(self):
        return "http://127.0.0.1:%d" % self.server.server_port

    def do_POST(self):
        settings.update(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.answer("application/json", "{}")

    def do_GET(self):
        address = urlsplit(self.path)
        if address.path == "/metadata":
            self.answer("application/xml", str(entity_descriptor(make_server(self.url()).config)))
        else:
            try:
                page = self.sign_in({k: v[0] for k, v in parse_qs(address.query).items()})
            except Exception:
                page = "<pre>" + traceback.format_exc() + "</pre>"
            self.answer("text/html", page)

    def sign_in(self, query):
        server = make_server(self.url())
        request = server.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT)
        self.verify_signature(server, query, request.message.issuer.text)
        destination = server.response_args(request.message, [BINDING_HTTP_POST])
        response = server.create_authn_response(
            settings["attributes"],
            in_response_to=request.message.id,
            destination=destination["destination"],
            sp_entity_id=request.message.issuer.text,
            name_id=NameID(format=NAMEID_FORMAT_UNSPECIFIED, text=settings["nameId"]),
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": "urn:pysaml2.example"},
            **settings["signing"],
        )
        form = server.apply_binding(
            BINDING_HTTP_POST, str(response), destination["destination"], query.get("RelayState"), response=True
        )
        return form["data"]

    # pysaml2 has the verifier of the Redirect binding, and leaves calling it to others.
    def verify_signature(self, server, query, entity_id):
        certs = server.metadata.certs(entity_id, "spsso", "signing")
        pems = [cert[1] if isinstance(cert, tuple) else cert for cert in certs]
        if not any(verify_redirect_signature(query, server.sec.sec_backend, pem) for pem in pems):
            raise ValueError("the request is not signed with a key of the service provider's metadata")

    def answer(self, content_type, text):
        body = text.encode("utf-8")
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# The test holds the other end of stdin: when it closes, the test has ended.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()

listening = HTTPServer(("127.0.0.1", 0), IdentityProvider)
print(listening.server_port, flush=True)
listening.serve_forever()
