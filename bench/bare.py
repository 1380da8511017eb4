"""The floor of GET /auth/me: a Litestar handler that verifies the same token, and nothing else.

python bench/bare.py PORT; the secret is in BENCH_SECRET, the issuer in BENCH_ISSUER.
"""

import os
import sys
from typing import Any

import jwt
import uvicorn
from litestar import Litestar, Request, get
from litestar.exceptions import NotAuthorizedException

_SECRET, _ISSUER = os.environ.get("BENCH_SECRET", ""), os.environ.get("BENCH_ISSUER", "")


@get("/auth/me")
async def me(request: Request[Any, Any, Any]) -> dict[str, str]:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(
            token,
            _SECRET,
            algorithms=["HS256"],
            audience="vectorshift-api",
            issuer=_ISSUER,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "sid", "jti"]},
        )
    except jwt.PyJWTError as error:
        raise NotAuthorizedException from error
    return {"id": claims["sub"]}


if __name__ == "__main__":
    app = Litestar([me], openapi_config=None)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", access_log=False)
