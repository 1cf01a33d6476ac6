"""The documented structure of exports, as JSON Schemas: the resource types with their arguments."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
TERRAFORM_ARGUMENTS = {
    "alicloud_ram_role": ({"role_name", "assume_role_policy_document"}, {"description"}),
    "alicloud_ram_policy": ({"policy_name", "policy_document"}, {"description", "rotate_strategy"}),
    "alicloud_ram_user_policy_attachment": ({"user_name", "policy_name", "policy_type"}, set()),
    "alicloud_ram_group_policy_attachment": ({"group_name", "policy_name", "policy_type"}, set()),
    "alicloud_ram_role_policy_attachment": ({"role_name", "policy_name", "policy_type"}, set()),
    "alicloud_resource_manager_control_policy": (
        {"control_policy_name", "effect_scope", "policy_document"},
        {"description"},
    ),
    "alicloud_resource_manager_control_policy_attachment": ({"policy_id", "target_id"}, {"//"}),
}
ROS_PROPERTIES = {
    "ALIYUN::RAM::Role": ({"RoleName", "AssumeRolePolicyDocument"}, {"Description"}),
    "ALIYUN::RAM::ManagedPolicy": ({"PolicyName", "PolicyDocumentUnchecked"}, {"Description"}),
    "ALIYUN::RAM::AttachPolicyToUser": ({"UserName", "PolicyName", "PolicyType"}, set()),
    "ALIYUN::RAM::AttachPolicyToGroup": ({"GroupName", "PolicyName", "PolicyType"}, set()),
    "ALIYUN::RAM::AttachPolicyToRole": ({"RoleName", "PolicyName", "PolicyType"}, set()),
    "ALIYUN::ResourceManager::ControlPolicy": (
        {"ControlPolicyName", "EffectScope", "PolicyDocument"},
        {"Description"},
    ),
    "ALIYUN::ResourceManager::ControlPolicyAttachment": ({"PolicyId", "TargetId"}, set()),
}
MAPS = {"AssumeRolePolicyDocument", "PolicyDocumentUnchecked"}


def arguments(required: set[str], optional: set[str], more: dict[str, Any]) -> dict[str, Any]:
    """The schema of one resource's arguments."""
    shapes = {name: {"type": "object"} if name in MAPS else TEXT for name in required | optional}
    shapes |= {"PolicyId": {"type": "object"}} if "PolicyId" in shapes else {}
    return {
        "type": "object",
        "required": sorted(required),
        "properties": shapes | more,
        "additionalProperties": False,
    }


NAMES = {"type": "array", "items": TEXT, "minItems": 1}
META = {"depends_on": NAMES, "provider": TEXT}
TERRAFORM = {
    "type": "object",
    "required": ["//", "terraform", "resource"],
    "additionalProperties": False,
    "properties": {
        "//": {"type": "object"},
        "terraform": {"required": ["required_version", "required_providers"]},
        "provider": {"properties": {"alicloud": {"type": "array", "items": {"required": ["alias"]}}}},
        "import": {"items": {"required": ["to", "id"], "properties": {"to": TEXT, "id": TEXT}}},
        "resource": {
            "additionalProperties": False,
            "properties": {
                "terraform_data": {"additionalProperties": {"required": ["depends_on"]}},
                **{
                    kind: {
                        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
                        "additionalProperties": arguments(*names, META),
                    }
                    for kind, names in TERRAFORM_ARGUMENTS.items()
                },
            },
        },
    },
}
ROS = {
    "type": "object",
    "required": ["ROSTemplateFormatVersion", "Resources"],
    "additionalProperties": False,
    "properties": {
        "ROSTemplateFormatVersion": {"const": "2015-09-01"},
        "Description": TEXT,
        "Metadata": {"type": "object"},
        "Resources": {
            "propertyNames": {"pattern": "^[A-Za-z][A-Za-z0-9]*$"},
            "additionalProperties": {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["Type", "Properties"],
                        "additionalProperties": False,
                        "properties": {
                            "Type": {"const": kind},
                            "Properties": arguments(*names, {}),
                            "DependsOn": NAMES,
                        },
                    }
                    for kind, names in ROS_PROPERTIES.items()
                ]
            },
        },
    },
}
