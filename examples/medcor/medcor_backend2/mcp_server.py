"""The FastMCP server: tools over medcor_backend2, for assistants that speak the Model Context Protocol (at /mcp)."""

import json
import os
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

from dotenv import load_dotenv
from fastmcp import FastMCP
from fastmcp.exceptions import ToolError
from starlette.requests import Request
from starlette.responses import JSONResponse

load_dotenv(Path(__file__).with_name(".env"))
BACKEND = os.environ["BACKEND2_URL"]
mcp = FastMCP("medcor")


@mcp.tool
def list_clinics() -> list[dict]:
    """The clinics, each with the name by which its appointments are asked for."""
    return ask("/api/clinics/")


@mcp.tool
def list_appointments(clinic: str) -> list[dict]:
    """The appointments of one clinic, the earliest first."""
    return ask(f"/api/clinics/{quote(clinic, safe='')}/appointments/")


@mcp.custom_route("/health", methods=["GET"])
async def health(_request: Request) -> JSONResponse:
    return JSONResponse({"ok": True})


def ask(path):
    try:
        with urlopen(f"{BACKEND}{path}", timeout=10) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise ToolError(f"medcor_backend2 answers {error.code} for {path}") from error


if __name__ == "__main__":
    # Without sessions every call stands alone: nothing is lost when the server is restarted.
    mcp.run(
        transport="http",
        host="localhost",
        port=int(os.environ["MCP_PORT"]),
        stateless_http=True,
        json_response=True,
        show_banner=False,
    )
