"""The error answers of the resource directory.

Source: OpenAPI metadata of ResourceManager 2020-03-31 and ResourceDirectoryMaster 2022-04-19.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api.operation import Fault

PageNumber = Annotated[int, msgspec.Meta(ge=1, le=200000)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=100)]

DIRECTORY_EXISTS = Fault(
    409,
    "EntityAlreadyExists.ResourceDirectory",
    "The resource directory for the account is already enabled. "
    "We recommend that you do not enable the resource directory again.",
)
IN_ANOTHER_DIRECTORY = Fault(
    409,
    "NotSupport.AccountInAnotherResourceDirectory",
    "The specified account is an Alibaba Cloud account or already exists in another resource directory.",
)
DIRECTORY_NOT_IN_USE = Fault(
    404,
    "ResourceDirectoryNotInUse",
    "The specified account is not an Alibaba Cloud account or a member account of the resource directory.",
)
NO_DIRECTORY = Fault(
    404,
    "EntityNotExists.ResourceDirectory",
    "The resource directory for the account is not enabled. "
    "We recommend that you first enable the resource directory for the account.",
)
MEMBER_DENIED = Fault(
    403, "MemberAccountAccessDenied", "The member account is not allowed to perform the operation."
)
ENABLE_MODE = Fault(400, "InvalidParameter.EnableMode", "The EnableMode is invalid.")

NO_FOLDER = Fault(404, "EntityNotExists.Folder", "The resource directory folder does not exist.")
FOLDER_NAME = Fault(400, "InvalidParameter.Folder.Name", "The Name of folder is invalid.")
FOLDER_NAME_LENGTH = Fault(
    400, "InvalidParameter.Folder.Name.Length", "The Name of folder exceeds the length limit."
)
FOLDER_NAME_USED = Fault(
    400,
    "InvalidParameter.Folder.Name.AlreadyUsed",
    "The name already exists under the same parent. Please change to another name.",
)
FOLDER_DEPTH = Fault(409, "LimitExceeded.Folder.Depth", "The folder depth exceeds the limit of 5.")
FOLDER_COUNT = Fault(409, "QuotaExceeded.Folder.Count", "The number of folders exceeds the quota.")
FOLDER_HELD_BY_FOLDER = Fault(409, "DeleteConflict.Folder.SubFolder", "This folder has sub folders.")
FOLDER_HELD_BY_ACCOUNT = Fault(409, "DeleteConflict.Folder.Account", "This folder has accounts.")
FOLDER_ID = Fault(400, "InvalidParameter.FolderId", "The FolderId is invalid.")

NO_ACCOUNT = Fault(404, "EntityNotExists.Account", "This resource directory account does not exist.")
DISPLAY_NAME = Fault(400, "InvalidParameter.Account.DisplayName", "The DisplayName of account is invalid.")
DISPLAY_NAME_LENGTH = Fault(
    400,
    "InvalidParameter.Account.DisplayName.Length",
    "The DisplayName of the account exceeds the length limit.",
)
DISPLAY_NAME_USED = Fault(
    409, "InvalidParameter.Account.DisplayName.AlreadyUsed", "The displayname of account has been used."
)
NAME_PREFIX = Fault(400, "InvalidParameter.Account.AccountNamePrefix", "The account name prefix is invalid.")
ACCOUNT_LIMIT = Fault(
    409,
    "LimitExceeded.Account",
    "The maximum number of member accounts in a resource directory exceeds the limit.",
)
ALREADY_THERE = Fault(
    409, "AccountTypeOrStatusMismatch", "You cannot perform the action on the member account."
)

NOT_ENABLED = Fault(
    409,
    "InvalidControlPolicyEnablementStatus",
    "The control policy enablement status is not valid to perform this operation.",
)
NO_POLICY = Fault(404, "EntityNotExists.ControlPolicy", "The control policy does not exist.")
POLICY_EXISTS = Fault(409, "EntityAlreadyExists.ControlPolicy", "The control policy already exists.")
POLICY_NAME = Fault(
    400,
    "InvalidParameter.PolicyName.InvalidChars",
    "The policy name contains invalid characters. "
    "It must only contain upper or lower case letters, numbers, and dash (-).",
)
POLICY_NAME_LENGTH = Fault(
    400,
    "InvalidParameter.PolicyName.Length",
    "The length of the policy name is invalid. It must be 1 to 128 characters in length.",
)
DESCRIPTION_LENGTH = Fault(
    400,
    "InvalidParameter.Description.Length",
    "The maximum length of the description is exceeded. It must not exceed 1024 characters.",
)
DOCUMENT_LENGTH = Fault(
    409,
    "InvalidParameter.PolicyDocument.Length",
    "The maximum length of the policy document is exceeded. It must not exceed 4096 characters.",
)
NEW_DOCUMENT_LENGTH = Fault(
    400,
    "InvalidParameter.NewPolicyDocument.Length",
    "Unable to save your policy. A policy contains a maximum of 4096 characters.",
)
MALFORMED_POLICY = Fault(400, "MalformedPolicyDocument", "{detail}")
EFFECT_SCOPE = Fault(400, "InvalidParameter.EffectScope", "The EffectScope is invalid.")
POLICY_TYPE = Fault(400, "InvalidParameter.PolicyType", "The specified policy type is invalid.")
POLICY_LIMIT = Fault(409, "LimitExceeded.ControlPolicy", "The maximum number of policies is exceeded.")
SYSTEM_POLICY = Fault(
    409, "NotSupport.SystemControlPolicy", "A system control policy cannot be changed or deleted."
)
POLICY_HELD = Fault(
    409,
    "DeleteConflict.ControlPolicy.Attachment",
    "The control policy cannot be attached to any target when you delete it.",
)
NO_TARGET = Fault(
    404, "EntityNotExists.Target", "The specified target does not exist in the resource directory."
)
ATTACHED_ALREADY = Fault(
    409,
    "EntityAlreadyExists.ControlPolicyAttachment",
    "The control policy has already been attached to the target.",
)
NOT_ATTACHED = Fault(
    404,
    "EntityNotExists.ControlPolicyAttachment",
    "The control policy is not attached to the target.",
)
ATTACHMENT_LIMIT = Fault(
    409,
    "LimitExceeded.ControlPolicyAttachment",
    "The maximum number of control policies that can be attached to the target is exceeded.",
)
LAST_POLICY = Fault(
    400,
    "NotSupport.DetachLastControlPolicy",
    "It is not detach the last control policy on the target node.",
)


def doc(name: str) -> str:
    """The page of an operation."""
    base = "https://help.aliyun.com/zh/resource-management/resource-directory/developer-reference"
    return f"{base}/api-resourcedirectorymaster-2022-04-19-{name.lower()}"
