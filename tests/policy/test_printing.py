"""Policies as they are written: one canonical form, letter by letter."""

from __future__ import annotations

import pytest

from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.printing import print_document

CONTROL = """{
  "Version": "1",
  "Statement": [
    {
      "Sid": "größe",
      "Effect": "Deny",
      "NotAction": "ecs:*",
      "NotResource": [
        "acs:ecs:*:*:image/*",
        "acs:oss:*:*:b"
      ],
      "Condition": {
        "ForAllValues:StringEquals": {
          "ram:ServiceNames": [
            "a",
            "b"
          ]
        },
        "StringEquals": {
          "acs:SourceVpc": "ü",
          "acs:AccessId": "x"
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": [
        "ecs:*",
        "vpc:*"
      ],
      "Resource": "*",
      "Condition": {}
    }
  ]
}"""
TRUST = """{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "RAM": [
          "acs:ram::1:root",
          "acs:ram::2:user/a"
        ],
        "Service": [
          "ecs.aliyuncs.com"
        ],
        "Federated": [
          "acs:ram::1:saml-provider/x"
        ]
      },
      "Action": "sts:AssumeRole",
      "Resource": "*"
    },
    {
      "Effect": "Deny",
      "Principal": {
        "Service": [
          "ecs.aliyuncs.com"
        ]
      },
      "Action": "sts:AssumeRole"
    }
  ]
}"""


@pytest.mark.parametrize(("text", "kind"), [(CONTROL, PolicyKind.CONTROL), (TRUST, PolicyKind.TRUST)])
def test_what_is_in_canonical_form_is_written_back_as_it_was(text: str, kind: PolicyKind) -> None:
    document = parse(text, kind)
    assert print_document(document) == text
    compact = print_document(document, compact=True)
    assert compact == text.replace("\n", "").replace("  ", "").replace('": ', '":')
    assert print_document(parse(compact, kind)) == text


def test_tests_under_one_operator_stand_together_and_one_text_stands_alone() -> None:
    text = """{"Statement": [{"Resource": ["*"], "Sid": "", "Action": ["ecs:*"], "Effect": "Allow",
        "Condition": {"Bool": {"acs:MFAPresent": ["true"]}, "StringLike": {"acs:SourceVpc": "v"}}}],
        "Version": "1"}"""
    assert print_document(parse(text, PolicyKind.IDENTITY), compact=True) == (
        '{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:*","Resource":"*","Condition":'
        '{"Bool":{"acs:MFAPresent":"true"},"StringLike":{"acs:SourceVpc":"v"}}}]}'
    )
