"""A strict OpenID provider on loopback that misbehaves on order::

with Provider() as provider:
    provider.claims["roles"] = ["earmark-officer"]
    provider.order = "wrong-nonce"      # the next sign-in is answered so
"""

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import anyio
import uvicorn
from joserfc import jwk, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

CLIENT, SECRET = "earmark", "s3cret of the client"


class Provider:
    """The provider; whoever comes is the person of ``claims``."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        # whoever comes before the thread is there waits at the door instead of being turned away
        self._socket.listen()
        self.issuer = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "first"})
        self.claims: dict[str, object] = {"sub": "s-1", "preferred_username": "anna"}
        #: what is to go wrong; empty: nothing
        self.order = ""
        #: paths that were asked, in their order
        self.seen: list[str] = []
        self.let_go = threading.Event()
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: set[str] = set()
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._userinfo),
            ]
        )
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go.set()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def new_key(self) -> None:
        """Signs with another key from now on."""
        self.key = jwk.RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    def _discovery(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        issuer = self.issuer + ("/other" if self.order == "wrong-discovery" else "")
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token",
                "jwks_uri": self.issuer + "/keys",
                "userinfo_endpoint": self.issuer + "/userinfo",
                "end_session_endpoint": self.issuer + "/logout",
                "authorization_response_iss_parameter_supported": True,
            }
        )

    def _keys(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        return JSONResponse({"keys": [self.key.as_dict(private=False, use="sig")]})

    def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        if query.get("code_challenge_method") != "S256" or query.get("client_id") != CLIENT or not query.get("nonce"):
            return Response("PKCE and a nonce are required", 400)
        if "openid" not in query["scope"].split():
            return Response("this is no OpenID request", 400)
        answer = {"state": query["state"], "iss": self.issuer}
        match self.order:
            case "denied":
                answer["error"] = "access_denied"
            case "no-iss":
                del answer["iss"]
            case "other-iss":
                answer["iss"] = "https://elsewhere.example.org"
        if "error" not in answer:
            answer["code"] = secrets.token_urlsafe(16)
            self._codes[answer["code"]] = query
        return RedirectResponse(query["redirect_uri"] + "?" + urlencode(answer))

    async def _token(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        if self.order == "redirect":
            return RedirectResponse(self.issuer + "/elsewhere", 307)
        form = await request.form()
        begun = self._codes.pop(str(form.get("code")), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        proof = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        if (
            begun is None
            or begun["redirect_uri"] != form.get("redirect_uri")
            or begun["code_challenge"] != challenge
            or form.get("grant_type") != "authorization_code"
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        self._tokens.add(access)
        return JSONResponse({"access_token": access, "token_type": "Bearer", "id_token": self._signed(begun["nonce"])})

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims,
        }  # fmt: skip
        key, header = self.key, {"alg": "RS256", "kid": str(self.key.kid)}
        match self.order:
            case "wrong-issuer":
                claims["iss"] = "https://elsewhere.example.org"
            case "wrong-audience":
                claims["aud"] = "somebody-else"
            case "two-audiences":
                claims["aud"] = [CLIENT, "somebody-else"]
            case "wrong-nonce":
                claims["nonce"] = "another"
            case "expired":
                claims["exp"] = now - 120
            case "from-the-future":
                claims["iat"] = now + 600
            case "no-end":
                del claims["exp"]
            case "wrong-key":
                key = jwk.RSAKey.generate_key(2048, {"kid": str(self.key.kid)})
            case "unknown-key":
                header["kid"] = "nobody has it"
            case "none":
                parts = ({"alg": "none"}, claims)
                return ".".join(_packed(part) for part in parts) + "."
            case "shared-secret":
                return jwt.encode({"alg": "HS256"}, claims, jwk.OctKey.import_key(SECRET * 2), ["HS256"])
            case "no-token":
                return "not a token"
        return jwt.encode(header, claims, key)

    async def _userinfo(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        if self.order == "slow":
            return _Dripping(self.let_go)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._tokens:
            return JSONResponse({"error": "invalid_token"}, 401)
        claims = {"email": "anna@example.org", **self.claims}
        return JSONResponse(claims | ({"sub": "somebody else"} if self.order == "other-subject" else {}))


class _Dripping(Response):
    """An answer that goes on until whoever asked has had enough, in small pieces that each come in time."""

    def __init__(self, let_go: threading.Event) -> None:
        super().__init__()
        self._let_go = let_go

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

        async def drip() -> None:
            while not self._let_go.is_set():
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await anyio.sleep(0.05)

        async with anyio.create_task_group() as both:
            both.start_soon(drip)
            while (await receive())["type"] != "http.disconnect":
                pass
            both.cancel_scope.cancel()


def _packed(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
