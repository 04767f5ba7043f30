"""Every example of the description is accepted by the operation that it stands at."""

import re

from tests.api import Api
from tests.http.test_contract import fill

#: rules of faults that say no more than that the world of this test has not what the example names
_OF_THE_WORLD = re.compile(
    r"\.unknown$|^crosswalk\.missing$|^(agreement|project|partner|unit|officer)\.(not-found|unknown)"
)


def test_every_example_is_accepted(light_api: Api) -> None:
    token = fill(light_api)
    client = light_api.stranger()
    description = client.get("/openapi.json").json()
    refused: list[str] = []
    number = 0
    headers = {"Authorization": token, "If-Match": "*"}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            if "example" not in body:
                continue
            number += 1
            address = re.sub(r"\{\w+\}", "1", path)
            answer = client.request(method, address, json=body["example"], headers=headers)
            if answer.status_code == 422:
                faults = [each for each in answer.json()["errors"] if not _OF_THE_WORLD.search(each["rule"])]
                if faults:
                    refused.append(f"{method} {path} {body['example']}: {faults}")
            elif answer.status_code >= 400 and answer.status_code not in (404, 409):
                refused.append(f"{method} {path}: {answer.status_code} {answer.text}")
    assert number > 60
    assert refused == [], "\n".join(refused)
