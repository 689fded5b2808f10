"""Whatever the description of the interface allows is answered as the description says."""

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from surfaces.web.conftest import DAY, Server

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12
REAL = {
    "/api/v1/brief": {"as_of": DAY},
    "/api/v1/figures": {"subject": "SPX", "as_of": DAY},
    "/api/v1/panel": {"subject": "SPX", "id": "refusal.state_3m", "as_of": DAY},
    "/api/v1/bars": {"symbol": "SPY", "as_of": DAY},
    "/api/v1/metrics": {},
    "/api/v1/status": {"as_of": DAY},
    "/api/v1/screen": {"universe": "NDX", "by": "dtc", "top": 3, "as_of": DAY},
    "/api/v1/study": {"claim": "refusal.state_3m=FLAT", "as_of": DAY},
    "/api/v1/theses": {"subject": "SPX", "as_of": DAY},
}


def test_no_request_breaks_the_server_or_the_description(server: Server) -> None:
    schema = schemathesis.openapi.from_url(f"{server.url}/api/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 13
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def conforms(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        conforms()


def test_real_answers_have_the_form_that_is_described(server: Server) -> None:
    schema = schemathesis.openapi.from_url(f"{server.url}/api/v1/openapi.json")
    for path, query in REAL.items():
        answer = schema[path]["GET"].Case(query=query).call_and_validate(checks=CHECKS)
        assert answer.status_code == 200, path
