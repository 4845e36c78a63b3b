"""The second reader's wire: one question to a chat endpoint in OpenAI's form, one answer with what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests
from pydantic import BaseModel, ValidationError

from ivigil.errors import SearchContext, TransportError
from ivigil.settings import SecondReader
from ivigil.sources.redact import Redactor

TIMEOUTS = (10.0, 90.0)
NAME = "second reader"
LONGEST_ANSWER = 20_000


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(BaseModel):
    """The fields of a chat completion that are read; a server may send more."""

    choices: list[_Choice]
    usage: _Usage = _Usage()


@dataclass(frozen=True)
class Reply:
    """What the model said, and what it cost (in the currency of the prices that are set; None where they are not)."""

    text: str
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None


def ask(reader: SecondReader, messages: list[dict[str, str]]) -> Reply:
    """Ask once.

    Raises:
        TransportError: no usable answer came; what it says holds no key.
    """
    key = reader.api_key.get_secret_value() if reader.api_key else ""
    redactor = Redactor([key])
    question = {
        "model": reader.model,
        "messages": messages,
        "temperature": 0,
        "response_format": {"type": "json_object"},
    }
    try:
        answer = requests.post(
            f"{reader.base_url}/chat/completions",
            json=question,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=TIMEOUTS,
            allow_redirects=False,  # a followed redirect would carry the key elsewhere
        )
        if answer.status_code != requests.codes.ok:
            said = " ".join(answer.text[:200].split())
            raise _failed(redactor, f"answered {answer.status_code}: {said}")
        found = _Completion.model_validate(answer.json())
        text = found.choices[0].message.content[:LONGEST_ANSWER]
    except requests.RequestException as error:
        failure = _failed(redactor, f"{type(error).__name__}: {error}")
    except (ValidationError, ValueError, IndexError) as error:
        failure = _failed(redactor, f"an answer that is no chat completion ({type(error).__name__})")
    else:
        usage = found.usage
        return Reply(redactor.text(text), usage.prompt_tokens, usage.completion_tokens, _cost(reader, usage))
    raise failure  # outside the handler: the library's error, which may hold the key, is not chained to it


def _cost(reader: SecondReader, usage: _Usage) -> float | None:
    if reader.input_price is None or reader.output_price is None:
        return None
    spent = (usage.prompt_tokens or 0) * reader.input_price + (usage.completion_tokens or 0) * reader.output_price
    return spent / 1_000_000


def _failed(redactor: Redactor, said: Any) -> TransportError:
    return TransportError(redactor.text(str(said)), context=SearchContext(NAME), hint="it is asked again next night")
